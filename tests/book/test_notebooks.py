"""What is committed: light notebooks, whose claimed numbers are kept and checked."""

import ast
import re
import subprocess
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))
CHECKED = "nbval-check-output"
WRITTEN_OUT = "from_scratch"  # the one page that shows all of its code, on purpose


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    notebook = nbformat.read(request.param, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_checked(cell):
    return CHECKED in cell.metadata.get("tags", [])


def test_checked_cells_hold_their_output(cells):
    # nbval passes a tagged cell that has nothing to compare with, and refuses one without a count
    kept = {cell.source: bool(cell.outputs and cell.execution_count) for cell in cells if is_checked(cell)}
    assert all(kept.values()), [source for source, ok in kept.items() if not ok]


def test_checked_output_is_short_text(cells):
    for cell in filter(is_checked, cells):
        for output in cell.outputs:
            kinds = set(output.get("data", {"text/plain": output.get("text")}))
            assert kinds == {"text/plain"}, cell.source
            assert len(str(output)) < 4_000, cell.source


def test_checked_output_has_numbers_where_it_could_say_true(cells):
    said = [output.get("text", "") for cell in filter(is_checked, cells) for output in cell.outputs]
    assert not [text for text in said if re.search(r"\b(True|False)\b", text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exercise_has_a_level_a_time_and_a_hint_before_its_solution(path):
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for exercise in re.split(r"^:::+\{exercise\}", text, flags=re.MULTILINE)[1:]:
        asked = exercise.split("{solution}")[0]
        assert asked != exercise, f"no solution: {exercise[:60]}"
        assert re.search(r"^\*(Easy|Medium|Hard), ", asked, flags=re.MULTILINE), asked[:60]
        assert re.search(r"^:::+\{(hint\}|admonition\} Hint)", asked, flags=re.MULTILINE), asked[:60]


def test_other_cells_are_committed_without_output(cells):
    assert not [cell.source for cell in cells if not is_checked(cell) and cell.outputs]


def test_no_cell_defines_a_function_longer_than_three_lines(cells, request):
    for cell in [] if WRITTEN_OUT in request.node.name else cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef | ast.Lambda | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < 3, cell.source


def test_no_tracked_file_is_over_300_kilobytes():
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]  # in a container another user owns the folder
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert not [path for path in paths if path.exists() and path.stat().st_size > 300_000]


def test_what_a_page_quotes_of_the_code_is_there():
    # the build would tell, minutes later
    quoted = 0
    for path in NOTEBOOKS:
        text = "\n".join(
            cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"
        )
        for name, options in re.findall(r"^`{3,}\{literalinclude\} (\S+)\n((?::.*\n)*)", text, re.MULTILINE):
            code = (path.parent / name).read_text()
            for line in re.findall(r"^:(?:start|end)-(?:at|after|before): (.*)$", options, re.MULTILINE):
                assert line.strip("\"'") in code, f"{path.name} quotes {name} from or to {line}"
            if ":language: python" in options:  # from its first line on, no end of a docstring before it
                assert ":start-at:" in options
            quoted += 1
    assert quoted
