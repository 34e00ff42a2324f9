"""Kill a sweep again and again at random moments, and see that nothing is lost: python tests/sweep_kills.py 50.

Every life of the sweep is a process of its own, ended by a signal (KILL, or INT, as Ctrl-C sends) after a random time.
With `--at-once 2` two of them share the folder. What must hold is asserted after each life and at the end; the last
line counts what was seen.
"""

import argparse
import collections
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import mfdepth as mf

ROWS_A_LIFE = 12
SECONDS_A_ROW = 0.005
LONGEST_LIFE = 0.6  # seconds


def marked(a, folder):
    """A row whose file is large enough to be caught in the middle, after a mark that it was run."""
    with open(os.path.join(folder, f"ran-{a}"), "a") as stream:
        stream.write("x")
    time.sleep(SECONDS_A_ROW)
    return {"square": a * a, "many": [a / 7] * 1000}


def start(points, rows, sent):
    """A process that sweeps. Forked, so that a life costs no import."""
    child = os.fork()
    if child:
        return child
    ended = 1
    try:
        mf.sweep(points, marked, rows, progress=False)
        ended = 0
    except KeyboardInterrupt:
        ended = 130 if sent == signal.SIGINT else 1
    finally:
        os._exit(ended)


def finished(rows):
    """The points whose rows are there: each file under such a name must be whole."""
    return {json.loads(file.read_text())["a"] for file in rows.glob("marked-*.json")}


def lives(kills, sent, at_once, seed, folder):
    """Kill so often; then let the sweep end, and compare. Returns counts."""
    marks, rows, rng = folder / "marks", folder / "rows", random.Random(seed)
    marks.mkdir()
    points = {"a": range(ROWS_A_LIFE * kills), "folder": str(marks)}
    mf.sweep({"a": 0, "folder": str(folder)}, marked, progress=False)  # what it imports is there when a life begins
    counts, done, runs = collections.Counter(), set(), {}
    while counts["kills"] < kills:
        children = [start(points, rows, sent) for _ in range(at_once)]
        for child in children:
            time.sleep(rng.uniform(0, LONGEST_LIFE))
            os.kill(child, sent)
            status = os.waitpid(child, 0)[1]
            killed = os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 130
            assert killed or os.waitstatus_to_exitcode(status) == 0, "a sweep ended by an error"
            counts["kills"] += killed
        now = finished(rows)
        assert done <= now, "a finished row was lost"
        assert all(len((marks / f"ran-{a}").read_text()) == runs[a] for a in done), "a finished row was run again"
        assert len(list(rows.glob(".unfinished-*"))) <= at_once, "what a kill left stays for ever"
        counts["unfinished files"] += len(list(rows.glob(".unfinished-*")))
        done, runs = now, {a: len((marks / f"ran-{a}").read_text()) for a in now}
        if len(done) == len(points["a"]):
            break
    counts["rows finished before the last life"] = len(done)
    table = mf.sweep(points, marked, rows, progress=False)
    assert list(table["square"]) == [a * a for a in points["a"]]
    assert all(many == [a / 7] * 1000 for a, many in zip(table["a"], table["many"], strict=True))
    assert sorted(os.listdir(rows)) == sorted(file.name for file in rows.glob("marked-*.json")), "something was left"
    counts["rows"], counts["runs"] = len(table), sum(len(mark.read_text()) for mark in marks.iterdir())
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("--signal", choices=["KILL", "INT"], default="KILL")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sent = getattr(signal, f"SIG{asked.signal}")
        print(dict(lives(asked.kills, sent, asked.at_once, asked.seed, Path(folder))))
    sys.exit(0)
