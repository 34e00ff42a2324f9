"""Figures of the error of finite width: the terms of the loss, rho and its prediction, scaling with the width."""

import math
from itertools import cycle

import numpy as np

from mfdepth import checks
from mfdepth.figures import style as draw


def decomposition(t, parts):
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
        draw.curve(t, first, "T₁: symmetrized network", draw.INFINITE),
        draw.curve(t, second, "T₂: distance to it", draw.FINITE, "dash"),
        draw.curve(t, cross, f"|cross term|{below}", draw.TARGET, "dot"),
    ]
    alt = (
        f"The loss and its terms against time. The distance to the symmetrized network goes from {second[0]:.2g} to "
        f"{second[-1]:.2g}; the cross term is at most {np.max(cross / second):.2g} of it."
    )
    drawn = draw.figure(traces, "time t", "half mean squared error", alt=alt, log_y=True)
    return drawn.update_yaxes(range=[math.log10(low) - 0.2, math.log10(np.max(terms)) + 0.2])


def rho_prediction(run, predicted, *, t=None):
    """The discretization error rho of a run, or of several, against the first-order prediction.

    run: a finite `Trajectory`, whose rho has shape (T,), or (T, n) for a batch of n runs. predicted: of `predict_rho`,
    (K,) or (K, n), at the times t (K,); without t, at those of the run. Returns a Plotly figure.

    >>> import mfdepth as mf, numpy as np
    >>> law, w1 = mf.BesselLaw(10), mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(law, w1, np.array([-0.1]), np.array([0.5]), [0, 20], rng=1)
    >>> predicted = mf.predict_rho(law, run.alpha[0], -0.1, 0.5, 64, run.t, w1=w1)
    >>> [trace.name for trace in mf.figures.rho_prediction(run, predicted).data]
    ['first order', 'measured']

    See: the chapter "Why errors do not compound".
    """
    t = run.t if t is None else t
    expected, measured = draw.numpy(predicted).reshape(len(t), -1).T, draw.numpy(run.rho).reshape(len(run.t), -1).T
    traces = [
        draw.curve(t, row, "first order", draw.PREDICTION, showlegend=i == 0, legendgroup="first order")
        for i, row in enumerate(expected)
    ]
    traces += [
        draw.points(run.t, row, "measured", draw.FINITE, showlegend=i == 0, legendgroup="measured")
        for i, row in enumerate(measured)
    ]
    start, end = (measured[:, i].mean() for i in (0, -1))
    alt = f"The discretization error rho against time, from {start:.2g} to {end:.2g}, with the prediction as a curve."
    return draw.figure(traces, "time t", "discretization error ρ", alt=alt).update_yaxes(rangemode="tozero")


def scaling(m1, values, *, quantity="discretization error ρ", constant=None):
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


def moving_error(degrees, error, velocities):
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
    for (name, moved), dash in zip(velocities.items(), draw.DASHES[1:], strict=False):
        moved = checks.finite_array("velocities", draw.numpy(moved), shape=(len(degrees),))
        traces.append(draw.curve(degrees, moved * height / np.max(np.abs(moved)), f"e′, {name}", draw.PREDICTION, dash))
        along = np.mean(moved * error) / np.sqrt(np.mean(moved**2) * np.mean(error**2))
        said.append(f"{name}: the cosine between the two is {along:.2f}")
    alt = f"The relative error around the circle, up to {height:.2g}, and its velocity. {'; '.join(said)}."
    axis = {"tickvals": [0, 90, 180, 270, 360]}
    return draw.figure(traces, "direction u, degrees", "e, and e′ scaled", alt=alt).update_xaxes(axis)


def losses(t, measured, curve_times, predicted):
    """Losses of trained networks as points, on the curves that the infinite width and rho predict, by name.

    t: times (T,). measured: name -> losses (T,). predicted: the same names -> losses (K,) at curve_times (K,).
    Returns a Plotly figure.

    >>> drawn = losses([0, 9], {"d = 10": [0.02, 0.001]}, [0, 1, 9], {"d = 10": [0.02, 0.01, 0.001]})
    >>> [trace.name for trace in drawn.data]
    ['predicted', 'd = 10']

    See: the chapter "Why errors do not compound".
    """
    traces = []
    for (name, loss), symbol, dash in zip(measured.items(), draw.SYMBOLS, cycle(draw.DASHES), strict=False):
        line = draw.curve(curve_times, predicted[name], "predicted", draw.PREDICTION, dash, showlegend=not traces)
        traces += [line, draw.points(t, loss, name, draw.FINITE, symbol)]
    ends = ", ".join(f"{float(loss[-1]):.2g} at {name}" for name, loss in measured.items())
    alt = f"The loss against time, on a logarithmic scale: points of trained networks on curves. It ends at {ends}."
    return draw.figure(traces, "time t", "loss L", alt=alt, log_y=True)
