"""ES modules as one plain text: what anywidget, a web worker and V8 without a page take.

A script imports by name, `import { a, b } from "../kit/y.js";`, and a worker as text,
`import WORKER from "./worker.js" with { type: "text" };`. What else the grammar of modules allows is refused.
"""

import json
import re
from pathlib import Path

LIVE = Path(__file__).parents[1]
IMPORT = re.compile(r'^import (?:\{([^}]*)\}|(\w+)) from "([^"]+)"(?: with \{ type: "text" \})?;\n', re.MULTILINE)
DECLARED = re.compile(r"^(export )?((?:async )?(?:function\*?|const|let|class) )(\w+)", re.MULTILINE)
COMMENT = re.compile(r"^ *(?://.*|/\*\*(?:.|\n)*?\*/)\n", re.MULTILINE)


def bundle(*entries):
    """The joined text of scripts of `mfdepth/live` and of all they import: each file once, after those it needs.

    Without comments, `import` lines and the word `export`. Raises ValueError for a file that does not exist, a name
    that its file does not export, two files that declare one name, and what is none of the two kinds of import above.
    """
    texts, owner, exported = [], {}, {}

    def add(path):
        if path in exported:
            return
        exported[path] = set()
        text = IMPORT.sub(lambda match: imported(path, *match.groups()), COMMENT.sub("", path.read_text("utf-8")))
        for export, _, name in DECLARED.findall(text):
            if owner.setdefault(name, path) != path:
                raise ValueError(f"{path} and {owner[name]} both declare {name}: they cannot be joined")
            exported[path] |= {name} if export else set()
        text = DECLARED.sub(r"\2\3", text)
        if left := re.search(r"^(?:import|export)\b.*", text, re.MULTILINE):
            raise ValueError(f"{path} has a line that cannot be joined: {left.group()}")
        texts.append(text.strip())

    def imported(path, names, worker, place):
        target = (path.parent / place).resolve()
        if not target.is_file():
            raise ValueError(f"{path} imports {place}, and there is no such file")
        if worker:
            return f"const {worker} = {json.dumps(bundle(target))};\n"
        add(target)
        for name in filter(None, map(str.strip, names.split(","))):
            if name not in exported[target]:
                raise ValueError(
                    f"{path} imports {name} from {place}, which does not export it (or waits for {path.name})"
                )
        return ""

    for entry in entries:
        add((LIVE / entry).resolve())
    return "\n".join([*texts, ""])
