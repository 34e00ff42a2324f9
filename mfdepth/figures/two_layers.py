"""Figures of two layers as particles: how far m neurons are from infinitely many, by width and in time."""

from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw

MARKS = [{"symbol": symbol, "size": 9} for symbol in draw.SYMBOLS]


def gaps_in_time(t: Array, widths: Array, gaps: Array) -> go.Figure:
    """The gap between m and infinitely many neurons, times sqrt(m): one curve per width. They fall together if so.

    t: times (T,). widths: (k,). gaps: root mean squares of f - f_limit, positive, (k, T). Returns a Plotly figure.

    >>> drawn = gaps_in_time([0, 1], [100, 400], [[0.2, 0.3], [0.1, 0.16]])
    >>> [curve.name for curve in drawn.data], drawn.data[1].y.tolist()
    (['m = 100', 'm = 400'], [2.0, 3.2])

    See: the chapter "Two-layer mean-field networks".
    """
    gaps, widths = _checked(gaps, widths)
    scaled = gaps * np.sqrt(widths)[:, None]
    traces = [
        draw.curve(t, row, f"m = {m:g}", draw.FINITE, dash).update(mode="lines+markers", marker=mark)
        for m, row, dash, mark in zip(widths, scaled, cycle(draw.DASHES), cycle(MARKS), strict=False)
    ]
    alt = (
        f"The gap times the root of m against time for {len(widths)} widths: "
        f"{scaled[:, 0].min():.2g} to {scaled[:, 0].max():.2g} at first, at most {scaled.max():.2g}, "
        f"{scaled[:, -1].min():.2g} to {scaled[:, -1].max():.2g} at the end."
    )
    return draw.figure(traces, "time t", "gap × √m", alt=alt).update_yaxes(rangemode="tozero")


def gap_by_width(widths: Array, gaps: Array, exponent: float) -> go.Figure:
    """The gap of many runs against their width, both logarithmic, with a power law of a fitted exponent.

    widths: (k,). gaps: of n runs at each width, positive, (k, n). exponent: of m. The line goes through the geometric
    mean of all points; the squares are the root mean squares over the runs. Returns a Plotly figure.

    >>> drawn = gap_by_width([100, 400], [[0.2, 0.3], [0.1, 0.15]], -0.5)
    >>> [trace.name for trace in drawn.data]
    ['single runs', 'm<sup>−0.50</sup>', 'their root mean square']

    See: the chapter "Two-layer mean-field networks".
    """
    gaps, widths = _checked(gaps, widths)
    x, y = np.repeat(widths, gaps.shape[1]), gaps.ravel()
    line = np.exp(np.mean(np.log(y) - exponent * np.log(x))) * widths**exponent
    rms = np.sqrt(np.mean(gaps**2, axis=1))
    traces = [
        draw.points(x, y, "single runs", draw.FINITE, size=5, opacity=0.7),
        draw.curve(widths, line, f"m<sup>{exponent:.2f}</sup>".replace("-", "−"), draw.PREDICTION),
        draw.points(widths, rms, "their root mean square", draw.FINITE, "square", size=10),
    ]
    alt = (
        f"The gap of {gaps.shape[1]} runs at each of {len(widths)} widths, both axes logarithmic; the root mean square "
        f"falls from {rms[0]:.2g} to {rms[-1]:.2g} along a line of slope {exponent:.2f}."
    )
    return draw.figure(traces, "neurons m", "gap", alt=alt, log_x=True, log_y=True, ticks=widths)


def _checked(gaps, widths):
    widths = checks.within("widths", checks.finite_array("widths", draw.numpy(widths), ndim=1), 1, np.inf, "at least 1")
    gaps = checks.finite_array("gaps", draw.numpy(gaps), ndim=2)
    if gaps.ndim != 2 or len(gaps) != len(widths):
        raise ValueError(f"gaps must have a row for each of the {len(widths)} widths; got shape {gaps.shape}")
    return checks.within("gaps", gaps, np.nextafter(0, 1), np.inf, "positive"), widths
