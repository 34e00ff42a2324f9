"""The style of the book's figures: colours, lines, points, axes. Loaded with Plotly, by `mfdepth.figures` alone.

Backgrounds are transparent and text has no colour of its own, so a page draws a figure in its light or dark theme.
Each idea keeps one colour of the Okabe-Ito palette, which colour-blind readers can tell apart. The target is a dashed
grey that reads on white and on black. Data may be NumPy or torch.
"""

import math
from collections.abc import Sequence
from typing import Any

import array_api_compat as api
import numpy as np
import plotly.graph_objects as go

from mfdepth.checks import Array
from mfdepth.flow import Trajectory
from mfdepth.laws import RadialLaw

TARGET, INFINITE, FINITE, PREDICTION, SHALLOW = "#777777", "#D55E00", "#0072B2", "#009E73", "#CC79A7"
DENSITY, DENSITY_FILL = "#999999", "rgba(128, 128, 128, 0.28)"
BINS = 200
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "triangle-down")


def figure(
    traces: Sequence,
    x: str,
    y: str | Sequence[str],
    *,
    alt: str,
    log_x: bool = False,
    log_y: bool = False,
    height: int = 380,
    ticks: Array | None = None,
) -> go.Figure:
    """A figure in the book's style: traces, axis titles with their symbols, and what it shows, said in words.

    y: a title; or several, for panels one below the other on the axes "y", "y2", ... ticks: the values marked along x.
    """
    titles = [y] if isinstance(y, str) else list(y)
    panels = ["y", *(f"y{i}" for i in range(2, len(titles) + 1))]
    axes = {"xaxis": {"title": {"text": x}, "anchor": panels[-1], **_scale(log_x)}}
    for panel, title in zip(panels, titles, strict=True):
        axes[f"yaxis{panel[1:]}"] = {"title": {"text": title}, **_scale(log_y)}
    if ticks is not None:
        axes["xaxis"] |= {"tickvals": list(ticks), "ticktext": [f"{tick:g}" for tick in ticks], "tickfont": None}
    if len(panels) > 1:
        rows = [[f"x{panel}"] for panel in panels]
        axes["grid"] = {"rows": len(rows), "columns": 1, "subplots": rows, "ygap": 0.15}
    layout = go.Layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 60, "r": 20, "t": 48, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        height=height,
        meta={"alt": alt},
        **axes,
    )
    return go.Figure(traces, layout)


def curve(
    x: Array, y: Array, name: str, colour: str, dash: str = "solid", *, width: float = 2, **more: Any
) -> go.Scatter:
    """A line. more: attributes of the trace."""
    line = {"color": colour, "dash": dash, "width": width}
    return go.Scatter(x=numpy(x), y=numpy(y), mode="lines", name=name, line=line, **more)


def points(
    x: Array, y: Array, name: str, colour: str, symbol: str = "circle", *, size: float = 8, shown: int = 0, **more: Any
) -> go.Scatter:
    """Points without an outline. shown: draw at most so many of them, evenly; 0 draws all. more: as for `curve`."""
    marker = {"color": colour, "symbol": symbol, "size": size, "maxdisplayed": shown, "line": {"width": 0}}
    return go.Scatter(x=numpy(x), y=numpy(y), mode="markers", name=name, marker=marker, **more)


def density(law: RadialLaw, r_max: float) -> go.Scatter:
    """The density of the radius, scaled to the height 1: its mean over each bin, as it may oscillate."""
    edges = np.linspace(0, r_max, BINS + 1)
    p = np.diff(law.cdf(edges))
    fill = {"fill": "tozeroy", "fillcolor": DENSITY_FILL, "hoverinfo": "skip"}
    return curve((edges[1:] + edges[:-1]) / 2, p / np.max(p), "density of r (scaled)", DENSITY, width=0, **fill)


def at(times: Any, t: float, name: str = "t") -> int:
    """The place of a saved time t among the saved `times`; ValueError, naming the argument, for any other.

    >>> at(np.linspace(0, 1, 11), 0.3)  # whatever the last digits
    3
    """
    saved = np.asarray(times, dtype=float)
    place = int(np.argmin(np.abs(saved - t))) if saved.size else None
    if place is None or not math.isclose(saved[place], t, rel_tol=1e-9):
        shown = f"{saved[0]:g} .. {saved[-1]:g}" if saved.size else "none"
        raise ValueError(f"{name} must be among those that the run saved, {shown}; got {t!r}")
    return place


def marks(run: Trajectory, times: Sequence[float]) -> list:
    """For each of the times: its place in the run, and a symbol, a name and a shade, which darkens with time."""
    if not 1 <= len(times) <= len(SYMBOLS):
        raise ValueError(f"times must hold 1 to {len(SYMBOLS)} of the saved times; got {len(times)}")
    found = []
    for k, t in enumerate(times):
        style = {"symbol": SYMBOLS[k], "name": f"t = {t:g}", "opacity": 0.55 + 0.45 * (k + 1) / len(times)}
        found.append((at(numpy(run.t), t, "times"), style))
    return found


def power_of_ten(x: float) -> str:
    """A positive number as a label.

    >>> power_of_ten(1e-3), power_of_ten(0.025)
    ('10<sup>−3</sup>', '2.5·10<sup>−2</sup>')
    """
    digits, exponent = f"{x:e}".split("e")
    power = f"10<sup>{int(exponent)}</sup>".replace("-", "−")
    return power if float(digits) == 1 else f"{float(digits):g}·{power}"


def numpy(x: Array) -> np.ndarray:
    """x as a NumPy array, wherever it lives."""
    return np.asarray(x.detach().cpu() if api.is_torch_array(x) else x)


def mean_neuron(x: Array) -> np.ndarray:
    """The mean over neurons of a trajectory's w2 or b2, (T,) or (T, m2); alpha comes back as it is."""
    x = numpy(x)
    return x if x.ndim == 1 else x.mean(axis=-1)


def _scale(logarithmic):
    if not logarithmic:
        return {"type": "linear"}
    # plotly.js sets powers of ten larger by a quarter: so they come out as large as the other numbers
    return {"type": "log", "dtick": 1, "exponentformat": "power", "tickfont": {"size": 9.6}}
