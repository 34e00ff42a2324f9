"""Figures of the general case: growth at the predicted rate, who stays in the tube, paths that leave or come back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw

WIDE = (8, 4, 2)  # lines of the measured curves, the widest below, so that curves on top of each other are all seen


def growth(runs: Mapping[int, Any], mode: Any) -> go.Figure:
    """The gain |p(t)/p(0)| of the unstable mode, one curve for each width, on the predicted e^{lambda t}.

    runs: width -> `GeneralRun`, of one network each. mode: the `UnstableMode` of their case and step.
    Returns a Plotly figure.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import general_case
    >>> rng = np.random.default_rng(0)
    >>> case = general_case.general_case(4, 50, rng)
    >>> run = general_case.general_run(case, *general_case.general_init(4, 64, rng), [0, 10, 20])
    >>> drawn = mf.figures.growth({64: run}, general_case.unstable_mode(case, step=0.2))
    >>> [trace.name for trace in drawn.data], float(drawn.data[0].y[0])
    (['m = 64', 'predicted'], 1.0)

    See: the chapter "When errors do compound".
    """
    traces, ends = [], []
    for i, (m, run) in enumerate(runs.items()):
        amplitude = np.abs(draw.numpy(run.F) @ mode.dual)
        gain = amplitude / amplitude[0]
        style = {"width": WIDE[min(i, len(WIDE) - 1)], "opacity": 0.45 + 0.55 * (i + 1) / len(runs)}
        traces.append(draw.curve(run.t, gain, f"m = {m}", draw.FINITE, draw.DASHES[i % len(draw.DASHES)], **style))
        ends.append(f"{gain[-1]:.2g} at m = {m}")
    t = draw.numpy(run.t)
    traces.append(draw.curve(t, np.exp(mode.euler_rate * t), "predicted", draw.PREDICTION))
    alt = (
        f"The gain of the unstable mode against time, on a logarithmic scale: {', '.join(ends)} at the end, beside a "
        f"straight line that ends at {np.exp(mode.euler_rate * t[-1]):.2g}."
    )
    return draw.figure(traces, "time t", "gain |p(t)/p(0)|", alt=alt, log_y=True)


def staying(t: Array, inside: Mapping) -> go.Figure:
    """The share of networks that are still in the tube at each time, one curve for each width, with the prediction.

    t: (T,). inside: width -> (measured, predicted), two arrays (T,) of numbers from 0 to 1. Returns a Plotly figure.
    Raises ValueError for shares outside [0, 1] and other shapes.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.staying([0, 10], {64: ([1.0, 0.4], [1.0, 0.5])})
    >>> [trace.name for trace in drawn.data]
    ['m = 64', 'predicted']

    See: the chapter "When errors do compound".
    """
    t, traces, words = draw.numpy(t), [], []
    for i, (m, pair) in enumerate(inside.items()):
        for values, name, colour in zip(pair, (f"m = {m}", "predicted"), (draw.FINITE, draw.PREDICTION), strict=True):
            share = checks.finite_array("inside", draw.numpy(values), shape=t.shape)
            share = checks.within("inside", share, 0, 1, "from 0 to 1")
            last = {"showlegend": i == 0, "legendgroup": name, "legendrank": 2000} if name == "predicted" else {}
            traces.append(draw.curve(t, share, name, colour, draw.DASHES[i % len(draw.DASHES)], **last))
        words.append(f"{float(np.interp(t[-1] / 2, t, pair[0])):.0%} of the networks with m = {m}")
    alt = f"The share of networks within the tube against time. Half way: {', '.join(words)}; predictions run along."
    return draw.figure(traces, "time t", "share within the tube", alt=alt)


def tubes(panels: Mapping[str, tuple]) -> go.Figure:
    """The last figure of the talk, from data: signed errors of many networks about the infinite-width trajectory.

    panels: title -> (t, paths, tube, rate). t: (T,). paths: (T, n), one signed component of the error of n networks.
    tube: the half-width of the tube, in which the panel measures. rate: (T,), or a number: the predicted p'/p, which
    the grey arrows follow: away from the trajectory where it is positive, towards it where it is negative.
    Returns a Plotly figure, one panel below the other. Raises ValueError for a tube that is not positive.

    >>> import mfdepth as mf, numpy as np
    >>> t = np.linspace(0, 10, 11)
    >>> drawn = mf.figures.tubes({"unstable": (t, np.exp(0.3 * t)[:, None], 5.0, 0.3)})
    >>> [trace.name for trace in drawn.data]
    ['where an error goes', 'infinite width', 'edge of the tube', 'networks']

    See: the chapter "When errors do compound".
    """
    traces, words = [], []
    for i, (title, (t, paths, tube, rate)) in enumerate(panels.items()):
        t, tube = draw.numpy(t), checks.positive("tube", tube)
        paths = draw.numpy(paths) / tube
        more = {"yaxis": "y" if i == 0 else f"y{i + 1}", "showlegend": i == 0}
        traces.append(_arrows(t, np.broadcast_to(draw.numpy(rate), t.shape), **more))
        traces.append(draw.curve(t[[0, -1]], [0, 0], "infinite width", draw.INFINITE, width=3, **more))
        edge = draw.curve(
            [*t[[0, -1]], None, *t[[0, -1]]], [1, 1, None, -1, -1], "edge of the tube", draw.TARGET, "dash"
        )
        traces.append(edge.update(more))
        x = np.tile(np.append(t, np.nan), paths.shape[1])  # a gap lifts the pen between two networks
        y = np.append(paths, np.full((1, paths.shape[1]), np.nan), axis=0).T.ravel()
        traces.append(draw.curve(x, y.astype(np.float32), "networks", draw.FINITE, width=1, opacity=0.7, **more))
        first, last = (np.mean(np.abs(paths[j]) < 1) for j in (0, -1))
        words.append(
            f"{title}: {first:.0%} of {paths.shape[1]} networks are in the tube at first, {last:.0%} at the end"
        )
    drawn = draw.figure(
        traces, "time t", [f"{title}<br>error / tube" for title in panels], alt="; ".join(words) + ".", height=560
    )
    return drawn.update_yaxes(range=[-2, 2])


def _arrows(t, rate, **more):
    """Short strokes along dp/dt = rate p, at some times and heights of a panel; a dot marks where each one goes."""
    grid = np.meshgrid(np.linspace(t[0], t[-1], 14)[:-1], [-1.25, -0.6, 0.6, 1.25])
    at, height = (x.ravel() for x in grid)
    ahead = 0.045 * (t[-1] - t[0])
    end = height * np.exp(ahead * np.interp(at, t, rate))
    gap = np.full(at.shape, np.nan)
    x, y = (np.stack(columns, axis=1).ravel() for columns in ((at, at + ahead, gap), (height, end, gap)))
    trace = draw.curve(x, y, "where an error goes", draw.DENSITY, width=1.5, **more)
    return trace.update(
        mode="lines+markers",
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": np.tile([0, 9, 0], len(at)),
            "color": draw.DENSITY,
            "line": {"width": 0},
        },
    )
