"""The folder of a sweep when things go wrong: kills, broken files, a full disk, a folder that cannot be written."""

import contextlib
import errno
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor
from sweep_runs import lose_the_disk, press_ctrl_c_in_a_flow, press_ctrl_c_in_adam

import mfdepth as mf

HERE = Path(__file__).parent
READABLE = {"a": [1, 2, 3]}


def square(a):
    return {"square": a * a}


def swept(folder, run=square, points=READABLE):
    return mf.sweep(points, run, folder, progress=False)


@pytest.mark.parametrize("more", [[], ["--signal", "INT"], ["--at-once", "2"]], ids=["killed", "Ctrl-C", "two at once"])
def test_a_sweep_that_is_ended_at_random_moments_loses_nothing(more):
    # asserts inside; by hand with 50 kills and more
    done = subprocess.run(
        [sys.executable, HERE / "sweep_kills.py", "5", *more], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "'rows': 60" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("run", [press_ctrl_c_in_a_flow, press_ctrl_c_in_adam])
def test_ctrl_c_during_a_training_run_ends_the_sweep_and_stores_no_torn_row(tmp_path, run, jobs):
    with pytest.raises(KeyboardInterrupt):
        mf.sweep({"a": [0, 1]}, run, tmp_path, jobs=jobs, progress=False)
    rows = [json.loads(file.read_text()) for file in tmp_path.glob("*.json")]
    assert all(row["a"] == 0 and row["kept"] == 2 for row in rows) and (rows or jobs == 2)
    assert run(1)["kept"] < 2  # outside a sweep what was reached is kept


def copy_another(file):
    other = next(path for path in sorted(file.parent.glob("*.json")) if path != file)
    file.write_text(other.read_text())


def edit(change):
    def broken(file):
        row = json.loads(file.read_text())
        change(row)
        file.write_text(json.dumps(row))

    return broken


def make_a_directory(file):
    file.unlink()
    file.mkdir()
    (file / "kept").write_text("something")


def make_a_pipe(file):
    file.unlink()
    os.mkfifo(file)


BROKEN = {
    "empty": lambda file: file.write_text(""),
    "cut off": lambda file: file.write_text(file.read_text()[:-9]),
    "zeros": lambda file: file.write_bytes(bytes(100)),
    "no text": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "a list": lambda file: file.write_text("[1, 2]"),
    "null": lambda file: file.write_text("null"),
    "too deep": lambda file: file.write_text("[" * 100_000),
    "a foreign row": lambda file: file.write_text('{"a": 1, "square": 7}'),
    "another row": copy_another,
    "another version": edit(lambda row: row["mfdepth.sweep"].update(format=0)),
    "another point": edit(lambda row: row.update(a=7)),
    "another result": edit(lambda row: row.update(square=7)),
    "a result less": edit(lambda row: row.pop("square")),
    "a directory": make_a_directory,
    "a pipe": make_a_pipe,
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_row_is_named_set_aside_and_run_again(tmp_path, spoil):
    log = []

    def run(a):
        log.append(a)
        return square(a)

    swept(tmp_path, run)
    victim = sorted(tmp_path.glob("*.json"))[1]
    a = json.loads(victim.read_text())["a"]
    for i in (1, 2):
        spoil(victim)
        log.clear()
        with pytest.warns(UserWarning, match=f"{victim} is set aside as {victim.name}.set-aside-{i}"):
            table = swept(tmp_path, run)
        assert list(table["square"]) == [1, 4, 9] and log == [a]
    assert list(swept(tmp_path, run)["square"]) == [1, 4, 9] and log == [a]
    assert len(list(tmp_path.glob("*.json"))) == 3 and len(os.listdir(tmp_path)) == 5


@contextlib.contextmanager
def as_somebody_else():
    """Root may write anywhere, so as root these tests take another user's rights."""
    if root := os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def shared_folder():
    """A folder below one that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def no_folder(folder):
    folder.rmdir()
    folder.write_text("")


def no_parent(folder):
    no_folder(folder.parent)


@pytest.mark.parametrize("spoil", [lambda folder: folder.chmod(0o555), lambda folder: folder.chmod(0), no_folder])
def test_a_folder_that_cannot_be_written_is_found_before_the_first_run(shared_folder, spoil):
    rows, ran = shared_folder / "rows", []
    rows.mkdir(0o777)
    spoil(rows)
    with (
        as_somebody_else(),
        pytest.raises(OSError, match=f"folder must be one that rows can be written to; got {rows}"),
    ):
        swept(rows, lambda a: ran.append(a) or {"y": a})
    assert not ran


def test_a_folder_that_is_complete_needs_no_writing(shared_folder):
    rows = shared_folder / "rows"
    swept(rows)
    rows.chmod(0o555)
    with as_somebody_else():
        assert list(swept(rows)["square"]) == [1, 4, 9]
        with pytest.raises(PermissionError, match="folder must be one that rows can be written to"):
            swept(rows, points={"a": [1, 4]})


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_rows_are_for_everybody_who_may_read_the_folder(tmp_path, umask):
    before = os.umask(umask)
    try:
        swept(tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o666 & ~umask}


def large(a):
    return {"square": a * a, "many": [0.1] * (5000 if a == 2 else 1)}


@contextlib.contextmanager
def files_up_to(size):
    """No file may become larger, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_row_that_cannot_be_written_is_in_the_table_and_named(tmp_path):
    with (
        files_up_to(8192),
        pytest.warns(UserWarning, match=f"1 of 3 rows are in the table but not in {tmp_path}") as told,
    ):
        table = swept(tmp_path, large)
    assert list(table["square"]) == [1, 4, 9] and [len(row) for row in table["many"]] == [1, 5000, 1]
    assert told[0].message.table is table
    assert len(os.listdir(tmp_path)) == 2
    assert swept(tmp_path, large).equals(table) and len(os.listdir(tmp_path)) == 3


def test_a_disk_that_is_full_for_a_while_loses_no_row(tmp_path, monkeypatch):
    calls, fsync = [], os.fsync

    def full(handle):
        calls.append(handle)
        if 2 <= len(calls) <= 5:  # the first is that of the trial; a row is tried at once, again, and at the end
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    assert list(swept(tmp_path)["square"]) == [1, 4, 9]
    assert len(calls) == 1 + 2 * 2 + 1 + 2 and len(list(tmp_path.glob("*.json"))) == len(os.listdir(tmp_path)) == 3


def test_a_row_that_its_worker_cannot_write_is_written_here(tmp_path):
    table = mf.sweep(READABLE, lose_the_disk, tmp_path, jobs=2, progress=False)
    get_reusable_executor().shutdown()  # its workers write no more
    assert list(table["square"]) == [1, 4, 9] and len(list(tmp_path.glob("*.json"))) == 3


def test_a_disk_that_is_full_at_the_start_is_named(tmp_path):
    with files_up_to(100), pytest.raises(OSError, match="folder must be one that rows can be written to"):
        swept(tmp_path)
    assert not os.listdir(tmp_path)


SMALL = os.environ.get("SMALL_DISK")


@pytest.mark.skipif(not SMALL, reason="by hand: SMALL_DISK names a small file system, see CONTRIBUTING")
def test_a_full_disk():
    rows = Path(tempfile.mkdtemp(dir=SMALL)) / "rows"
    points = {"a": range(1000)}
    with pytest.warns(UserWarning, match="rows are in the table but not in .*No space left on device"):
        table = swept(rows, points=points)
    assert list(table["square"]) == [a * a for a in range(1000)]
    kept = [json.loads(file.read_text()) for file in rows.glob("*.json")]
    assert 0 < len(kept) == len(os.listdir(rows)) and all(row["square"] == row["a"] ** 2 for row in kept)
    with pytest.raises(OSError, match="folder must be one that rows can be written to"):
        swept(rows, points=points)


WRITER = """
import json, sys, mfdepth as mf
module = sys.modules["mfdepth.sweep"]
def slowly(row, stream):
    stream.write(json.dumps(row)[:9]); stream.flush(); print("writing", flush=True); sys.stdin.readline()
    stream.seek(0); stream.write(json.dumps(row))
module.json = type("J", (), dict(dump=slowly, dumps=json.dumps, loads=json.loads))
def square(a): return {{"square": a * a}}
print(list(mf.sweep({{"a": [2]}}, square, {folder!r}, progress=False)["square"]))
"""


def test_what_a_kill_left_is_cleared_and_what_a_living_writer_holds_is_not(tmp_path):
    def writer():
        script = [sys.executable, "-c", WRITER.format(folder=str(tmp_path))]
        process = subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "writing\n"
        return process

    killed, living = writer(), writer()
    killed.kill()
    killed.communicate()
    (tmp_path / ".unfinished-by-an-older-version").write_text("{")
    assert len(list(tmp_path.glob(".unfinished-*"))) == 3
    swept(tmp_path)
    assert len(list(tmp_path.glob(".unfinished-*"))) == 1
    assert living.communicate("\n")[0] == "[4]\n"
    assert not list(tmp_path.glob(".unfinished-*"))


def test_home_is_home_and_a_dollar_is_a_dollar(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    swept("~/rows")
    swept("$HOME")
    swept(Path("~") / "größe α")
    assert sorted(os.listdir(tmp_path)) == ["$HOME", "home"]
    assert sorted(os.listdir(tmp_path / "home")) == ["größe α", "rows"]


def test_a_folder_named_from_here_is_the_same_for_the_workers(tmp_path, monkeypatch):
    def square(a):  # a local function travels whole: workers that start elsewhere could not import this module
        return {"square": a * a}

    for name, points in {"first": [1, 2, 3], "second": [4, 5]}.items():  # the workers stay where they were started
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        mf.sweep({"a": points}, square, "rows", jobs=2, progress=False)
    assert [len(os.listdir(tmp_path / name / "rows")) for name in ("first", "second")] == [3, 2]
