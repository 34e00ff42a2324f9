"""Figures of what accuracy costs: error against seconds, and seconds against the sizes of a network."""

import math
from collections.abc import Mapping
from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.figures import style as draw

COLOURS = draw.FINITE, draw.TARGET, draw.SHALLOW, draw.PREDICTION


def error_and_seconds(groups: Mapping[str, tuple], *, quantity: str = "relative error") -> go.Figure:
    """Runs as points, error against seconds, both logarithmic, and for each group the least error within a time.

    groups: name -> (seconds (k,), errors (k,)), all positive, at most four groups. quantity: the title of the errors.
    The line of a group has a step at each run that nothing cheaper matches. Returns a Plotly figure.
    Raises ValueError for values that are not positive and for more groups.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.error_and_seconds({"ours": ([1.0, 2.0, 3.0], [0.1, 0.3, 0.01])})
    >>> [float(x) for x in drawn.data[0].x], [float(y) for y in drawn.data[0].y]
    ([1.0, 3.0], [0.1, 0.01])

    See: the chapter "Accuracy and cost".
    """
    if not 1 <= len(groups) <= len(COLOURS):
        raise ValueError(f"groups must hold 1 to {len(COLOURS)} of them; got {len(groups)}")
    traces, said = [], []
    for (name, pair), colour, symbol, dash in zip(groups.items(), COLOURS, draw.SYMBOLS, draw.DASHES, strict=False):
        seconds, errors = _positive("seconds", pair[0]), _positive("errors", pair[1])
        checks.array("errors", errors, shape=seconds.shape)
        order = np.lexsort((errors, seconds))
        x, y = seconds[order], errors[order]
        best = y < np.minimum.accumulate(np.concatenate([[math.inf], y[:-1]]))
        line = draw.curve(x[best], y[best], name, colour, dash, legendgroup=name, showlegend=False)
        traces += [line.update(line_shape="hv"), draw.points(x, y, name, colour, symbol, legendgroup=name)]
        said.append(f"{name}: from {y[best][0]:.1g} in {x[best][0]:.2g} s to {y[best][-1]:.1g} in {x[best][-1]:.2g} s")
    alt = f"Error against seconds, both logarithmic, with the least error within a time. {'; '.join(said)}."
    return draw.figure(traces, "seconds", quantity, alt=alt, log_x=True, log_y=True)


def cost_by_size(runs: Mapping[str, tuple]) -> go.Figure:
    """Seconds against each size of a run, as multiples of the smallest, both logarithmic.

    runs: name of the size -> (values (k,), seconds (k,)), positive, values increasing. Returns a Plotly figure; the
    legend has the exponent between the last two values. Raises ValueError for values that are not.

    >>> import mfdepth as mf
    >>> [trace.name for trace in mf.figures.cost_by_size({"m1": ([64, 128, 256], [1.0, 1.5, 3.0])}).data]
    ['m1: last exponent 1.00', 'proportional']

    See: the chapter "Accuracy and cost".
    """
    traces, said, largest = [], [], 1.0
    colours = cycle((draw.FINITE, draw.INFINITE, draw.PREDICTION, draw.SHALLOW, draw.TARGET))
    for (name, (values, seconds)), colour, symbol in zip(runs.items(), colours, cycle(draw.SYMBOLS), strict=False):
        x, y = _positive("values", values), _positive("seconds", seconds)
        checks.array("seconds", y, shape=x.shape)
        if len(x) < 2 or np.any(np.diff(x) <= 0):
            raise ValueError(f"values must hold at least two and increase; got {values!r}")
        slope = math.log(y[-1] / y[-2]) / math.log(x[-1] / x[-2])
        line = draw.curve(x / x[0], y / y[0], f"{name}: last exponent {slope:.2f}", colour)
        traces.append(line.update(mode="lines+markers", marker={"symbol": symbol, "size": 8}))
        said.append(f"{name} from {x[0]:g} to {x[-1]:g} costs {y[-1] / y[0]:.2g} times as much")
        largest = max(largest, x[-1] / x[0])
    traces.append(draw.curve([1, largest], [1, largest], "proportional", draw.TARGET, "dot"))
    alt = f"Seconds of a run against its sizes, as multiples of the smallest. {'; '.join(said)}."
    return draw.figure(
        traces, "size, in multiples of the smallest", "seconds, likewise", alt=alt, log_x=True, log_y=True
    )


def _positive(name, values):
    values = checks.finite_array(name, draw.numpy(values), ndim=1)
    return checks.within(name, values, math.ulp(0.0), math.inf, "positive")
