"""Many runs: a grid of settings, one stored file a finished row, so that a killed sweep goes on where it stopped."""

import hashlib
import inspect
import itertools
import json
import os
import tempfile
from pathlib import Path

from tqdm import tqdm


def sweep(grid, run, folder=None, *, jobs=1, progress=True):
    """Call `run(**point)` at every point of a grid and return the rows as a table.

    A finished row is one JSON file in `folder`, written beside and renamed, so it is whole or absent. Points whose file
    exists are not run again: a killed sweep resumes, and a larger grid reuses what it shares with a smaller one. The
    files know the point and the name of `run`, not its code: take a new folder when `run` changes.

    grid: argument name -> values, for every combination; or a list of points (dicts), where settings go in pairs.
    run: a function of those arguments that returns a dict of numbers, strings, or (nested lists of) arrays. It is
    called in other processes where jobs > 1 (-1: all cores), or on a Dask cluster inside
    `joblib.parallel_config("dask")` with a connected client; it must then be importable there.
    folder: where rows are kept; None keeps nothing. progress: show a bar with an estimate of the time left.
    Returns a pandas DataFrame, a row a point in the order of the grid: the point's columns, then those of the run.
    Raises ValueError for an empty grid, an unknown argument or clashing names, TypeError for results that are no dict; and
    what `run` raised first in the order of the grid, with its point noted, once all other rows are finished and kept.

    >>> import mfdepth as mf
    >>> table = mf.sweep({"d": [3, 10]}, lambda d: {"mean": mf.relu_mean(d)}, progress=False)
    >>> [round(x, 4) for x in table["mean"]]
    [0.25, 0.1293]

    See: the chapter "Why errors do not compound".
    """
    import joblib
    import pandas as pd

    points = _points(grid)
    _check_arguments(points, run)
    folder = None if folder is None else Path(folder)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    files = [None if folder is None else folder / f"{_name(run)}-{_key(point)}.json" for point in points]
    rows = [_read(file) for file in files]
    missing = [i for i, row in enumerate(rows) if row is None]
    calls = (joblib.delayed(_finish)(i, run, points[i], files[i]) for i in missing)
    finished = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", pre_dispatch="all")(calls)
    bar = tqdm(finished, total=len(points), initial=len(points) - len(missing), disable=not progress, desc="sweep")
    for i, row in bar:
        rows[i] = row
    for row in rows:
        if isinstance(row, Exception):
            raise row
    return pd.DataFrame(rows)


def _finish(i, run, point, file):
    """Run one point and store its row; in another process as well as here.

    What goes wrong comes back as a value: not every backend of joblib carries an exception to a waiting generator.
    """
    try:
        row = _read(file)  # another worker may have finished it before it was lost
        if row is None:
            row = _row(run(**point), point)
            if file is not None:
                _write(file, row)
    except Exception as error:  # noqa: BLE001
        error.add_note(f"in the sweep, at {point}")
        row = error
    return i, row


def _row(result, point):
    """The point and its results as plain values."""
    if not isinstance(result, dict):
        raise TypeError(f"run must return a dict of results; got {result!r}")
    if clash := sorted(set(result) & set(point)):
        raise ValueError(f"run must not return a name that the grid has; got {clash}")
    return json.loads(json.dumps(point | result, default=_plain))


def _write(file, row):
    """Whole or absent: written under another name in the same folder, then renamed."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".unfinished-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(row, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(name, file)


def _read(file):
    return json.loads(file.read_text(encoding="utf-8")) if file is not None and file.exists() else None


def _points(grid):
    """The points of a grid as dicts of plain values, each once."""
    if isinstance(grid, dict):
        lists = [list(values) if not isinstance(values, str) else [values] for values in grid.values()]
        points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*lists)]
    else:
        points = [dict(point) for point in grid]
    if not points or not all(points):
        raise ValueError(f"grid must hold at least one point with at least one argument; got {grid!r}")
    points = [json.loads(json.dumps(point, default=_plain)) for point in points]
    return list({_key(point): point for point in points}.values())


def _check_arguments(points, run):
    signature = inspect.signature(run)
    for point in points:
        try:
            signature.bind(**point)
        except TypeError as error:
            raise ValueError(f"grid must match the arguments of run, {signature}: {error}; got {point}") from None


def _plain(value):
    """NumPy and torch values as JSON knows them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a row must hold numbers, strings and arrays; got {type(value).__name__}: {value!r}")


def _key(point):
    return hashlib.sha256(json.dumps(point, sort_keys=True).encode()).hexdigest()[:16]


def _name(run):
    return "".join(c if c.isalnum() else "_" for c in getattr(run, "__name__", type(run).__name__))
