"""The rows of a sweep as a table, every value as it went in; a column of arrays as one array on the grid."""

import json
import math

import numpy as np
import pandas as pd

from mfdepth.sweep.values import from_json, to_json


class SweepTable(pd.DataFrame):
    """A pandas DataFrame whose columns come out with the shape of the sweep's grid, too."""

    @property
    def _constructor(self):
        return SweepTable

    def array(self, name):
        """A column as one array: an axis for each argument that the grid gave a list for, then the axes of a row.

        name: a column. The order of an axis is that in which the table first has its values. Rows that were given as a
        list of points make one axis. Raises ValueError if the rows do not fill a grid, or differ in shape.

        >>> import mfdepth as mf, numpy as np
        >>> run = lambda d, k: {"powers": d ** np.arange(k)}
        >>> table = mf.sweep({"d": [2, 3, 5], "k": 4}, run, progress=False)
        >>> table.array("powers").shape, table.array("powers")[1].tolist()
        ((3, 4), [1, 3, 9, 27])

        See: the chapter "Past one machine".
        """
        values = [np.asarray(value) for value in self[name]]
        if len(shapes := {value.shape for value in values}) != 1:
            raise ValueError(f"array needs rows of one shape; {name!r} has {sorted(shapes)}")
        shape, order = self._places()
        return np.stack(values)[order].reshape(*shape, *shapes.pop())

    def _places(self):
        """The grid's shape, and the rows in the order of its points."""
        axes = self.attrs.get("axes")
        if axes is None:
            return (len(self),), np.arange(len(self))
        places, shape = np.zeros(len(self), dtype=int), []
        for axis in axes:
            texts = [json.dumps(to_json(axis, value)) for value in self[axis]]
            numbers = {text: i for i, text in enumerate(dict.fromkeys(texts))}
            places = places * len(numbers) + [numbers[text] for text in texts]
            shape.append(len(numbers))
        if sorted(places) != list(range(math.prod(shape))):
            raise ValueError(f"array needs each combination of {axes} once, {math.prod(shape)} rows; got {len(self)}")
        return tuple(shape), np.argsort(places)


def table(rows, axes):
    """The DataFrame of rows in JSON's form; `axes` are the arguments that the grid had a list for, None for points."""
    rows = [from_json(row) for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    result = SweepTable({name: _column([row.get(name, math.nan) for row in rows]) for name in names})
    result.attrs["axes"] = axes
    return result


def _column(values):
    """pandas chooses the type of a column, where that changes no value: None is not NaN, and 2**53 + 1 no float."""
    kinds = {type(value) for value in values}
    exact = kinds == {int, float} and all(abs(value) <= 2**53 for value in values if type(value) is int)
    if exact or (len(kinds) == 1 and kinds <= {bool, int, float, complex, str}):
        return pd.Series(values)
    column = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        column[i] = value
    return pd.Series(column, dtype=object)
