"""Figures of the proofs at infinite width: what is missing at a rest, proved bounds, all dimensions."""

from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.laws import RadialLaw


def what_is_missing(
    alpha: float, w2: Array, b2: Array, *, r_max: float = 1.6, law: RadialLaw | None = None
) -> go.Figure:
    """A second layer at infinite width, and what it lacks, g = f* - f; below, where each neuron is active.

    Where g > 0 the area under it is filled. f is convex and f* is straight below 1, so this is one interval, or none.

    alpha: positive. w2, b2: shape (m2,), at most 8 neurons. r_max: the last radius. law: a radial law whose density is
    drawn behind. Returns a Plotly figure. Raises ValueError for too many neurons or shapes that do not fit.

    >>> import numpy as np
    >>> drawn = what_is_missing(1.0, np.array([-1.0, -0.3]), np.array([0.7, 0.5]))
    >>> [trace.name for trace in drawn.data][:3]
    ['network f', 'target f*', 'missing g']

    See: the chapter "Why must it get there?".
    """
    alpha, r_max = checks.positive("alpha", alpha), checks.positive("r_max", r_max)
    w2 = np.atleast_1d(checks.finite_array("w2", draw.numpy(w2)))
    b2 = checks.finite_array("b2", np.atleast_1d(draw.numpy(b2)), shape=w2.shape)
    if w2.ndim != 1 or len(w2) > len(draw.SYMBOLS):
        raise ValueError(f"w2 must hold 1 to {len(draw.SYMBOLS)} neurons; got shape {w2.shape}")
    with np.errstate(divide="ignore", invalid="ignore"):
        kinks = np.where(w2 != 0, -b2 / (w2 * alpha), np.inf)
    r = np.union1d(np.linspace(0, r_max, 321), kinks[(kinks > 0) & (kinks < r_max)])
    lines = w2[:, None] * alpha * r + b2[:, None]
    f, target = np.mean(np.maximum(lines, 0), axis=0), np.maximum(1 - r, 0)
    g, fill = target - f, {"fill": "tozeroy", "fillcolor": "rgba(213, 94, 0, 0.25)", "showlegend": False}
    traces = [
        draw.curve(r, f, "network f", draw.INFINITE, yaxis="y"),
        draw.curve(r, target, "target f*", draw.TARGET, "dash", width=3, yaxis="y"),
        draw.curve(r, g, "missing g", draw.INFINITE, "dot", yaxis="y2"),
        draw.curve(r, np.maximum(g, 0), "g > 0", draw.INFINITE, width=0, yaxis="y2", **fill),
    ]
    step = 0.12 * np.ptp(g)
    for j, line in enumerate(lines):
        bar = np.where(line > 0, min(g.min(), 0) - (j + 1) * step, np.nan)
        name = {"name": "active", "legendgroup": "active", "showlegend": j == 0}
        traces.append(draw.curve(r, bar, colour=draw.DENSITY, width=5, yaxis="y2", **name))
    if law is not None:
        traces.insert(0, draw.density(law, r_max).update(yaxis="y"))
    positive = r[g > 1e-12]
    where = f"positive from {positive[0]:.2f} to {positive[-1]:.2f}" if len(positive) else "nowhere positive"
    alt = (
        f"Above, the network f and the tent; below, their difference g, {where}, and bars where each neuron is active."
    )
    drawn = draw.figure(traces, "radius r", ("f, f*", "g = f* − f"), alt=alt, height=460)
    drawn.layout.yaxis2.zeroline = True
    return drawn


def proved_bounds(run: Any, found: Any) -> go.Figure:
    """The loss of one neuron at infinite width, below the bounds that were proved before it ran.

    run: a `Trajectory`. found: the `Convergence` of its start; what is not proved there is not drawn. Returns a Plotly
    figure.

    >>> import mfdepth as mf
    >>> start = mf.BesselLaw(10), 1.0, -0.1, 0.5
    >>> drawn = mf.figures.proved_bounds(mf.infinite_width(*start, [0, 10, 20]), mf.convergence(*start))
    >>> [trace.name for trace in drawn.data]
    ['V(0)/(2t)', 'l<sub>0</sub> exp(−κt)', 'loss']

    See: the chapter "Why must it get there?".
    """
    t, traces = draw.numpy(run.t), []
    if "V(0)/(2 t)" in found.proved:
        late = t > 0
        traces.append(draw.curve(t[late], found.lyapunov / 2 / t[late], "V(0)/(2t)", draw.PREDICTION, "dash"))
    if "exponential" in found.proved:
        fall = found.loss * np.exp(-found.kappa * t)
        traces.append(draw.curve(t, fall, "l<sub>0</sub> exp(−κt)", draw.PREDICTION, "dot"))
    traces.append(draw.curve(t, run.loss, "loss", draw.INFINITE))
    alt = (
        f"The loss against time, from {run.loss[0]:.2g} to {run.loss[-1]:.2g}; at the last time the least bound "
        f"that are proved is {float(found.bound(float(t[-1]))):.2g}."
    )
    drawn = draw.figure(traces, "time t", "loss L", alt=alt, log_y=True)
    lowest = np.log10(max(np.min(draw.numpy(run.loss)), 1e-14))
    drawn.layout.yaxis.range = [lowest - 0.3, np.log10(2 * found.loss)]
    return drawn


def every_dimension(runs: Any, limit: Any, bound: Any) -> go.Figure:
    """The loss in several dimensions from one start, in the limit d -> infinity, and one bound for all of them.

    runs: dimension -> `Trajectory`. limit: the run under `mf.LimitLaw`. bound: its values at the times of the
    limit. Returns a Plotly figure.

    >>> import mfdepth as mf, numpy as np
    >>> t, start = np.linspace(0, 50, 6), {"alpha": 1.0, "w2": -0.1, "b2": 0.5}
    >>> runs = {d: mf.infinite_width(mf.BesselLaw(d), **start, t=t) for d in (2, 100)}
    >>> limit = mf.infinite_width(mf.LimitLaw(), **start, t=t)
    >>> [trace.name for trace in mf.figures.every_dimension(runs, limit, 0.036 * np.exp(-0.0354 * t)).data]
    ['d = 2', 'd = 100', 'd → ∞', 'bound']

    See: the chapter "Why must it get there?".
    """
    traces = [
        draw.curve(run.t, run.loss, f"d = {d}", draw.INFINITE, dash, width=1.5)
        for (d, run), dash in zip(sorted(runs.items()), cycle(("dot", "dash", "dashdot", "14px,3px")), strict=False)
    ]
    traces.append(draw.curve(limit.t, limit.loss, "d → ∞", draw.INFINITE, width=3))
    traces.append(draw.curve(limit.t, bound, "bound", draw.PREDICTION, "dash"))
    ends = ", ".join(f"{run.loss[-1]:.1g} at d = {d}" for d, run in sorted(runs.items()))
    alt = f"The loss against time, below one bound: it ends at {ends}, and at {limit.loss[-1]:.1g} in the limit."
    return draw.figure(traces, "time t", "loss L", alt=alt, log_y=True)
