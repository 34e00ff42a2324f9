"""Figures of the error of finite width: the terms of the loss, rho and its prediction, scaling with the width."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go
from scipy.stats import binomtest

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.flow import Trajectory
from mfdepth.laws import RadialLaw


def decomposition(t: Array, parts: Any) -> go.Figure:
    """The loss and the three terms that it splits into, in time, on a logarithmic scale.

    t: times (T,). parts: the `Decomposition` of the network at those times, each term of shape (T,). The scale ends
    at most three decades below the loss and the first two terms: a cross term that is only rounding stays below it,
    and the legend says so. Returns a Plotly figure.

    >>> import mfdepth as mf, numpy as np
    >>> law, w1 = mf.BesselLaw(5), mf.init_first_layer(5, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(law, w1, np.array([-0.1]), np.array([0.5]), [0, 5], rng=1, save_w1=True)
    >>> parts = mf.decompose(law, run.w1, run.w2, run.b2, mf.orthogonal_directions(50, 5, np.random.default_rng(2)))
    >>> len(mf.figures.decomposition(run.t, parts).data)
    4

    See: the chapter "Why errors do not compound".
    """
    first, second, cross, loss = (draw.numpy(x) for x in vars(parts).values())
    cross, terms = np.abs(cross), np.stack([first, second, loss])
    floor = np.min(terms) * 1e-3
    low = min(np.min(terms), np.min(cross[cross > floor], initial=math.inf))
    below = "" if np.any(cross > floor) else f" ≤ {np.max(cross):.0e}"
    traces = [
        draw.curve(t, loss, "loss L", draw.FINITE, width=6, opacity=0.5),
        draw.curve(t, first, "T₁: round network f~", draw.INFINITE),
        draw.curve(t, second, "T₂: distance to f~", draw.FINITE, "dash"),
        draw.curve(t, cross, f"|cross term|{below}", draw.TARGET, "dot"),
    ]
    alt = (
        f"The loss and its terms against time. The distance to the round network f~ goes from {second[0]:.2g} to "
        f"{second[-1]:.2g}; the cross term is at most {np.max(cross / second):.2g} of it."
    )
    drawn = draw.figure(traces, "time t", "half mean squared error", alt=alt, log_y=True)
    return drawn.update_yaxes(range=[math.log10(low) - 0.2, math.log10(np.max(terms)) + 0.2])


def scaling(
    m1: Array, values: Array, *, quantity: str = "discretization error ρ", constant: float | None = None
) -> go.Figure:
    """An error against the width m1, both on logarithmic scales, with a line constant/m1.

    m1: widths (k,). values: (k,), or (k, n) for n seeds. quantity: the title of its axis.
    constant: a prediction, drawn as one; else the constant that fits best is drawn as a guide for the eye.
    Returns a Plotly figure. Raises ValueError for widths below 1 and values that are not positive.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.scaling([32, 128], [[0.06, 0.05], [0.016, 0.014]], constant=1.9886)
    >>> drawn.data[0].name, [round(float(y), 4) for y in drawn.data[0].y]
    ('1.99/m₁', [0.0621, 0.0155])

    See: the chapter "Why errors do not compound".
    """
    m1 = checks.within("m1", checks.finite_array("m1", draw.numpy(m1)), 1, math.inf, "at least 1")
    values = checks.finite_array("values", draw.numpy(values), shape=(len(m1), *np.shape(values)[1:]))
    values = checks.within("values", values, math.ulp(0.0), math.inf, "positive")
    x, y = np.repeat(m1, values[0].size), values.ravel()
    colour, dash = (draw.TARGET, "dot") if constant is None else (draw.PREDICTION, "solid")
    constant = float(np.exp(np.mean(np.log(x * y)))) if constant is None else constant
    line = draw.curve(m1, constant / m1, f"{constant:.3g}/m₁", colour, dash)
    traces = [line, draw.points(x, y, "measured", draw.FINITE, opacity=0.7)]
    slope = np.polyfit(np.log(x), np.log(y), 1)[0] if len(m1) > 1 else math.nan
    alt = f"{quantity} against the width m1, both logarithmic: points of slope {slope:.2f}, and a line of slope -1."
    return draw.figure(traces, "width m<sub>1</sub>", quantity, alt=alt, log_x=True, log_y=True, ticks=m1)


def moving_error(degrees: Array, error: Array, velocities: Mapping) -> go.Figure:
    """The relative error of a first layer around the circle, and how the flow moves it there, scaled to its height.

    degrees: the directions, (n,). error: e, (n,). velocities: name -> e', (n,), not all zero. Returns a Plotly figure.

    >>> drawn = moving_error([0, 90], [0.1, -0.2], {"pulled back": [-1.0, 4.0]})
    >>> [trace.name for trace in drawn.data], [round(float(y), 3) for y in drawn.data[1].y]
    (['error e', 'e′, pulled back'], [-0.05, 0.2])

    See: the chapter "Why errors do not compound".
    """
    error = checks.finite_array("error", draw.numpy(error), shape=(len(degrees),))
    traces, height = [draw.curve(degrees, error, "error e", draw.FINITE, width=3)], np.max(np.abs(error))
    said = []
    for (name, moved), dash in zip(velocities.items(), cycle(draw.DASHES[1:]), strict=False):
        moved = checks.finite_array("velocities", draw.numpy(moved), shape=(len(degrees),))
        traces.append(draw.curve(degrees, moved * height / np.max(np.abs(moved)), f"e′, {name}", draw.PREDICTION, dash))
        along = np.mean(moved * error) / np.sqrt(np.mean(moved**2) * np.mean(error**2))
        said.append(f"{name}: the cosine between the two is {along:.2f}")
    alt = f"The relative error around the circle, up to {height:.2g}, and its velocity. {'; '.join(said)}."
    axis = {"tickvals": [0, 90, 180, 270, 360]}
    return draw.figure(traces, "direction u, degrees", "e, and e′ scaled", alt=alt).update_xaxes(axis)


def losses(t: Array, measured: Mapping, curve_times: Array, predicted: Mapping) -> go.Figure:
    """Losses of trained networks as points, on the curves that the infinite width and rho predict, by name.

    t: times (T,). measured: name -> losses (T,). predicted: the same names -> losses (K,) at curve_times (K,).
    Returns a Plotly figure.

    >>> drawn = losses([0, 9], {"d = 10": [0.02, 0.001]}, [0, 1, 9], {"d = 10": [0.02, 0.01, 0.001]})
    >>> [trace.name for trace in drawn.data]
    ['predicted', 'd = 10']

    See: the chapter "Why errors do not compound".
    """
    traces = []
    for (name, loss), symbol, dash in zip(measured.items(), cycle(draw.SYMBOLS), cycle(draw.DASHES), strict=False):
        line = draw.curve(curve_times, predicted[name], "predicted", draw.PREDICTION, dash, showlegend=not traces)
        traces += [line, draw.points(t, loss, name, draw.FINITE, symbol)]
    ends = ", ".join(f"{float(loss[-1]):.2g} at {name}" for name, loss in measured.items())
    alt = f"The loss against time, on a logarithmic scale: points of trained networks on curves. It ends at {ends}."
    return draw.figure(traces, "time t", "loss L", alt=alt, log_y=True)


def harmonics(
    t: Array, measured: Any, predicted: Any, *, degrees: Sequence[int] = (1, 2, 4), curve_times: Array | None = None
) -> go.Figure:
    """The share of each harmonic that is left, as points of a run on the first-order curves.

    t: times (T,). measured: parts of rho at those times, (T, L) for degrees 1 .. L, as `harmonic_errors` gives them.
    predicted: what is left of each degree, (K, L'), as `harmonic_decay` gives it, at curve_times (K,), or at t.
    degrees: which to draw, at most 8, each with a part that is not zero at t = 0. Returns a Plotly figure. Raises
    ValueError for other degrees and shapes that do not fit.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.harmonics([0, 1], [[0.2, 0.1], [0.1, 0.09]], [[1, 1], [0.5, 0.9]], degrees=(1, 2))
    >>> [trace.name for trace in drawn.data], [round(float(y), 6) for y in drawn.data[1].y]
    (['first order', 'degree 1', 'first order', 'degree 2'], [1.0, 0.5])

    See: the chapter "Why errors do not compound".
    """
    times = t if curve_times is None else curve_times
    measured, predicted = (
        checks.finite_array(n, draw.numpy(x), ndim=2) for n, x in (("measured", measured), ("predicted", predicted))
    )
    checks.array("measured", measured, shape=(len(t), measured.shape[1]))
    checks.array("predicted", predicted, shape=(len(times), predicted.shape[1]))
    most = min(measured.shape[1], predicted.shape[1])
    traces = []
    if not 1 <= len(degrees) <= len(draw.SYMBOLS):
        raise ValueError(f"degrees must hold 1 to {len(draw.SYMBOLS)} of them; got {len(degrees)}")
    for order, symbol, dash in zip(degrees, draw.SYMBOLS, cycle(draw.DASHES), strict=False):
        if not 1 <= order <= most or measured[0, order - 1] <= 0:
            raise ValueError(f"degrees must be from 1 to {most} and have a part at the start; got {order!r}")
        traces.append(
            draw.curve(times, predicted[:, order - 1], "first order", draw.PREDICTION, dash, showlegend=not traces)
        )
        left = measured[:, order - 1] / measured[0, order - 1]
        traces.append(draw.points(t, left, f"degree {order}", draw.FINITE, symbol))
    ends = ", ".join(f"{measured[-1, order - 1] / measured[0, order - 1]:.2g} of degree {order}" for order in degrees)
    alt = f"What is left of each harmonic of the error, measured as points on predicted curves. At the end: {ends}."
    return draw.figure(traces, "time t", "part left of harmonic l", alt=alt).update_yaxes(rangemode="tozero")


def growth_region(
    laws: Sequence[RadialLaw], paths: Mapping[str, Trajectory], *, kinks: tuple[float, float] = (0.0, 1.6)
) -> go.Figure:
    """Where errors grow, to first order: the bias below which K < 0, by kink, for each law; and flows.

    For one second-layer neuron the sign of K depends on its bias and its kink R = -b2/(w2 alpha) alone (ours): K > 0
    where b2 > R^3 p(R) (1 - R)/E[r^2; r <= R]. laws: radial laws, the region of the first one filled. paths: name ->
    infinite-width `Trajectory` with one second-layer neuron. kinks: the range of R shown. Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 10])
    >>> [trace.name for trace in mf.figures.growth_region([mf.BesselLaw(10)], {"a run": run}).data]
    ['K = 0, d = 10', 'a run', 'start', 'fits the target']

    See: the chapter "Why errors do not compound".
    """
    r = np.linspace(0.02, 1.0, 197)
    traces = []
    for law, dash in zip(laws, cycle(draw.DASHES), strict=False):
        inside = law.partial_moment(2, r)
        some = law.cdf(r) > 1e-6  # no inputs, no curvature to speak of
        edge = r[some] ** 3 * law.pdf(r[some]) * (1 - r[some]) / inside[some]
        fill = {"fill": "tozeroy", "fillcolor": draw.DENSITY_FILL} if not traces else {}
        traces.append(draw.curve(r[some], edge, f"K = 0, d = {law.d}", draw.DENSITY, dash, **fill))
    colours = cycle(draw.DASHES)
    for i, (name, run) in enumerate(paths.items()):
        w2, b2 = (draw.mean_neuron(x) for x in (run.w2, run.b2))
        kink = -b2 / (w2 * draw.numpy(run.alpha))
        traces.append(draw.curve(kink, b2, name, draw.INFINITE, next(colours)))
        traces.append(draw.points(kink[:1], b2[:1], "start", draw.INFINITE, showlegend=i == 0, legendgroup="start"))
    fit = draw.points([1.0], [1.0], "fits the target", draw.TARGET, "x-thin", size=13)
    traces.append(fit.update(marker_line={"width": 3, "color": draw.TARGET}))
    alt = (
        f"The plane of the kink R and the bias b2. Below a curve, which ends at R = 1, errors grow. "
        f"{len(paths)} flows cross the plane, and end near R = 1, b2 = 1."
    )
    drawn = draw.figure(traces, "kink R", "bias b<sub>2</sub>", alt=alt)
    return drawn.update_xaxes(range=list(kinks)).update_yaxes(range=[0, 1.15])


def success(m1: Array, counts: Mapping, trials: int, *, expected: Mapping | None = None) -> go.Figure:
    """The fraction of seeds that reach the goal, against the width, with 95 % intervals for its probability.

    m1: widths (k,). counts: group name -> successes at each width, (k,). trials: seeds at each width.
    expected: group name -> predicted fractions (k,), drawn as curves. Returns a Plotly figure. Raises ValueError for
    counts that are not whole numbers from 0 to trials, one for each width.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.success([16, 64], {"d = 10": [2, 16]}, 16, expected={"d = 10": [0.2, 1.0]})
    >>> drawn.data[1].name, [float(y) for y in drawn.data[1].y]
    ('d = 10', [0.125, 1.0])

    See: the chapter "Why errors do not compound".
    """
    m1 = checks.within("m1", checks.finite_array("m1", draw.numpy(m1)), 1, np.inf, "at least 1")
    traces = []
    for i, ((name, reached), symbol, dash) in enumerate(
        zip(counts.items(), cycle(draw.SYMBOLS), cycle(draw.DASHES), strict=False)
    ):
        reached = checks.array("counts", reached, shape=m1.shape)
        low, high = _interval(reached, trials)
        fraction = reached / trials
        if expected is not None and name in expected:
            curve = draw.curve(m1, expected[name], "first order", draw.PREDICTION, dash, legendgroup="first order")
            traces.append(curve.update(showlegend=i == 0))
        dots = draw.points(m1 * 1.03**i, fraction, name, draw.FINITE, symbol, size=9)
        bars = {"array": high - fraction, "arrayminus": fraction - low, "color": draw.FINITE, "thickness": 1}
        traces.append(dots.update(error_y=bars | {"type": "data", "symmetric": False}))
    alt = f"The fraction of {trials} seeds that reach the goal against the width, {len(counts)} groups, with intervals."
    drawn = draw.figure(traces, "width m<sub>1</sub>", "fraction of seeds", alt=alt, log_x=True, ticks=m1)
    return drawn.update_yaxes(range=[-0.05, 1.08])


def widths_by_dimension(groups: Mapping[str, tuple]) -> go.Figure:
    """The width that an error needs against the dimension, measured with intervals, on the curve that is predicted.

    groups: name of the error -> (dimensions (k,), measured (k, 3): the width, the low and the high end of its interval;
    predicted widths (k,)), all positive. Returns a Plotly figure. Raises ValueError for values that are not.

    >>> drawn = widths_by_dimension({"0.001": ([10, 100], [[17, 16, 18], [51, 50, 52]], [16, 52])})
    >>> [trace.name for trace in drawn.data], [float(x) for x in drawn.data[1].error_y.array]
    (['predicted', 'ε = 0.001'], [1.0, 1.0])

    See: the chapter "Why errors do not compound".
    """
    traces, said, ticks = [], [], set()
    for (name, (d, measured, predicted)), symbol, dash in zip(
        groups.items(), cycle(draw.SYMBOLS), cycle(draw.DASHES), strict=False
    ):
        measured = checks.finite_array("measured", draw.numpy(measured), shape=(len(d), 3))
        measured = checks.within("measured", measured, math.ulp(0.0), math.inf, "positive")
        predicted = checks.finite_array("predicted", draw.numpy(predicted), shape=(len(d),))
        width, low, high = measured.T
        traces.append(draw.curve(d, predicted, "predicted", draw.PREDICTION, dash, showlegend=not traces))
        bars = {"type": "data", "symmetric": False, "array": high - width, "arrayminus": width - low, "thickness": 1}
        traces.append(draw.points(d, width, f"ε = {name}", draw.FINITE, symbol).update(error_y=bars))
        off = np.max(np.abs(width / predicted - 1))
        said.append(f"{name} takes {width[0]:.0f} to {width[-1]:.0f} neurons, off the prediction by at most {off:.0%}")
        ticks |= set(d)
    alt = f"The width needed against the dimension, both logarithmic: points on curves. An error of {'; '.join(said)}."
    return draw.figure(
        traces, "dimension d", "width m<sub>1</sub>", alt=alt, log_x=True, log_y=True, ticks=sorted(ticks)
    )


def _interval(successes, trials):
    """The 95 % intervals of Clopper and Pearson (1934) for the probability of success."""
    trials = checks.whole("trials", trials, 1)
    k = checks.within("counts", successes, 0, trials, f"from 0 to trials = {trials}")
    if np.any(k != np.round(k)):
        raise ValueError(f"counts must hold whole numbers; got {successes!r}")
    return np.array([binomtest(int(x), trials).proportion_ci() for x in k]).T
