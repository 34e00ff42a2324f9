"""A row belongs to what was computed: functions that differ share no row, equal ones do, in another process too."""

import enum
import functools
import importlib
import os
import re
import shutil
import subprocess
import sys
import threading
import types
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import special
from sweep_runs import product

import mfdepth as mf
from mfdepth.chapters import discretization
from mfdepth.sweep.fingerprint import fingerprint

FACTOR = 1


def scaled(a, k=1, shift=0):
    return {"y": k * a + shift}


def closure(k):
    return lambda a: {"y": k * a}


def with_factor(k):
    def run(a):
        return {"y": run.k * a}

    run.k = k
    return run


def decorated(k):
    @functools.wraps(scaled)
    def inner(a):
        return {"y": k * scaled(a)["y"]}

    return inner


@dataclass
class Scale:
    k: float

    def run(self, a):
        return {"y": self.k * a}

    def __call__(self, a):
        return {"y": self.k * a}


def defined(code, module="notebook"):
    """`run` as a cell of a notebook, or another module, defines it."""
    scope = {"__name__": module, "functools": functools}
    exec(code, scope)  # noqa: S102
    return scope["run"]


CELL = "def run(a): return {'y': a}"
OTHERS = {  # two functions of one name that compute different things, or may
    "partials": (functools.partial(scaled, k=10), functools.partial(scaled, k=100)),
    "positional partials": (functools.partial(product, 2), functools.partial(product, 3)),
    "partials of partials": (functools.partial(functools.partial(scaled, k=2), k=1), functools.partial(scaled, k=2)),
    "a partial and its function": (functools.partial(scaled, k=1), scaled),
    "closures": (closure(2), closure(3)),
    "closures over 1 and 1.0": (closure(1), closure(1.0)),
    "closures over 0.0 and -0.0": (closure(0.0), closure(-0.0)),
    "closures over arrays": (closure(np.arange(3)), closure(np.arange(3.0))),
    "closures over tensors": (closure(torch.zeros(2)), closure(torch.ones(2, requires_grad=True))),
    "closures over objects": (closure(Scale(1)), closure(Scale(2))),
    "closures over laws": (closure(mf.BesselLaw(2)), closure(mf.BesselLaw(3))),
    "closures over functions": (closure(closure(1)), closure(closure(2))),
    "closures over equal numbers of another type": (closure(np.zeros(2)), closure(np.zeros(2, int))),
    "closures over other shapes": (closure(np.zeros((2, 3))), closure(np.zeros((3, 2)))),
    "closures over large numbers": (closure(10**5000), closure(10**5000 + 1)),
    "closures over members of enums": (
        closure(enum.Enum("E", {"a": 1}).a),
        closure(enum.Enum("E", {"a": 1, "b": 2}).a),
    ),
    "functions with attributes": (with_factor(1), with_factor(2)),
    "bound methods": (Scale(1).run, Scale(2).run),
    "objects": (Scale(1), Scale(2)),
    "wrapped functions": (decorated(1), decorated(2)),
    "a wrapper and what it wraps": (decorated(1), scaled),
    "lambdas": (lambda a: {"y": a}, lambda a: {"y": a + 1}),
    "lambdas with other constants": (lambda a: {"y": a + 1}, lambda a: {"y": a + 2}),
    "lambdas with other names": (lambda a: {"y": np.sin(a)}, lambda a: {"y": np.cos(a)}),
    "other code": (defined(CELL), defined(CELL.replace("a}", "2 * a}"))),
    "other code inside": (
        defined("def run(a): return {'y': (lambda: 1)()}"),
        defined("def run(a): return {'y': (lambda: 2)()}"),
    ),
    "other defaults": (defined("def run(a, k=1): return {'y': a}"), defined("def run(a, k=2): return {'y': a}")),
    "other keyword defaults": (
        defined("def run(a, *, k=1): return {'y': a}"),
        defined("def run(a, *, k=2): return {'y': a}"),
    ),
    "another order of a dict": (closure({"x": 1, "y": 2}), closure({"y": 2, "x": 1})),
    "another order of a dict in a partial": (
        functools.partial(scaled, k={"x": 1, "y": 2}),
        functools.partial(scaled, k={"y": 2, "x": 1}),
    ),
    "another module": (defined(CELL), defined(CELL, "script")),
    "another global": (defined(f"K = 1\n{CELL[:-1]} * K}}"), defined(f"K = 2\n{CELL[:-1]} * K}}")),
    "another global in a function inside": (
        defined("K = 1\ndef run(a): return {'y': (lambda: K * a)()}"),
        defined("K = 2\ndef run(a): return {'y': (lambda: K * a)()}"),
    ),
    "another helper": (
        defined("def help(a): return a\ndef run(a): return {'y': help(a)}"),
        defined("def help(a): return -a\ndef run(a): return {'y': help(a)}"),
    ),
    "another cached helper": (
        defined("@functools.lru_cache\ndef help(a): return a\ndef run(a): return {'y': help(a)}"),
        defined("@functools.lru_cache\ndef help(a): return -a\ndef run(a): return {'y': help(a)}"),
    ),
    "another class": (
        defined("class C:\n  def f(self, a): return {'y': a}\nrun = C().f"),
        defined("class C:\n  def f(self, a): return {'y': -a}\nrun = C().f"),
    ),
    "another property": (
        defined("class C:\n  @property\n  def k(self): return 1\n  def f(self, a): return {'y': self.k}\nrun = C().f"),
        defined("class C:\n  @property\n  def k(self): return 2\n  def f(self, a): return {'y': self.k}\nrun = C().f"),
    ),
}


@pytest.mark.parametrize("one, two", OTHERS.values(), ids=OTHERS)
def test_functions_that_differ_share_no_row(one, two):
    assert fingerprint(one) != fingerprint(two)


SAME = {  # one function, made or met twice
    "partials": (functools.partial(scaled, k=1, shift=2), functools.partial(scaled, shift=2, k=1)),
    "partials of partials": (
        functools.partial(functools.partial(scaled, k=1), shift=2),
        functools.partial(scaled, k=1, shift=2),
    ),
    "closures": (closure([1, {"x": (2.0, None)}]), closure([1, {"x": (2.0, None)}])),
    "closures over sets": (closure(set("abcdefgh")), closure(set("hgfedcba"))),
    "closures over Fortran's order": (closure(np.ones((2, 3))), closure(np.ones((2, 3), order="F"))),
    "bound methods": (Scale(1).run, Scale(1).run),
    "comments": (defined(CELL), defined(f"# a comment\n\n{CELL}  # and another")),
    "a global that it does not name": (defined(CELL), defined(f"K = 1\n{CELL}")),
    "recursion": (defined("def run(a): return run(a - 1)"), defined("def run(a): return run(a - 1)")),
}


@pytest.mark.parametrize("one, two", SAME.values(), ids=SAME)
def test_a_function_that_is_made_again_finds_its_rows(one, two):
    assert fingerprint(one) == fingerprint(two)


def test_another_process_finds_the_same_digits():
    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import functools, mfdepth as mf, sweep_runs\n"
        "from mfdepth.sweep.fingerprint import fingerprint as f\n"
        "held = functools.partial(sweep_runs.product, b=[mf.BesselLaw(3), set('abcdef'), frozenset('uvwxyz')])\n"
        "print(f(held), f(mf.chapters.discretization.train_seeds), f(lambda a: a in {'x', 'y', 'z', 't'}))"
    )
    env = [os.environ | {"PYTHONHASHSEED": str(seed)} for seed in (1, 2)]
    said = [
        subprocess.run([sys.executable, "-c", code], env=e, capture_output=True, text=True, check=True) for e in env
    ]
    assert said[0].stdout == said[1].stdout and len(said[0].stdout) == 3 * 65


def test_running_a_function_leaves_its_digits():
    run = functools.partial(discretization.train_seeds, t=[0, 1], seeds=2)
    before = fingerprint(run)
    run(2, 4)
    assert fingerprint(run) == before


def test_two_partials_in_one_folder_have_their_own_rows(tmp_path):
    tables = [mf.sweep({"a": [1, 2]}, functools.partial(scaled, k=k), tmp_path, progress=False) for k in (10, 100, 10)]
    assert [list(table["y"]) for table in tables] == [[10, 20], [100, 200], [10, 20]]
    assert len(list(tmp_path.glob("scaled-*.json"))) == 4


def test_a_changed_global_is_noticed(tmp_path, monkeypatch):
    def run(a):
        return {"y": FACTOR * a}

    assert list(mf.sweep({"a": [1, 2]}, run, tmp_path, progress=False)["y"]) == [1, 2]
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert list(mf.sweep({"a": [1, 2]}, run, tmp_path, progress=False)["y"]) == [3, 6]


def test_a_module_beside_the_script_is_followed_where_the_function_names_it(monkeypatch):
    beside = types.ModuleType("beside")
    beside.__file__ = str(Path(__file__).with_name("beside.py"))
    beside.help, beside.other = scaled, scaled
    monkeypatch.setitem(sys.modules, "beside", beside)
    run = defined("def run(a): return beside.help(a)")
    run.__globals__["beside"] = beside
    before = fingerprint(run)
    beside.other = closure(1)
    assert fingerprint(run) == before
    beside.help = closure(1)
    assert fingerprint(run) != before


def test_a_module_that_the_function_imports_itself_is_followed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    run = defined("def run(a):\n  import numpy, imported_by_run\n  return imported_by_run.help(a)")
    seen = set()
    for factor in (1, 2):
        (tmp_path / "imported_by_run.py").write_text(f"def help(a): return {{'y': {factor} * a}}")
        sys.modules.pop("imported_by_run", None)
        importlib.invalidate_caches()
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
        seen.add(fingerprint(run))
        assert run(3) == {"y": 3 * factor}
    assert len(seen) == 2


def test_a_function_that_keeps_a_log_finds_its_rows(tmp_path):
    log = []

    def run(a):
        log.append(a)
        return {"y": a}

    for points in ([1, 2], [1, 2, 3], [3, 2, 1]):
        mf.sweep({"a": points}, run, tmp_path, progress=False)
    assert log == [1, 2, 3]


PLAIN = [1, 10**5000, 1j, "é", b"x", None, ..., slice(1, 2), range(3), {1: {2}}, frozenset([1]), np.float32(1)]
ARRAYS = [np.array(["a", None], dtype=object), np.zeros(2, [("x", "f8")]), torch.ones(2, dtype=torch.bfloat16)]
OBJECTS = [np.random.default_rng(0), torch.nn.Linear(1, 1), torch.float64, Path("x"), re.compile("x"), Scale]
OBJECTS += [enum.Enum("Colour", "red").red, threading.Lock(), threading.Event()]
NAMED = [np.sum, np.add, len, [].append, str.upper, mf.infinite_width, mf, special.jv]


@pytest.mark.parametrize("value", PLAIN + ARRAYS + OBJECTS + NAMED, ids=lambda value: type(value).__name__)
def test_what_a_function_may_hold(value):
    assert fingerprint(closure(value)) == fingerprint(closure(value)) != fingerprint(closure(0))


def test_what_has_no_value_is_refused_by_name(tmp_path):
    with open(__file__) as stream, pytest.raises(TypeError, match="the closure's 'k' of run is of type TextIOWrapper"):
        mf.sweep({"a": [1]}, closure(stream), tmp_path / "rows", progress=False)
    assert not (tmp_path / "rows").exists()
    endless = []
    endless.append(endless)
    assert fingerprint(closure(endless)) == fingerprint(closure(endless))
    for _ in range(2000):
        endless = [endless]
    with pytest.raises(TypeError, match="too deep to follow"):
        fingerprint(closure(endless))
