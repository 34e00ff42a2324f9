"""Figures of other starts than the standard one: small ones, clouds of neurons, and clouds of several sizes."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth.figures import style as draw
from mfdepth.flow import Trajectory


def small_start(runs: Sequence[tuple], limit: float) -> go.Figure:
    """alpha_t from smaller and smaller starts, on a logarithmic scale of alpha, with the value they all end at.

    runs: pairs (size of the start, `Trajectory`), in the order of the legend. limit: a number, drawn as a thin line.
    Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(10), 0.01, -0.2, 0.2, [0, 1, 2])
    >>> len(mf.figures.small_start([(0.2, run)], limit=0.64).data)
    2

    See: the chapter "Other starts".
    """
    traces = [
        draw.curve(run.t, run.alpha, f"w2 = −{size:g}", draw.INFINITE, dash)
        for (size, run), dash in zip(runs, cycle(draw.DASHES), strict=False)
    ]
    end = max(run.t[-1] for _, run in runs)
    traces.append(draw.curve([0, end], [limit, limit], "(2 C<sub>d</sub>)<sup>1/3</sup>", draw.DENSITY, width=1))
    alt = f"Curves of alpha against time: the smaller the start, the later alpha rises, and all end at {limit:.3f}."
    return draw.figure(traces, "time t", "α<sub>t</sub>", alt=alt, log_y=True)


def cloud_sizes(runs: Any) -> go.Figure:
    """The loss, and the spread of w2 over the neurons, for second layers of several sizes.

    runs: pairs (m2, `Trajectory`), the first of them drawn as a line and the others as points on top of it; at most 9.
    A run of one neuron has no spread. Returns a Plotly figure; ValueError for no run or too many.

    >>> import mfdepth as mf, numpy as np
    >>> one = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 1])
    >>> two = mf.infinite_width(mf.BesselLaw(10), 1.0, np.array([-0.08, -0.12]), np.array([0.5, 0.5]), [0, 1])
    >>> [(trace.name, trace.yaxis) for trace in mf.figures.cloud_sizes([(1, one), (2, two)]).data]
    [('m<sub>2</sub> = 1', 'y'), ('m<sub>2</sub> = 2', 'y'), ('m<sub>2</sub> = 2, spread', 'y2')]

    See: the chapter "Other starts".
    """
    if not 1 <= len(runs) <= 1 + len(draw.SYMBOLS):
        raise ValueError(f"runs must hold 1 to {1 + len(draw.SYMBOLS)} pairs (m2, run); got {len(runs)}")
    traces = []
    for i, (m2, run) in enumerate(runs):
        name, spread = f"m<sub>2</sub> = {m2}", np.std(draw.numpy(run.w2).reshape(len(run.t), -1), axis=1)
        if i == 0:
            traces.append(draw.curve(run.t, run.loss, name, draw.INFINITE, yaxis="y"))
        else:
            # each kind of point on times of its own, or they would cover one another
            own = slice(i - 1, None, len(runs) - 1)
            look = {"colour": draw.INFINITE, "symbol": draw.SYMBOLS[i - 1], "opacity": 0.8, "legendgroup": name}
            traces.append(draw.points(run.t[own], run.loss[own], name, yaxis="y", **look))
        if np.any(spread > 0):
            dash = {"dash": draw.DASHES[i % len(draw.DASHES)], "yaxis": "y2"}
            traces.append(draw.curve(run.t, spread, f"{name}, spread", draw.INFINITE, **dash))
    losses = [float(run.loss[-1]) for _, run in runs]
    alt = (
        f"Two panels in time for second layers of {', '.join(str(m2) for m2, _ in runs)} neurons. The loss of all ends "
        f"between {min(losses):.1g} and {max(losses):.1g}; the spread of w2 over the neurons is drawn below it."
    )
    drawn = draw.figure(traces, "time t", ("loss L", "spread of w<sub>2</sub>"), alt=alt, log_y=True, height=520)
    # the spread stays within a decade, where a logarithmic axis has no marks
    drawn.layout.yaxis2.update(type="linear", rangemode="tozero", dtick=None, exponentformat=None)
    return drawn


def second_layer(run: Trajectory, times: Sequence[float], *, ideal: Trajectory | None = None) -> go.Figure:
    """The second-layer neurons (w2, b2) at some times: a cloud that travels like one neuron.

    As in the third panel of the talk's simulation. run: a `Trajectory`, of finite or infinite width. times: some of its
    saved times, at most 8. ideal: the infinite-width `Trajectory` from the same start, whose mean draws a path. The
    grey cross is one neuron that fits the target, w2 = -1/alpha and b2 = 1, with alpha at the end of the run.
    Returns a Plotly figure; ValueError for times that the run did not save.

    >>> import mfdepth as mf, numpy as np
    >>> run = mf.infinite_width(mf.BesselLaw(10), 1.0, np.array([-0.1, -0.2]), np.array([0.5, 0.6]), [0, 10])
    >>> [round(float(b), 6) for b in mf.figures.second_layer(run, [0]).data[0].y]
    [0.5, 0.6]

    See: the chapter "Other starts".
    """
    w2, b2 = (draw.numpy(x).reshape(len(run.t), -1) for x in (run.w2, run.b2))
    colour = draw.INFINITE if run.rho is None else draw.FINITE  # a finite run has its rho
    traces = [draw.points(w2[i], b2[i], colour=colour, size=6, **mark) for i, mark in draw.marks(run, times)]
    if ideal is not None:
        path = [draw.mean_neuron(x) for x in (ideal.w2, ideal.b2)]
        traces.append(draw.curve(*path, "mean at infinite width", draw.INFINITE))
    fit = draw.points([-1 / float(run.alpha[-1])], [1.0], "fits the target", draw.TARGET, "x-thin", size=13)
    traces.append(fit.update(marker_line={"width": 3, "color": draw.TARGET}))
    (w, v), spread = ((x.mean(axis=1)[[0, -1]] for x in (w2, b2)), w2[-1].std())
    alt = (
        f"{w2.shape[1]} points (w2, b2) at {len(times)} times. Over the run their mean goes from "
        f"({w[0]:.2f}, {v[0]:.2f}) to ({w[1]:.2f}, {v[1]:.2f}); at its end w2 has the standard deviation {spread:.2g}."
    )
    return draw.figure(traces, "slope w<sub>2</sub>", "bias b<sub>2</sub>", alt=alt)
