"""Figures of why errors do not compound: each harmonic on its prediction, where errors grow, how often seeds succeed."""

from itertools import cycle

import numpy as np

from mfdepth import checks
from mfdepth.figures import style as draw
from mfdepth.fits import binomial_interval


def harmonics(t, measured, predicted, *, degrees=(1, 2, 4), curve_times=None):
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


def growth_region(laws, paths, *, kinks=(0.0, 1.6)):
    """Where errors grow, to first order: the bias below which K < 0, by kink, for each law; and flows that cross the plane.

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


def success(m1, counts, trials, *, expected=None):
    """The fraction of seeds that reach the goal, against the width, with 95 % intervals for its probability.

    m1: widths (k,). counts: group name -> successes at each width, (k,). trials: seeds at each width.
    expected: group name -> predicted fractions (k,), drawn as curves. Returns a Plotly figure. Raises ValueError for
    counts that are not whole numbers from 0 to trials, one a width.

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
        low, high = binomial_interval(reached, trials)
        fraction = reached / trials
        if expected is not None and name in expected:
            curve = draw.curve(m1, expected[name], "first order", draw.PREDICTION, dash, legendgroup="first order")
            traces.append(curve.update(showlegend=i == 0))
        dots = draw.points(m1 * 1.03**i, fraction, name, draw.FINITE, symbol, size=9)
        bars = {"array": high - fraction, "arrayminus": fraction - low, "color": draw.FINITE, "thickness": 1}
        traces.append(dots.update(error_y=bars | {"type": "data", "symmetric": False}))
    alt = f"The fraction of {trials} seeds that reach the goal against the width, in {len(counts)} groups, with intervals."
    drawn = draw.figure(traces, "width m<sub>1</sub>", "fraction of seeds", alt=alt, log_x=True, ticks=m1)
    return drawn.update_yaxes(range=[-0.05, 1.08])
