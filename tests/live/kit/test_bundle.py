"""Joined scripts: in which order, without what, and what is refused; and that every figure's script is a module."""

import pytest

from mfdepth.live.kit.bundle import LIVE, bundle


@pytest.fixture
def write(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.js").write_text(text)
        return lambda *entries: bundle(*(tmp_path / f"{entry}.js" for entry in entries))

    return write


def test_each_file_is_taken_once_after_those_it_needs(write):
    text = write(
        a='// a\nimport { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\n\nfunction a() {\n  // why\n  return b + c;\n}\n',
        b='import { c } from "./c.js";\nexport const b = c;\n',
        c="/** The\n * last. */\nexport const c = 1; // not here\n",
    )("a", "c")
    assert text == "const c = 1; // not here\nconst b = c;\nfunction a() {\n  return b + c;\n}\n"


def test_a_worker_is_the_joined_text_of_its_own_entry(write):
    worker = 'import { twice } from "./twice.js";\nonmessage = ({ data }) => postMessage(twice(data));\n'
    joined = write(
        page='import { twice } from "./twice.js";\nimport WORKER from "./worker.js" with { type: "text" };\nstart(WORKER);\n',
        worker=worker,
        twice="export async function twice(x) {\n  return `${x}\\n` + 2 * x;\n}\n",
    )
    twice = "async function twice(x) {\n  return `${x}\\n` + 2 * x;\n}\n"
    assert joined("worker") == twice + worker.partition("\n")[2]
    assert joined("page").startswith(twice + 'const WORKER = "async function twice(x) {\\n  return `${x}\\\\n` + ')


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"b": "export const b = 1;\nfunction f() {}\n", "a": "class f {}\n"}, r"a.js and .*b.js both declare f"),
        ({"a": ""}, r"a.js imports ./b.js, and there is no such file"),
        ({"b": "const b = 1;\n", "a": ""}, r"a.js imports b from ./b.js, which does not export it"),
        ({"b": 'import { a } from "./a.js";\nexport const b = 1;\n', "a": "export const a = 1;\n"}, r"waits for b.js"),
        ({"b": "export const b = 1;\n", "a": 'import * as c from "./b.js";\n'}, r"cannot be joined: import \* as c"),
        ({"b": "export const b = 1;\n", "a": "export default b;\n"}, r"cannot be joined: export default b;"),
    ],
)
def test_what_cannot_be_joined_is_refused(write, files, words):
    with pytest.raises(ValueError, match=words):
        write(**files | {"a": 'import { b } from "./b.js";\n' + files["a"]})("a")


@pytest.mark.parametrize("script", sorted(LIVE.rglob("*.js")), ids=lambda script: script.stem)
def test_every_script_joins(script):
    text = bundle(script)
    assert text.count("\n") > 2 and "\nimport " not in text and "\nexport " not in text
