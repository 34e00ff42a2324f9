"""What two layers can do within a norm, drawn: neurons averaged over directions, and the norm an error needs."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.figures import style as draw
from mfdepth.sphere import relu_mean, relu_profile

RADII = np.linspace(0, 3, 301)


def profiles(d: int, offset: float) -> go.Figure:
    """Two neurons averaged over all directions, h_0 and h_b, and their difference: a cone that becomes flatter at b.

    d: dimension, at least 2. offset: b, positive. Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> [trace.name for trace in mf.figures.profiles(10, 1.0).data]
    ['h<sub>0</sub>', 'h<sub>1</sub>', 'h<sub>0</sub> − h<sub>1</sub>']

    See: the chapter "What can two layers do?".
    """
    b = checks.positive("offset", offset)
    cone, later = relu_profile(RADII, 0.0, d), relu_profile(RADII, b, d)
    names = "h<sub>0</sub>", f"h<sub>{b:g}</sub>"
    traces = [
        draw.curve(RADII, cone, names[0], draw.SHALLOW),
        draw.curve(RADII, later, names[1], draw.SHALLOW, "dot"),
        draw.curve(RADII, cone - later, " − ".join(names), draw.FINITE),
    ]
    alt = (
        f"Averages of a ReLU neuron over all directions at d = {d}, against the radius: a straight line for the offset "
        f"0, a curve that leaves zero at {b:g} for the offset {b:g}, and their difference, which bends there."
    )
    return draw.figure(traces, "radius r", "mean over directions", alt=alt)


def norm_by_dimension(needed: Mapping) -> go.Figure:
    """The norm that two layers need for an error, against the dimension; and that of the exact three-layer network.

    needed: error -> {dimension: norm}, of `norm_needed`. Returns a Plotly figure, both scales logarithmic.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.norm_by_dimension({1e-3: {3: 6.6, 10: 13.9}})
    >>> drawn.data[1].name, [round(float(norm), 1) for norm in drawn.data[1].y]
    ('three layers, exact', [4.0, 7.7])

    See: the chapter "What can two layers do?".
    """
    dims = sorted({d for row in needed.values() for d in row})
    traces = []
    for (error, row), dash in zip(needed.items(), cycle(draw.DASHES), strict=False):
        x, y = zip(*sorted(row.items()), strict=True)
        traces.append(draw.curve(x, y, f"two layers, error {draw.power_of_ten(error)}", draw.SHALLOW, dash))
    traces.append(draw.curve(dims, [1 / relu_mean(d) for d in dims], "three layers, exact", draw.INFINITE))
    alt = "The norm that two layers need, against the dimension, for each error; and 1/C_d, that of exact three layers."
    title = "norm Σ |a<sub>k</sub>| |w<sub>k</sub>|"
    return draw.figure(traces, "dimension d", title, alt=alt, log_x=True, log_y=True, ticks=dims)
