"""Sweeps: every combination once, resumed after a kill, the same on processes and on a real Dask cluster."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sweep_runs import fail_at_two, leave_a_mark, product, rho_of_seeds

import mfdepth as mf


def runs(folder):
    return {name: len((folder / name).read_text()) for name in os.listdir(folder) if name.startswith("ran-")}


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_are_the_points_and_their_results(tmp_path, jobs):
    table = mf.sweep({"a": [1, 2, 3], "b": np.array([10, 20])}, product, tmp_path, jobs=jobs, progress=False)
    assert list(table["a"]) == [1, 1, 2, 2, 3, 3] and list(table["b"]) == [10, 20] * 3
    assert list(table["product"]) == [10, 20, 20, 40, 30, 60]
    assert table["vector"][5] == [0, 1, 2]


def test_pairs_of_settings_and_repeated_points():
    table = mf.sweep([{"a": 1, "b": 2}, {"a": 3}, {"a": 1, "b": 2}], product, progress=False)
    assert list(table["product"]) == [2, 3]


def test_a_finished_row_is_not_run_again(tmp_path):
    marks, rows = tmp_path / "marks", tmp_path / "rows"
    marks.mkdir()
    mf.sweep({"a": [1, 2], "folder": [str(marks)]}, leave_a_mark, rows, progress=False)
    table = mf.sweep({"a": [0, 1, 2], "folder": [str(marks)]}, leave_a_mark, rows, progress=False)
    assert list(table["square"]) == [0, 1, 4]
    assert runs(marks) == {"ran-0": 1, "ran-1": 1, "ran-2": 1}


KILLED = """
import sys, time
sys.path.insert(0, {tests!r})
import mfdepth as mf
from sweep_runs import leave_a_mark

def slow(a, folder):
    row = leave_a_mark(a, folder)
    time.sleep(0.25)
    return row

slow.__name__ = "leave_a_mark"
mf.sweep({{"a": list(range(40)), "folder": [{marks!r}]}}, slow, {rows!r}, progress=False)
"""


def test_a_killed_sweep_resumes_without_losing_or_repeating_a_finished_row(tmp_path):
    marks, rows = tmp_path / "marks", tmp_path / "rows"
    marks.mkdir()
    script = KILLED.format(tests=os.path.dirname(__file__), marks=str(marks), rows=str(rows))
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not rows.exists() or len(list(rows.glob("leave*.json"))) < 3):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = {json.loads(file.read_text())["a"] for file in rows.glob("leave*.json")}  # each is whole
    assert 3 <= len(finished) < 40
    points = {"a": list(range(40)), "folder": [str(marks)]}
    table = mf.sweep(points, leave_a_mark, rows, progress=False)
    assert list(table["square"]) == [a * a for a in range(40)]
    again = runs(marks)
    assert all(again[f"ran-{a}"] == 1 for a in finished)
    assert sum(again.values()) <= 41  # the one in flight when it was killed ran twice


def test_seeds_can_be_batched_inside_one_run(tmp_path):
    table = mf.sweep({"m1": [8, 16], "seeds": [3]}, rho_of_seeds, tmp_path, progress=False)
    assert [len(row) for row in table["rho"]] == [3, 3]


CLUSTER = """
import sys
sys.path.insert(0, {tests!r})
import joblib
from distributed import Client, LocalCluster, WorkerPlugin
import mfdepth as mf
from sweep_runs import lose_a_worker

class TestsOnPath(WorkerPlugin):
    def setup(self, worker):
        sys.path.insert(0, {tests!r})

if __name__ == "__main__":
    options = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50)
    with LocalCluster(**options) as cluster, Client(cluster) as client, joblib.parallel_config("dask"):
        client.register_plugin(TestsOnPath())
        points = {{"a": [0, 1, 2, 3, 4], "folder": [{marks!r}]}}
        table = mf.sweep(points, lose_a_worker, {rows!r}, jobs=-1, progress=False)
        print(list(table["square"]))
"""


def test_a_dask_cluster_that_loses_a_worker_finishes_the_sweep(tmp_path):
    # a process of its own: a cluster warns as it loses a worker, and here a warning is an error
    marks, rows = tmp_path / "marks", tmp_path / "rows"
    marks.mkdir()
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER.format(tests=os.path.dirname(__file__), marks=str(marks), rows=str(rows)))
    done = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[0, 1, 4, 9, 16]", done.stderr
    assert runs(marks)["ran-2"] == 2
    assert len(list(rows.glob("*.json"))) == 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_names_its_point_and_leaves_the_finished_rows(tmp_path, jobs):
    with pytest.raises(ArithmeticError, match="two is not allowed") as caught:
        mf.sweep({"a": [0, 1, 2, 3]}, fail_at_two, tmp_path, jobs=jobs, progress=False)
    assert caught.value.__notes__ == ["in the sweep, at {'a': 2}"]
    assert len(list(tmp_path.glob("*.json"))) == 3  # of 0, 1 and 3


def test_progress_counts_the_rows_that_were_there(tmp_path, capsys):
    mf.sweep({"a": [1]}, product, tmp_path)
    mf.sweep({"a": [1, 2, 3]}, product, tmp_path)
    assert "3/3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.sweep({}, product), ValueError, "grid must hold at least one point"),
        (lambda: mf.sweep({"a": []}, product), ValueError, "grid must hold at least one point"),
        (lambda: mf.sweep({"c": [1]}, product), ValueError, "grid must match the arguments of run"),
        (lambda: mf.sweep({"a": [object()]}, product), TypeError, "a row must hold numbers, strings and arrays"),
        (lambda: mf.sweep({"a": [1]}, lambda a: 5, progress=False), TypeError, "run must return a dict"),
        (lambda: mf.sweep({"a": [1]}, lambda a: {"a": 5}, progress=False), ValueError, "a name that the grid has"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
