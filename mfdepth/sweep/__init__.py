"""Many runs: a grid of settings, one stored file a finished row, so that a killed sweep goes on where it stopped."""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
import warnings
from collections.abc import Callable
from numbers import Integral
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mfdepth import checks
from mfdepth.sweep.files import UNFINISHED, clear, lock, release, set_aside
from mfdepth.sweep.fingerprint import fingerprint
from mfdepth.sweep.grid import check_arguments, key_of, points_of
from mfdepth.sweep.point import HEAD, finish

FORMAT = 1
LEFT = {}  # a function may keep a log: the state in which a sweep left it counts as the one in which it began


def sweep(
    grid: Any, run: Callable, folder: str | os.PathLike | None = None, *, jobs: int | None = None, progress: bool = True
) -> Any:
    """Call `run(**point)` at every point of a grid and return the rows as a table.

    A finished row is one JSON file in `folder`, written beside and renamed, so it is whole or absent. A point with a
    file is not run again: a killed sweep resumes, and a larger grid reuses what it shares with a smaller one. A row
    belongs to its point and to what `run` computes: code, defaults, closure, partial arguments, object, and the globals
    it names. Where one of these changes (or Python's version: code is compared as bytecode), rows are computed anew and
    stand beside the old ones. What installed packages do is not looked at: take a new folder after an upgrade.

    grid: argument name -> values, for every combination (one value needs no list); or a list of points (dicts).
    run: a function that returns a dict of numbers, strings and arrays, or lists, tuples and dicts of these. They come
    back equal from the first run and from the folder, torch's arrays as NumPy's; what would not is refused.
    folder: where rows are kept, "~" being home; None keeps nothing. A file that is not the row it should be is renamed,
    with a warning, and its row is run again.
    jobs: processes (-1: all cores); None: what `joblib.parallel_config` says, else one. Inside
    `joblib.parallel_config("dask")` the workers of the cluster, where `run` must be importable.
    progress: show a bar and the time left.
    Returns a pandas DataFrame, a row per point in the grid's order: the point's columns, then those of the run; its
    `array(name)` is a column as one array of the grid's shape. Rows that could not be written (a full disk) are in it
    all the same, and a warning says so. Ctrl-C ends the sweep, in the middle of a flow too.
    Raises ValueError for an empty grid, an unknown argument or clashing names; TypeError for what a row cannot hold;
    OSError before the first run for a folder that cannot be written; and what `run` raised first in the order of the
    grid, with its point noted, once all other rows are finished and kept: its attribute `table` has them.

    >>> import mfdepth as mf
    >>> table = mf.sweep({"d": [3, 10]}, lambda d: {"mean": mf.relu_mean(d)}, progress=False)
    >>> [round(x, 4) for x in table["mean"]]
    [0.25, 0.1293]

    See: the chapter "Past one machine".
    """
    checks.needs("joblib")
    checks.needs("pandas")
    from mfdepth.sweep.table import table

    if jobs is not None and (not isinstance(jobs, Integral) or isinstance(jobs, bool) or jobs == 0):
        raise ValueError(f"jobs must be None, a number of processes, or -1 for all cores; got {jobs!r}")
    points, axes = points_of(grid)
    check_arguments(run, points)
    store = _Store(folder, run)
    rows = store.ready(points)
    unwritten = {}
    try:
        _compute(rows, unwritten, points, run, store, jobs, progress)
    except BaseException as error:
        error.table = table([row for row in rows if isinstance(row, dict)], axes)
        raise
    finally:
        lost = store.leave(run, points, unwritten)
    result = table(rows, axes)
    if lost:
        warning = UserWarning(f"{len(lost)} of {len(rows)} rows are in the table but not in {folder}: {lost[0]}")
        warning.table = result  # for those to whom a warning is an error
        warnings.warn(warning, stacklevel=2)
    return result


def _compute(rows, unwritten, points, run, store, jobs, progress):
    """Fill in the rows that are None."""
    import joblib

    missing = [i for i, row in enumerate(rows) if row is None]
    calls = (joblib.delayed(finish)(i, run, points[i], store) for i in missing)
    finished = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch="all")(calls)
    bar = tqdm(finished, total=len(points), initial=len(points) - len(missing), disable=not progress, desc="sweep")
    for i, rows[i], trouble in bar:
        if isinstance(rows[i], dict) and (trouble := store.keep(points[i], rows[i], trouble)):
            unwritten[i] = rows[i]
            bar.set_postfix_str(f"{len(unwritten)} not written: {trouble}")
    for row in rows:
        if isinstance(row, Exception):
            raise row


class _Store:
    """The rows of one function in one folder; without a folder it is empty and keeps nothing."""

    def __init__(self, folder, run):
        self.folder, self.home = folder, os.getpid()
        if folder is None:
            return
        if not isinstance(folder, (str, os.PathLike)) or not os.fspath(folder):
            raise TypeError(f"folder must be a path or None; got {folder!r}")
        if "\0" in os.fspath(folder):
            raise ValueError(f"folder must be a path, which holds no null character; got {folder!r}")
        try:
            self.folder = Path(folder).expanduser().absolute()  # workers may stand elsewhere
        except RuntimeError as error:
            raise ValueError(
                f"folder must be a path, '~' the home of somebody known; got {folder!r} ({error})"
            ) from None
        code = fingerprint(run)
        self.code = LEFT.get(code, code)
        while hasattr(run, "func"):  # of a partial
            run = run.func
        name = getattr(run, "__name__", type(run).__name__)
        self.name = "".join(c if c.isalnum() else "_" for c in name)[:40]

    def ready(self, points):
        """The rows that are there. Where some are not, find out whether they can be written before one is run."""
        if self.folder is None:
            return [None] * len(points)
        rows, broken = [], []
        for point in points:
            try:
                rows.append(self.read(point))
            except ValueError as error:
                rows.append(None)
                broken.append((self.file(point), error))
        if None in rows:
            self._prepare()
        renamed = [(set_aside(file), file, error) for file, error in broken]
        for aside, file, error in renamed:
            warnings.warn(f"{file} is set aside as {aside.name} and its row is run again: {error}", stacklevel=3)
        return rows

    def file(self, point):
        return self.folder / f"{self.name}-{_hash(self.code, point)}.json"

    def read(self, point):
        """The finished row of a point, or None if there is none; ValueError says what is wrong with its file."""
        if self.folder is None or not os.path.lexists(file := self.file(point)):
            return None
        try:
            row = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
        except FileNotFoundError:
            return None
        except (OSError, RecursionError) as error:
            raise ValueError(f"it cannot be read ({error})") from None
        if not isinstance(row, dict) or row.pop(HEAD, None) != self._head(point, row):
            raise ValueError("it is no row, or one of another point or version, or one that was changed since")
        return point | row

    def write(self, point, row):
        """Whole or absent: written under another name in the same folder, then renamed."""
        if self.folder is None:
            return
        with self._unfinished() as (stream, name):
            json.dump({HEAD: self._head(point, row)} | row, stream)
            stream.flush()
            os.fsync(stream.fileno())
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) != self.mode:  # some file systems know one mode alone
                os.chmod(name, self.mode)
            release(stream)
            os.replace(name, self.file(point))

    def keep(self, point, row, trouble):
        """See to it that a row is here: a worker may have another disk, or none. What is wrong, in words."""
        if self.folder is None or (not trouble and os.path.lexists(self.file(point))):
            return ""
        try:
            self.write(point, row)
        except OSError as error:
            return str(error)
        return ""

    def leave(self, run, points, unwritten):
        """Try once more what could not be written; what is wrong with the rest, in words."""
        if self.folder is None:
            return []
        troubles = [self.keep(points[i], row, "again") for i, row in unwritten.items()]
        clear(self.folder)
        with contextlib.suppress(TypeError):
            LEFT[fingerprint(run)] = self.code
        return [trouble for trouble in troubles if trouble]

    def _head(self, point, row):
        return {"format": FORMAT, "run": self.name, "code": self.code, "sum": _hash(self.code, point, row)}

    def _prepare(self):
        """The folder, clean; and the mode of a new file in it, which mkstemp keeps from everybody else."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            clear(self.folder)
            with self._unfinished() as (stream, name):
                stream.write(" " * 4096)
                stream.flush()
                os.fsync(stream.fileno())
                os.unlink(name)
                with open(name, "x") as plain:
                    self.mode = stat.S_IMODE(os.fstat(plain.fileno()).st_mode)
        except OSError as error:
            words = f"folder must be one that rows can be written to; got {self.folder}: {error.strerror or error}"
            raise OSError(error.errno, words) from error

    @contextlib.contextmanager
    def _unfinished(self):
        """A new file, locked while its writer lives, and gone afterwards unless it was renamed."""
        while True:
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=UNFINISHED)
            stream = os.fdopen(handle, "w", encoding="utf-8")
            lock(stream)
            if os.fstat(handle).st_nlink:
                break
            stream.close()  # another sweep cleared it away before it was locked
        try:
            with stream:
                yield stream, name
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)


def _hash(code, point, *row):
    parts = [json.dumps(code), key_of(point), *(json.dumps(part, sort_keys=True) for part in row)]
    return hashlib.sha256(f"[{', '.join(parts)}]".encode()).hexdigest()[:24]
