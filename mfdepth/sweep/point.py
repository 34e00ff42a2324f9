"""One point of a sweep: run, checked, stored; here or in another process."""

import contextlib
import os
import pickle

from mfdepth.flow import SWEPT
from mfdepth.sweep.values import from_json, to_json

HEAD = "mfdepth.sweep"  # the entry of a row's file that says what was computed


def finish(i, run, point, store):
    """Run one point and store its row; in another process as well as here.

    What goes wrong comes back as a value: not every backend of joblib carries an exception to a waiting generator.
    """
    trouble = ""
    SWEPT.append(i)
    try:
        with contextlib.suppress(ValueError):
            if row := store.read(point):  # another worker may have finished it before it was lost
                return i, row, trouble
        row = _row(run(**from_json(point)), point)
        try:
            store.write(point, row)
        except OSError as error:
            trouble = str(error)
    except Exception as error:  # noqa: BLE001
        error.add_note(f"in the sweep, at {from_json(point)}")
        row = error if store.home == os.getpid() else _portable(error)
    finally:
        SWEPT.remove(i)
    return i, row, trouble


def _row(result, point):
    """The point and its results, as JSON keeps them."""
    if not isinstance(result, dict):
        raise TypeError(f"run must return a dict of results; got {result!r}")
    if wrong := [name for name in result if not isinstance(name, str) or name == HEAD]:
        raise TypeError(f"run must return results under names, other than {HEAD!r}; got {wrong}")
    if clash := sorted(set(result) & set(point)):
        raise ValueError(f"run must not return a name that the grid has; got {clash}")
    return point | {str(name): to_json(f"result {name!r}", value) for name, value in result.items()}


def _portable(error):
    """The error, or its words where it cannot go from one process to another."""
    from joblib.externals.loky.backend.reduction import dumps

    try:
        pickle.loads(dumps(error))
        return error
    except Exception:  # noqa: BLE001
        words = RuntimeError(f"{type(error).__name__}: {error}")
        words.__notes__ = error.__notes__
        return words
