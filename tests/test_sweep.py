"""Sweeps: every combination once, values that come back equal, arrays on the grid, the same on a real Dask cluster."""

import collections
import datetime
import decimal
import enum
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from sweep_runs import fail_at_two, leave_a_mark, product, rho_of_seeds, stubborn_error

import mfdepth as mf


def runs(folder):
    return {name: len((folder / name).read_text()) for name in os.listdir(folder) if name.startswith("ran-")}


@pytest.mark.parametrize("jobs", [None, 2])
def test_rows_are_the_points_and_their_results(tmp_path, jobs):
    table = mf.sweep({"a": [1, 2, 3], "b": np.array([10, 20])}, product, tmp_path, jobs=jobs, progress=False)
    assert list(table["a"]) == [1, 1, 2, 2, 3, 3] and list(table["b"]) == [10, 20] * 3
    assert list(table["product"]) == [10, 20, 20, 40, 30, 60]
    assert table["vector"][5].tolist() == [0, 1, 2]


def test_pairs_of_settings_and_repeated_points():
    table = mf.sweep([{"a": 1, "b": 2}, {"a": 3}, {"b": 2, "a": 1}], product, progress=False)
    assert list(table["product"]) == [2, 3]


def test_the_order_of_a_dict_among_the_values_counts(tmp_path):
    def first(options, a=0):
        return {"first": next(iter(options))}

    orders = [{"x": 1, "y": 2}, {"y": 2, "x": 1}]
    assert list(mf.sweep({"options": orders}, first, tmp_path, progress=False)["first"]) == ["x", "y"]
    mf.sweep([{"a": 1, "options": orders[0]}], first, tmp_path, progress=False)
    mf.sweep([{"options": orders[0], "a": 1}], first, tmp_path, progress=False)  # that of the arguments does not
    assert len(list(tmp_path.iterdir())) == 3


LISTS = [[0, 1, 2], (0, 1, 2), range(3), np.arange(3), torch.arange(3), pd.Series([0, 1, 2]), {0: 1, 1: 1, 2: 1}.keys()]
LISTS += [np.arange(3.0).astype(np.float32), (a for a in range(3)), iter([0, 0, 1, 2])]


@pytest.mark.parametrize("values", LISTS, ids=lambda values: type(values).__name__)
def test_the_values_of_an_argument_come_in_any_ordered_list(values):
    assert list(mf.sweep({"a": values}, lambda a: {"y": a}, progress=False)["y"]) == [0, 1, 2]


@pytest.mark.parametrize("value", ["ab", 3, 2.5, True, None, 1j, np.int64(3), np.array(3), torch.tensor(3)])
def test_one_value_needs_no_list(value):
    table = mf.sweep({"a": [1, 2], "k": value}, lambda a, k: {"y": k}, progress=False)
    assert list(table["y"]) == list(table["k"]) == [value, value]


def test_a_finished_row_is_not_run_again(tmp_path):
    marks, rows = tmp_path / "marks", tmp_path / "rows"
    marks.mkdir()
    mf.sweep({"a": [1, 2], "folder": [str(marks)]}, leave_a_mark, rows, progress=False)
    table = mf.sweep({"folder": str(marks), "a": [1, 0, 2]}, leave_a_mark, rows, progress=False)
    assert list(table["square"]) == [1, 0, 4] and list(table)[:2] == ["folder", "a"]
    assert runs(marks) == {"ran-0": 1, "ran-1": 1, "ran-2": 1}


class Colour(enum.IntEnum):
    RED = 1


Pair = collections.namedtuple("Pair", "x y")
KEPT = {
    "numbers": [math.nan, math.inf, -math.inf, -0.0, 2**53 + 1, 2**200, 1e-320, True, False, None, Colour.RED],
    "complex": [1 + 2j, complex(math.nan, -0.0), np.complex64(1 - 2j)],
    "strings": ["", "größe α 日本", "a\0b\n", "\ud800", np.str_("x")],
    "scalars of NumPy": [np.float32(0.1), np.int8(-3), np.uint64(2**63), np.bool_(True), np.float16(0.5)],
    "scalars of torch": [torch.tensor(2), torch.tensor(0.5, requires_grad=True)],
    "nested": [(1, [2, (3,)]), {"x": {"y": (None,)}}, {1: "a", (2, None): 1.5}, {"(tuple)": [1]}, Pair(1, [2])],
    "empty": [[], {}, (), ""],
    "arrays": [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((0, 3), np.int8), np.arange(3, dtype=">f8")],
    "more arrays": [np.array([2**63], np.uint64), np.array([True, False]), np.array(["ab", "c"])],
    "arrays with NaN": [np.array([-0.0, np.nan, np.inf])],
    "complex arrays": [np.array([1 + 2j, complex(math.inf, math.nan)]), np.ones((2, 2), np.complex64)],
    "tensors": [torch.arange(3), torch.ones(2, requires_grad=True), torch.tensor([1j, 2]).conj()],
    "arrays in lists": [[np.arange(2), {"x": np.ones((1, 2))}]],
}


def equal(x, y):
    """Equal as numbers, sign of zero and NaN included; lists are no tuples, and an array has its type and shape."""
    if isinstance(y, torch.Tensor):
        y = y.detach().resolve_conj().numpy()[()]
    if isinstance(y, np.ndarray):
        return isinstance(x, np.ndarray) and x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    if isinstance(y, dict):
        return list(x) == list(y) and all(equal(x[key], y[key]) for key in y)
    if isinstance(y, (list, tuple)):
        return isinstance(x, list) == isinstance(y, list) and len(x) == len(y) and all(map(equal, x, y))
    if isinstance(y, (float, complex, np.inexact)):
        return np.array(x, complex).tobytes() == np.array(y, complex).tobytes()
    return x == y and isinstance(x, (bool, np.bool_)) == isinstance(y, (bool, np.bool_))


@pytest.mark.parametrize("values", KEPT.values(), ids=KEPT)
def test_what_goes_into_a_row_comes_out_equal(tmp_path, values):
    def run(i):
        return {"alone": values[i], "listed": [values[i]]}

    first, again = (mf.sweep({"i": range(len(values))}, run, tmp_path, progress=False) for _ in range(2))
    assert list(first.dtypes) == list(again.dtypes)
    for table in (first, again):
        for value, alone, listed in zip(values, table["alone"], table["listed"], strict=True):
            assert equal(alone, value) and equal(listed, [value])
        assert [type(x) for x in table["alone"]] == [type(x) for x in first["alone"]]


@pytest.mark.parametrize("values", KEPT.values(), ids=KEPT)
def test_what_a_point_holds_reaches_the_function_equal_and_finds_its_row(tmp_path, values):
    got = []

    def run(a):
        got.append(a)
        return {}

    for _ in range(2):
        table = mf.sweep([{"a": value} for value in values], run, tmp_path, progress=False)
        assert all(map(equal, got, values)) and all(map(equal, table["a"], values))
        assert len(got) == len(table) == len(values)


REFUSED = [
    {1, 2},
    b"x",
    object(),
    range(3),
    datetime.date(2026, 1, 1),
    decimal.Decimal(1),
    np.datetime64("2026"),
    pd.NA,
]
REFUSED += [
    np.array(["a", 1], object),
    np.longdouble(1),
    np.ma.array([1], mask=[1]),
    torch.ones(2, dtype=torch.bfloat16),
]
REFUSED += [pd.Series([1]), 10**5000, enum.Enum("E", "a").a]


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_what_would_not_come_back_is_refused_by_name(value):
    with pytest.raises(
        TypeError, match=r"a row must hold numbers, strings and arrays.*got for argument 'wrong' a value"
    ):
        mf.sweep([{"wrong": value}], lambda wrong: {}, progress=False)
    with pytest.raises(TypeError, match=r"a row must hold numbers, strings and arrays.*got for result 'wrong' a value"):
        mf.sweep({"a": 1}, lambda a: {"wrong": [value]}, progress=False)


def test_a_column_changes_no_value():
    values = {"none": [1.5, None], "words": ["a", None], "mixed": [1, 2.5], "large": [2**53 + 1, 0.5], "int": [1, 2]}
    table = mf.sweep({"i": [0, 1]}, lambda i: {name: pair[i] for name, pair in values.items()}, progress=False)
    assert {name: list(table[name]) for name in values} == values
    assert [table[name].dtype for name in ("mixed", "int", "large")] == [float, int, object]


def test_a_function_that_changes_its_arguments_changes_no_point(tmp_path):
    for _ in range(2):
        table = mf.sweep({"a": [[1, 2], [3]]}, lambda a: {"first": a.pop(0)}, tmp_path, progress=False)
        assert list(table["a"]) == [[1, 2], [3]] and list(table["first"]) == [1, 3]


def test_arrays_come_back_on_the_grid():
    def run(d, m1, k):
        return {"rho": np.array([[d, m1, k]] * 2), "sum": d + m1}

    table = mf.sweep({"d": [3, 5, 4], "m1": (10, 20), "k": 7}, run, progress=False)
    assert table.array("rho").shape == (3, 2, 2, 3) and table.array("rho")[1, 1, 0].tolist() == [5, 20, 7]
    assert table.array("sum").tolist() == [[13, 23], [15, 25], [14, 24]]
    shuffled = table.sample(frac=1, random_state=0).sort_values("d", kind="stable")
    assert shuffled.array("sum").shape == (3, 2) and shuffled.array("d")[:, 0].tolist() == [3, 4, 5]
    mixed = table.iloc[[5, 0, 2, 1, 4, 3]]  # the axes stand in the order in which the table has them
    assert mixed.array("d").tolist() == [[4, 4], [3, 3], [5, 5]] and mixed.array("m1").tolist() == [[20, 10]] * 3
    assert table[table["m1"] == 20].array("sum").tolist() == [[23], [25], [24]]
    assert pickle.loads(pickle.dumps(table)).array("rho").shape == (3, 2, 2, 3)
    with pytest.raises(ValueError, match=r"each combination of \['d', 'm1'\] once, 6 rows; got 5"):
        table[:5].array("sum")


def test_points_of_a_list_make_one_axis():
    table = mf.sweep([{"a": 1, "b": 2}, {"a": 3, "b": 4}], product, progress=False)
    assert table.array("product").tolist() == [2, 12]
    with pytest.raises(ValueError, match=r"rows of one shape; 'vector' has \[\(1,\), \(3,\)\]"):
        table.array("vector")


def test_seeds_can_be_batched_inside_one_run(tmp_path):
    table = mf.sweep({"m1": [8, 16], "seeds": 3}, rho_of_seeds, tmp_path, progress=False)
    assert table.array("rho").shape == (2, 3)


CLUSTER = """
import os, signal, sys, threading, time
sys.path.insert(0, {tests!r})
from pathlib import Path
import joblib
from distributed import Client, LocalCluster, WorkerPlugin
import mfdepth as mf
from sweep_runs import lose_a_worker

class TestsOnPath(WorkerPlugin):
    def setup(self, worker):
        sys.path.insert(0, {tests!r})

def kill_all(workers, rows):
    while len(list(rows.glob("*.json"))) < 6:
        time.sleep(0.01)
    print("finished:", sorted(file.name for file in rows.glob("*.json")), flush=True)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)

if __name__ == "__main__":
    options = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50)
    with LocalCluster(**options) as cluster, Client(cluster) as client, joblib.parallel_config("dask"):
        client.register_plugin(TestsOnPath())
        points, rows = {{"a": range(12), "folder": {marks!r}}}, Path({rows!r})
        threading.Thread(target=lambda: kill_all(client.run(os.getpid).values(), rows)).start()
        table = mf.sweep(points, lose_a_worker, rows, progress=False)
        print("table:", list(table["square"]))
"""


def test_a_dask_cluster_that_loses_its_workers_finishes_the_sweep(tmp_path):
    # a process of its own: a cluster warns as it loses a worker, and here a warning is an error
    marks, rows = tmp_path / "marks", tmp_path / "rows"
    marks.mkdir()
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER.format(tests=os.path.dirname(__file__), marks=str(marks), rows=str(rows)))
    done = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True, timeout=120)
    assert f"table: {[a * a for a in range(12)]}" in done.stdout, done.stderr
    assert len(list(rows.glob("*.json"))) == len(os.listdir(rows)) == 12
    again = runs(marks)  # once each, but for what was running: at 2 its worker died, later both were killed
    assert again["ran-2"] == 2 and set(again.values()) <= {1, 2} and sum(again.values()) <= 12 + 1 + 2
    local = mf.sweep({"a": range(12), "folder": str(marks)}, leave_a_mark, progress=False)
    assert list(local["square"]) == [a * a for a in range(12)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_names_its_point_and_leaves_the_finished_rows(tmp_path, jobs):
    with pytest.raises(ArithmeticError, match="two is not allowed") as caught:
        mf.sweep({"a": [0, 1, 2, 3]}, fail_at_two, tmp_path, jobs=jobs, progress=False)
    assert caught.value.__notes__ == ["in the sweep, at {'a': 2}"]
    assert list(caught.value.table["square"]) == [0, 1, 9]
    assert len(list(tmp_path.glob("*.json"))) == 3  # of 0, 1 and 3


def test_an_error_that_cannot_leave_its_process_comes_in_words():
    with pytest.raises(RuntimeError, match="Stubborn: of 1") as caught:
        mf.sweep({"a": [0, 1, 2]}, stubborn_error, jobs=2, progress=False)
    assert caught.value.__notes__ == ["in the sweep, at {'a': 1}"] and list(caught.value.table["y"]) == [0, 2]


def test_progress_counts_the_rows_that_were_there(tmp_path, capsys):
    mf.sweep({"a": [1]}, product, tmp_path)
    mf.sweep({"a": [1, 2, 3]}, product, tmp_path)
    assert "3/3" in capsys.readouterr().err


POINT = "grid must hold at least one point with at least one argument"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.sweep({}, product), ValueError, POINT),
        (lambda: mf.sweep([], product), ValueError, POINT),
        (lambda: mf.sweep({"a": []}, product), ValueError, f"{POINT}; got no value for 'a'"),
        (lambda: mf.sweep({"a": [1], "b": np.array([])}, product), ValueError, f"{POINT}; got no value for 'b'"),
        (lambda: mf.sweep({"a": {1, 2}}, product), TypeError, r"grid\['a'\] must be a list, .*; got a set"),
        (lambda: mf.sweep({"a": {"x": 1}}, product), TypeError, r"grid\['a'\] must be a list, .*; got a dict"),
        (lambda: mf.sweep({"a": pd.DataFrame({"x": [1]})}, product), TypeError, r"grid\['a'\] must be a list"),
        (lambda: mf.sweep(pd.DataFrame({"a": [1]}), product), TypeError, "grid must be a dict"),
        (lambda: mf.sweep([1, 2], product), TypeError, "grid must be a dict, .* or a list of points"),
        (lambda: mf.sweep({1: [1]}, product), TypeError, "grid must name the arguments of run by strings; got 1"),
        (lambda: mf.sweep({"c": [1]}, product), ValueError, "grid must match the arguments of run"),
        (lambda: mf.sweep({"a": [1]}, 5), TypeError, "run must be a function; got int: 5"),
        (lambda: mf.sweep({"a": [1]}, product, 5), TypeError, "folder must be a path or None; got 5"),
        (lambda: mf.sweep({"a": [1]}, product, "~nobody-of-this-name/x"), ValueError, "folder must be a path, '~'"),
        (lambda: mf.sweep({"a": [1]}, product, "a\0b"), ValueError, "folder must be a path, which holds no null"),
        (lambda: mf.sweep({"a": [1]}, product, ""), TypeError, "folder must be a path or None; got ''"),
        (lambda: mf.sweep({"a": [1]}, product, jobs=0), ValueError, "jobs must be None, a number of processes"),
        (lambda: mf.sweep({"a": [1]}, product, jobs=1.5), ValueError, "jobs must be None"),
        (lambda: mf.sweep({"a": [1]}, lambda a: 5, progress=False), TypeError, "run must return a dict"),
        (
            lambda: mf.sweep({"a": [1]}, lambda a: {1: 5}, progress=False),
            TypeError,
            "run must return results under names",
        ),
        (lambda: mf.sweep({"a": [1]}, lambda a: {"a": 5}, progress=False), ValueError, "a name that the grid has"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
