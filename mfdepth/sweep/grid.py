"""The points of a grid, each once, in the order in which they were given."""

import inspect
import itertools
import json
from collections.abc import Iterable, Mapping

from mfdepth.sweep.values import to_json


def points_of(grid):
    """The points, as JSON keeps them, and the arguments that the grid has a list for (None: it is a list of points)."""
    if isinstance(grid, Mapping):
        lists = [_values(name, values) for name, values in grid.items()]
        axes = [name for name, (_, listed) in zip(grid, lists, strict=True) if listed]
        points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*(v for v, _ in lists))]
    else:
        points, axes = _listed(grid), None
    if not points or not all(points):
        raise ValueError(f"grid must hold at least one point with at least one argument; got {grid!r}")
    for name in (name for point in points for name in point):
        if not isinstance(name, str):
            raise TypeError(f"grid must name the arguments of run by strings; got {name!r}")
    points = [{name: to_json(f"argument {name!r}", value) for name, value in point.items()} for point in points]
    return list({key_of(point): point for point in points}.values()), axes


def key_of(point):
    """A point as text: arguments have no order, what a dict among them holds has one."""
    return json.dumps(dict(sorted(point.items())))


def check_arguments(run, points):
    if not callable(run):
        raise TypeError(f"run must be a function; got {type(run).__name__}: {run!r}")
    try:
        signature = inspect.signature(run)
    except ValueError:  # of a function in C that does not tell
        return
    for point in points:
        try:
            signature.bind(**point)
        except TypeError as error:
            raise ValueError(f"grid must match the arguments of run, {signature}: {error}; got {point}") from None


def _values(name, values):
    """The values of an argument, and whether they were a list; a lone one is a list of one."""
    if isinstance(values, (Mapping, set, frozenset)) or hasattr(values, "columns"):
        kind = type(values).__name__
        raise TypeError(f"grid[{name!r}] must be a list, which has an order, or one value; got a {kind}")
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        return [values], False
    values = list(values)
    if not values:
        raise ValueError(f"grid must hold at least one point with at least one argument; got no value for {name!r}")
    return values, True


def _listed(grid):
    """The points of a list of dicts."""
    if isinstance(grid, Iterable):
        grid = list(grid)
        if all(isinstance(point, Mapping) for point in grid):
            return [dict(point) for point in grid]
    raise TypeError(f"grid must be a dict, argument name -> values, or a list of points, dicts; got {grid!r}")
