"""The reference chapter's tables: every name exists, every section that a slide is mapped to too."""

import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

import mfdepth as mf
from mfdepth.chapters import ROOMS
from mfdepth.chapters.convergence.plane import Plane

BOOK = Path(__file__).parents[2] / "book"
OBJECTS = {"law": mf.BesselLaw, "LimitLaw": mf.LimitLaw, "Plane": Plane, "Trajectory": mf.Trajectory}
SLIDES = [
    "Background: Depth Separation",
    "Our Results",
    "Outline",
    "Background: Mean-Field Networks",
    "Our Results: Multilayer Mean-Field Networks",
    "The Infinite-Width Dynamics",
    "Finite-Width Simulation",
    "poly(d)-width discretization",
    "poly(d)-width discretization (continued)",
    "poly(d)-width discretization (the operational aspect)",
    "Conclusion",
]  # the titles in the talk


def rows(title):
    """The cells of the table under a heading of the reference chapter."""
    notebook = nbformat.read(BOOK / "reference.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    section = text.split(f"## {title}")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def headings(name):
    notebook = nbformat.read(BOOK / name, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^#+ (.*)$", text, re.MULTILINE)


def test_every_name_in_the_notation_exists():
    names = [name for row in rows("What does a symbol mean?") for name in re.findall(r"`([\w.]+)`", row[1])]
    assert len(names) > 20
    for name in names:
        first, _, rest = name.partition(".")
        if first == "mf":
            assert hasattr(mf.explorables if rest.startswith("explorables.") else mf, rest.split(".")[-1]), name
        elif first in ROOMS:
            assert rest in import_module(f"mfdepth.chapters.{first}").__all__, name
        elif rest:
            fields = getattr(OBJECTS[first], "__dataclass_fields__", {})
            assert rest in fields or hasattr(OBJECTS[first], rest), name
        elif name[0].isupper():
            assert hasattr(mf, name), name


def test_every_slide_is_mapped():
    mapped = [row[0] for row in rows("Where is each slide explained?")]
    for title in SLIDES:
        assert any(slide == title or slide.startswith(f"{title},") for slide in mapped), title


@pytest.mark.parametrize("row", rows("Where is each slide explained?"), ids=lambda row: row[0])
def test_every_section_exists(row):
    title, name = re.fullmatch(r"\[(.*)\]\((\w+\.ipynb)\)", row[1]).groups()
    found = headings(name)
    assert found[0] == title
    assert set(row[2].split("; ")) <= set(found)
