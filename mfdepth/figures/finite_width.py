"""Figures of a finite run: the network along rays, and its three numbers beside those of infinite width."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.flow import Trajectory
from mfdepth.laws import RadialLaw
from mfdepth.networks import first_layer


def along_rays(
    run: Trajectory, directions: Array, times: Sequence[float], *, r_max: float = 2.0, law: RadialLaw | None = None
) -> go.Figure:
    """The network f along rays from the origin at some times, against the target: is f radial, and does it fit?

    The second panel of the simulation in the talk. run: a `Trajectory` with its first layer saved. directions: (n, d),
    unit rows, a ray each. times: some of its saved times, at most 8. r_max: how far the rays go. law: a radial law
    whose density, scaled to the height of the target, is drawn behind.
    Returns a Plotly figure, where one trace holds all rays of a time. Raises ValueError for a run without its first
    layer, for times that it did not save, and for directions of another shape.

    >>> import mfdepth as mf, numpy as np
    >>> law, w1 = mf.BesselLaw(5), mf.init_first_layer(5, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(law, w1, np.array([-0.1]), np.array([0.5]), [0, 5], rng=1, save_w1=True)
    >>> drawn = mf.figures.along_rays(run, np.eye(5), [0, 5])
    >>> [trace.name for trace in drawn.data if trace.showlegend is None]
    ['t = 0', 't = 5', 'target']

    See: the chapter "A finite network, simulated".
    """
    if run.w1 is None:
        raise ValueError("run must hold its first layer: train with save_w1=True")
    r_max = checks.positive("r_max", r_max)
    u = checks.finite_array("directions", draw.numpy(directions), shape=(len(directions), run.w1.shape[-1]))
    r = np.union1d(np.linspace(0, r_max, 61), min(1.0, r_max))
    traces = [] if law is None else [draw.density(law, r_max)]
    for i, mark in draw.marks(run, times):
        slope = first_layer(draw.numpy(run.w1[i]), u)[:, None] * r
        w2, b2 = (np.atleast_1d(draw.numpy(x[i])) for x in (run.w2, run.b2))
        f = np.mean([np.maximum(w * slope + b, 0) for w, b in zip(w2, b2, strict=True)], axis=0)
        gap = np.full((len(f), 1), np.nan)  # lifts the pen between two rays
        rays = np.hstack([np.broadcast_to(r, f.shape), gap]), np.hstack([f, gap])
        x, y = (values.astype(np.float32).ravel() for values in rays)
        group = {"opacity": mark["opacity"], "legendgroup": mark["name"], "showlegend": False}
        traces.append(draw.curve(x, y, mark["name"], draw.FINITE, width=1, **group))
        traces.append(draw.points([0.0], [f[0, 0]], colour=draw.FINITE, size=10, legendgroup=mark["name"], **mark))
    traces.append(draw.curve(r, np.maximum(1 - r, 0), "target", draw.TARGET, "dash", width=3))
    alt = (
        f"The network along {len(f)} rays at {len(times)} times, and the target ReLU(1 - r), dashed. "
        f"At the last of these times the rays differ by at most {np.max(np.ptp(f, axis=0)):.2g}."
    )
    return draw.figure(traces, "radius r = |x|", "network f", alt=alt)


def tracking(run: Trajectory, ideal: Trajectory) -> go.Figure:
    """A finite run on top of the infinite-width one: alpha, and the means of w2 and b2, each in its own panel.

    run, ideal: a finite and an infinite-width `Trajectory` from the same start. Returns a Plotly figure.

    >>> import mfdepth as mf, numpy as np
    >>> law, w1 = mf.BesselLaw(5), mf.init_first_layer(5, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(law, w1, np.array([-0.1]), np.array([0.5]), [0, 5], rng=1)
    >>> ideal = mf.infinite_width(law, run.alpha[0], -0.1, 0.5, [0, 5])
    >>> [trace.yaxis for trace in mf.figures.tracking(run, ideal).data]
    ['y', 'y', 'y2', 'y2', 'y3', 'y3']

    See: the chapter "A finite network, simulated".
    """
    traces = []
    for axis, name in (("y", "alpha"), ("y2", "w2"), ("y3", "b2")):
        panel = {"yaxis": axis, "showlegend": axis == "y"}
        line, dots = (draw.mean_neuron(getattr(x, name)) for x in (ideal, run))
        traces.append(draw.curve(ideal.t, line, "infinite width", draw.INFINITE, **panel))
        traces.append(draw.points(run.t, dots, "finite width", draw.FINITE, shown=30, **panel))
    titles = "α<sub>t</sub>", "mean w<sub>2</sub>", "mean b<sub>2</sub>"
    alt = "Three panels in time, alpha and the means of w2 and b2: points of the finite run, lines of the infinite one."
    return draw.figure(traces, "time t", titles, alt=alt, height=560)
