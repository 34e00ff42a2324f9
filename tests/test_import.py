"""What `import mfdepth` costs, and that the public names are those announced."""

import ast
import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import mfdepth


def test_importing_the_package_loads_no_heavy_library():
    heavy = "torch", "plotly", "ipywidgets", "anywidget", "pandas", "matplotlib"
    code = f"import sys, mfdepth; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_documented_with_an_example():
    assert len(mfdepth.__all__) <= 45 and len(set(mfdepth.__all__)) == len(mfdepth.__all__)
    for name in mfdepth.__all__:
        words = getattr(mfdepth, name).__doc__
        assert ">>>" in words or (name == "Trajectory" and len(words) > 60), name


def test_laws_and_results_cannot_be_changed():
    rooms = [importlib.import_module(info.name) for info in pkgutil.walk_packages(mfdepth.__path__, "mfdepth.")]
    kept = {value for room in rooms for value in vars(room).values() if dataclasses.is_dataclass(value)}
    assert len(kept) > 20 and all(kind.__dataclass_params__.frozen for kind in kept)


def test_results_that_hold_arrays_are_compared_and_hashed_by_identity():
    rooms = [importlib.import_module(info.name) for info in pkgutil.walk_packages(mfdepth.__path__, "mfdepth.")]
    kept = {value for room in rooms for value in vars(room).values() if dataclasses.is_dataclass(value)}
    compared = {kind for kind in kept if kind.__eq__ is not object.__eq__}
    fields = {(kind.__name__, field.type) for kind in compared for field in dataclasses.fields(kind)}
    assert {name for name, held in fields if held in (Any, tuple)} <= {"Convergence"}  # in its tuple are floats
    run = mfdepth.infinite_width(mfdepth.BesselLaw(3), 1.0, -0.1, 0.5, [0, 1])
    assert len({run, run, dataclasses.replace(run)}) == 2


def test_every_public_signature_is_annotated():
    rooms = [mfdepth, mfdepth.figures, *(getattr(mfdepth.chapters, room) for room in mfdepth.chapters.ROOMS)]
    public = {f"{room.__name__}.{name}": getattr(room, name) for room in rooms for name in room.__all__}
    for owner, value in list(public.items()):
        if inspect.isclass(value):
            methods = {name: f for name, f in inspect.getmembers(value, inspect.isfunction) if name[0] != "_"}
            public |= {f"{owner}.{name}": f for name, f in methods.items()}
    bare = []
    for name, value in public.items():
        if inspect.isfunction(value):
            signature = inspect.signature(value)
            typed = [p.annotation for n, p in signature.parameters.items() if n != "self"]
            if inspect.Signature.empty in (*typed, signature.return_annotation):
                bare.append(name)
    assert not bare, "these signatures are not annotated"
    assert (PACKAGE / "py.typed").is_file()


def test_a_name_that_lives_in_a_chapter_says_where():
    for room in mfdepth.chapters.ROOMS:
        rooms = getattr(mfdepth.chapters, room)
        assert rooms.__all__ and all(hasattr(rooms, name) for name in rooms.__all__)
        for name in set(rooms.__all__) - set(mfdepth.__all__):
            with pytest.raises(AttributeError, match=rf"^mf\.{name} is mfdepth\.chapters\.{room}\.{name}: from"):
                getattr(mfdepth, name)


def test_what_needs_a_heavy_library_is_loaded_when_first_used():
    code = "import sys, mfdepth; mfdepth.explorables; print('anywidget' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "True"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'deeper'"):
        mfdepth.deeper  # noqa: B018


ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mfdepth"
MODULES = sorted(PACKAGE.rglob("*.py"))
CHAPTERS = {path.stem for path in (ROOT / "book").glob("*.ipynb")}
# Top to bottom, as the library is built: a module imports only from those before it.
LIBRARY = [
    "checks",
    "random",
    "sphere",
    "intervals",
    "bessel",
    "laws",
    "networks",
    "radius",
    "starts",
    "flow",
    "infinite",
    "rho",
    "finite",
    "sweep",
]


def place(path):
    """Where a module stands: its floor, and its room there."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] in LIBRARY:
        return "library", parts[0]
    if parts == ("__init__",):
        return "facade", ""
    assert parts[0] in ("chapters", "figures", "live"), f"{path} is on no floor: add it to LIBRARY, or move it"
    assert parts[0] == "live" or parts[1] in CHAPTERS | {"__init__", "style"}, f"{path} has the name of no chapter"
    return parts[0], parts[1]


def may_import(importer, imported):
    """The rule of the house, for two places."""
    (floor, room), (below, other) = importer, imported
    if floor == "library":
        return below == "library" and LIBRARY.index(other) <= LIBRARY.index(room)
    if floor == "chapters":
        return below == "library" or imported == ("chapters", room)
    if floor == "figures":
        return below == "library" or (below == "figures" and (other == "style" or room == "__init__"))
    return floor == "live" or below in ("library", "chapters")  # the facade


def imported(path):
    """The modules of this package that a file imports, as paths."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by dots"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "mfdepth":
                yield module(name.split(".")[1:])


def module(parts):
    """The file of a dotted name: a module, a package, or what one of them holds."""
    found = PACKAGE.joinpath(*parts)
    if found.with_suffix(".py").is_file():
        return found.with_suffix(".py")
    return found / "__init__.py" if found.is_dir() else module(parts[:-1])


def test_every_module_keeps_to_its_floor():
    wrong = []
    for path in MODULES:
        here = place(path)
        for other in imported(path):
            if not may_import(here, place(other)):
                wrong.append(f"{path.relative_to(ROOT)} imports {other.relative_to(ROOT)}")
    assert not wrong


def test_the_rule_of_the_house_refuses():
    library, chapter, figure = ("library", "rho"), ("chapters", "beyond"), ("figures", "beyond")
    assert may_import(library, ("library", "sphere")) and not may_import(library, ("library", "finite"))
    assert not any(may_import(library, other) for other in (chapter, figure, ("live", "circle"), ("facade", "")))
    assert may_import(chapter, library) and may_import(chapter, chapter)
    assert not any(
        may_import(chapter, x) for x in (("chapters", "bottleneck"), figure, ("live", "kit"), ("facade", ""))
    )
    assert may_import(figure, ("figures", "style")) and may_import(figure, library)
    assert not any(may_import(figure, x) for x in (chapter, ("figures", "bottleneck"), ("facade", "")))
    with pytest.raises(AssertionError, match="is on no floor"):
        place(PACKAGE / "helpers.py")
    with pytest.raises(AssertionError, match="has the name of no chapter"):
        place(PACKAGE / "figures" / "more.py")


def test_imports_go_one_way():
    graph = {path: set(imported(path)) for path in MODULES if path.name != "__init__.py"}
    assert any(graph.values())
    assert tuple(TopologicalSorter(graph).static_order())  # raises CycleError where a module imports itself in the end


def test_the_library_is_small():
    flat = [path for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]
    assert 10 <= len(flat) <= 14
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in flat) < 2300
    scripts = [path for path in PACKAGE.rglob("*.js")]
    long = [
        path.name for path in [*MODULES, *scripts] if any(len(s) > 120 for s in path.read_text("utf-8").splitlines())
    ]
    assert not long
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert all(lines <= 300 for lines in lengths.values()), lengths


ACROSS = {
    "chapters",
    "import",
    "install",
    "properties",
    "float32",
    "repeatable",
    "checks",
}  # tests of the whole, not of a module
BESIDE = {"finite_frame", "finite_heun", "sweep_fingerprint", "sweep_folder", "theorems"}  # further tests of one module


def test_tests_mirror_the_package():
    tests = [
        path for path in (ROOT / "tests").rglob("test_*.py") if path.parts[len(ROOT.parts) + 1] not in ("live", "book")
    ]
    named = {
        path.relative_to(ROOT / "tests").with_name(path.name.removeprefix("test_")).with_suffix("") for path in tests
    }
    modules = {path.relative_to(PACKAGE).with_suffix("") for path in MODULES}
    modules |= {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if (path / "__init__.py").is_file()}
    strays = {str(name) for name in named - modules if name.name not in ACROSS | BESIDE}
    assert not strays, "these tests are named like no module"


def test_every_public_name_names_a_chapter_that_exists():
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "book").glob("*.ipynb")]
    first = ["".join(book["cells"][0]["source"]).splitlines()[0] for book in notebooks]
    titles = {line.removeprefix("# ") for line in first if line.startswith("# ")}
    public = {name: getattr(mfdepth, name) for name in mfdepth.__all__}
    for room in (mfdepth.figures, *(getattr(mfdepth.chapters, room) for room in mfdepth.chapters.ROOMS)):
        public |= {f"{room.__name__}.{name}": getattr(room, name) for name in room.__all__}
    named = {name: re.findall(r'See: the chapter "([^"]+)"', value.__doc__ or "") for name, value in public.items()}
    wrong = {name: found for name, found in named.items() if not found or not set(found) <= titles}
    assert not wrong, f"these docstrings name no chapter of {sorted(titles)}"
