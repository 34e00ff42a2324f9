"""Figures of the outlook: other second layers, the subspace target, and which small errors grow."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.laws import RadialLaw

LEAST_RATE = 1e-12  # from here on the axis of rates is logarithmic


def radial_profile(
    run: Any, t: float, *, target: Callable, r_max: float = 6.0, law: RadialLaw | None = None
) -> go.Figure:
    """An infinitely wide network with any second layer, against its target of the radius.

    run: a `RadialRun`. t: one of its saved times. target: a function of radii. r_max: how far to draw. law: a radial
    law whose density is drawn behind.
    Returns a Plotly figure. Raises ValueError for another time.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import beyond
    >>> hill = lambda r: np.maximum(1 - abs(r - 3), 0)
    >>> run = beyond.radial_flow(mf.GaussianLaw(10), hill, 0.3, [[1.0, -0.5, 1.0]], [0, 10])
    >>> [trace.name for trace in mf.figures.radial_profile(run, 10, target=hill).data]
    ['target', 'infinite width']

    See: the chapter "Beyond".
    """
    i = draw.at(run.t, t)
    r = np.linspace(0, checks.positive("r_max", r_max), 121)
    f, wanted = run.profile(i, r), checks.returned("target(r)", target(r.copy()), r, r.shape)
    traces = [
        draw.curve(r, wanted, "target", draw.TARGET, "dash", width=3),
        draw.curve(r, f, "infinite width", draw.INFINITE),
    ]
    if law is not None:
        traces.insert(0, draw.density(law, r_max))
    alt = (
        f"The network with {run.neurons.shape[1]} {run.activation} neurons in its second layer at t = {t:g}, and the "
        f"target, dashed. The loss is {run.loss[i]:.2g} and alpha is {run.alpha[i]:.3g}."
    )
    drawn = draw.figure(traces, "radius r = |x|", "network f", alt=alt)
    return drawn.update_yaxes(range=[-0.5, 1.3])


def two_lengths(run: Any, t: float) -> go.Figure:
    """The neurons of the subspace flow, each by its length inside and outside the subspace.

    run: a `SubspaceRun`. t: one of its saved times. Neurons on the horizontal axis lie in the subspace.
    Returns a Plotly figure. Raises ValueError for another time.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import beyond
    >>> run = beyond.subspace_flow(6, 2, [0, 50], m=8)
    >>> len(mf.figures.two_lengths(run, 50).data[-1].x)
    8

    See: the chapter "Beyond".
    """
    i = draw.at(run.t, t)
    most = 1.05 * float(max(np.max(run.u), np.max(run.v)))
    traces = [draw.curve([a, b], [0, 0], "the subspace", draw.TARGET, "dash") for a, b in [(0, most)]]
    for k in range(run.u.shape[1]):
        trail = {"showlegend": k == 0, "legendgroup": "path", "opacity": 0.35}
        traces.append(draw.curve(run.u[: i + 1, k], run.v[: i + 1, k], "path so far", draw.INFINITE, width=1, **trail))
    traces.append(draw.points(run.u[i], run.v[i], "neurons", draw.INFINITE))
    alt = (
        f"Neurons by their lengths inside and outside the subspace at t = {t:g}. The share of the squared length that "
        f"lies inside is {run.alignment[i]:.2f}; it was {run.alignment[0]:.2f} at the start."
    )
    drawn = draw.figure(traces, "length inside the subspace", "length outside", alt=alt)
    return drawn.update_xaxes(range=[0, most]).update_yaxes(range=[-0.05 * most, most])


def alignment(run: Any, t: Array, measured: Array) -> go.Figure:
    """The share of the first layer inside the subspace, of the two-length flow and of a finite network beside it.

    run: a `SubspaceRun`. t: (K,), measured: (K,), of `subspace_alignment`. Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import beyond
    >>> run = beyond.subspace_flow(6, 2, [0, 50], m=8)
    >>> [trace.name for trace in mf.figures.alignment(run, [0], [0.33]).data]
    ['infinite width', 'finite width']

    See: the chapter "Beyond".
    """
    traces = [
        draw.curve(run.t, run.alignment, "infinite width", draw.INFINITE),
        draw.points(t, measured, "finite width", draw.FINITE),
    ]
    alt = (
        f"The share inside the subspace against time: it rises from {run.alignment[0]:.2f} to {run.alignment[-1]:.2f}."
    )
    drawn = draw.figure(traces, "time t", "share inside the subspace", alt=alt)
    return drawn.update_yaxes(range=[0, 1])


def growth_by_degree(rates: Array, *, kink: float) -> go.Figure:
    """At what rate each harmonic of the error of F grows or decays: a bar each degree, above zero where it grows.

    The rates of the degrees differ by many powers of ten, so above and below zero the axis is logarithmic.

    rates: of degree 1, 2, ..., as `harmonic_growth` gives them; odd degrees from 3 on do not enter F. kink: R, for the
    title of the axis. Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> [int(degree) for degree in mf.figures.growth_by_degree([0.02, 0.01, 0.0, 0.005], kink=0.4).data[0].x]
    [1, 2, 4]

    See: the chapter "Beyond".
    """
    rates = checks.finite_array("rates", draw.numpy(rates), ndim=1)
    degrees = [1, *range(2, len(rates) + 1, 2)]
    y = rates[np.array(degrees) - 1]
    marks = [sign * 10.0**power for sign in (-1, 1) for power in (-1, -4, -7, -10)] + [0.0]
    bars = {
        "type": "bar",
        "x": degrees,
        "y": _symmetric_log(y),
        "marker": {"color": draw.PREDICTION},
        "showlegend": False,
    }
    grows = "grow" if y[0] > 0 else "decay"
    alt = f"A bar for each degree: with the kink at R = {kink:.2g} all errors {grows}, degree 1 at the rate {y[0]:.2g}."
    drawn = draw.figure(
        [bars], f"degree of the harmonic (kink at R = {kink:.2f})", "growth rate", alt=alt, ticks=degrees
    )
    names = ["0" if mark == 0 else f"{'−' * (mark < 0)}10{_raised(mark)}" for mark in marks]
    edge = float(_symmetric_log(np.array(0.3)))
    return drawn.update_yaxes(range=[-edge, edge], tickvals=_symmetric_log(np.array(marks)).tolist(), ticktext=names)


def _raised(mark):
    return str(round(np.log10(abs(mark)))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _symmetric_log(rates):
    return np.sign(rates) * np.log10(1 + np.abs(rates) / LEAST_RATE)


def leaving_a_ray(t: Array, spreads: Array, gain: Array) -> go.Figure:
    """How far neurons that began on nearly one ray are apart, in time, logarithmically, beside what is predicted.

    t: times (T,). spreads: name -> the spread of their directions, (T,), positive. gain: what the local Hessian says
    that a small spread is multiplied by, (T,), 1 at the start. Returns a Plotly figure.

    >>> drawn = leaving_a_ray([0, 1], {"a fan": [0.01, 0.03]}, [1, 4])
    >>> [trace.name for trace in drawn.data], [round(float(y), 6) for y in drawn.data[0].y]
    (['local Hessian', 'a fan', '-NH alone: no growth'], [0.01, 0.04])

    See: the chapter "Beyond".
    """
    traces, ends = [], []
    gain = checks.finite_array("gain", draw.numpy(gain), shape=(len(t),))
    for (name, spread), dash in zip(spreads.items(), cycle(draw.DASHES), strict=False):
        spread = checks.finite_array("spreads", draw.numpy(spread), shape=(len(t),))
        expected = np.where(spread[0] * gain < 2 * np.max(spread), spread[0] * gain, np.nan)
        traces.append(draw.curve(t, expected, "local Hessian", draw.PREDICTION, dash, showlegend=not traces))
        traces.append(draw.curve(t, spread, name, draw.FINITE, dash))
        ends.append(f"{name}: from {spread[0]:.2g} to {spread[-1]:.2g}")
    flat = np.full(len(t), spread[0])
    traces.append(draw.curve(t, flat, "-NH alone: no growth", draw.TARGET, "dot"))
    alt = f"The spread of directions against time, logarithmic, growing along the predicted lines. {'; '.join(ends)}."
    return draw.figure(traces, "time t", "spread of directions, degrees", alt=alt, log_y=True)
