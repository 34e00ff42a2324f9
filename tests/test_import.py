"""What `import mfdepth` costs, and that the public names are those announced."""

import ast
import json
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import mfdepth


def test_importing_the_package_loads_no_heavy_library():
    heavy = "torch", "plotly", "ipywidgets", "anywidget", "pandas", "matplotlib"
    code = f"import sys, mfdepth; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_documented_with_an_example():
    # what a function returns is shown in the example of that function
    returned = "Trajectory", "Decomposition", "Interference", "ShallowBound", "ParametricNetwork", "TrainedNetwork"
    returned += (
        "GeneralCase",
        "GeneralRun",
        "UnstableMode",
        "SufficientWidth",
        "TrainedWidth",
        "ParticleRun",
        "PowerFit",
    )
    for name in mfdepth.__all__:
        words = getattr(mfdepth, name).__doc__
        assert ">>>" in words or (name in returned and len(words) > 60), name


def test_what_needs_a_heavy_library_is_loaded_when_first_used():
    code = "import sys, mfdepth; mfdepth.explorables; print('anywidget' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "True"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'deeper'"):
        mfdepth.deeper  # noqa: B018


ROOT = Path(__file__).parents[1]
# Top to bottom, as the house is built: a module imports only from rows above its own, or from its own row to the left.
ORDER = [
    "checks",
    "sphere",
    "bessel",
    "laws",
    "targets",
    "networks",
    "radial",
    "infinite",
    "finite",
    "discretization",
    "sampled",
    "shallow",
    "baselines",
    "general",
    "sweep",
    "drawing",
    "figures",
    "explorables",
    "__init__",
]


def floor(path):
    """The place of a module in ORDER; packages are one floor, and a module that is not named has a floor of its own."""
    name = path.relative_to(ROOT / "mfdepth").parts[0].removesuffix(".py")
    return ORDER.index(name) if name in ORDER else None


def imported(path):
    """The modules of this package that a file imports, as paths."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mfdepth" and node.level == 0:
            parts = node.module.split(".")[1:]
            for names in [parts] if parts else [[alias.name] for alias in node.names]:
                found = ROOT.joinpath("mfdepth", *names)
                yield found / "__init__.py" if found.is_dir() else found.with_suffix(".py")


MODULES = sorted((ROOT / "mfdepth").rglob("*.py"))


def test_imports_go_one_way():
    graph = {path: set(imported(path)) for path in MODULES}
    assert any(graph.values())
    for path, below in graph.items():
        for other in below:
            both = floor(path), floor(other)
            assert None in both or both[1] <= both[0], f"{path} imports {other}"
    assert tuple(TopologicalSorter(graph).static_order())  # raises CycleError where a module imports itself in the end


def test_no_module_is_over_300_lines():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert all(lines <= 300 for lines in lengths.values()), lengths


def test_every_public_name_names_a_chapter_that_exists():
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "book").glob("*.ipynb")]
    first = ["".join(book["cells"][0]["source"]).splitlines()[0] for book in notebooks]
    titles = {line.removeprefix("# ") for line in first if line.startswith("# ")}
    public = {name: getattr(mfdepth, name) for name in mfdepth.__all__}
    public |= {name: getattr(mfdepth.figures, name) for name in mfdepth.figures.__all__}
    named = {name: re.findall(r'See: the chapter "([^"]+)"', value.__doc__ or "") for name, value in public.items()}
    wrong = {name: found for name, found in named.items() if not found or not set(found) <= titles}
    assert not wrong, f"these docstrings name no chapter of {sorted(titles)}"
