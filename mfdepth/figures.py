"""One Plotly figure per function: data in, figure out.

Backgrounds are transparent and text has no colour of its own, so a page draws a figure in its light or dark theme.
Each idea keeps one colour of the Okabe-Ito palette, which colour-blind readers can tell apart.
"""

import plotly.graph_objects as go

INFINITE, FINITE, PREDICTION, SHALLOW, DENSITY = "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#999999"


def figure(traces, x, y, *, alt, log_x=False, log_y=False, height=380):
    """A figure in the book's style: traces, axis titles with their symbols, and what it shows, said in words."""
    axes = {
        "xaxis": {"title": {"text": x}, "type": "log" if log_x else "linear"},
        "yaxis": {"title": {"text": y}, "type": "log" if log_y else "linear", "dtick": 1 if log_y else None},
    }
    layout = go.Layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 60, "r": 20, "t": 20, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        height=height,
        meta={"alt": alt},
        **axes,
    )
    return go.Figure(traces, layout)


def small_start(runs, limit):
    """alpha_t from smaller and smaller starts, on a logarithmic scale of alpha, with the value they all end at.

    runs: pairs (size of the start, `Trajectory`), in the order of the legend. limit: a number, drawn as a dashed line.
    Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(10), 0.01, -0.2, 0.2, [0, 1, 2])
    >>> len(mf.figures.small_start([(0.2, run)], limit=0.64).data)
    2

    See: the chapter "The infinite-width dynamics".
    """
    dashes = ("solid", "dash", "dot", "dashdot")
    traces = [
        go.Scatter(x=run.t, y=run.alpha, name=f"w2 = −{size:g}", line={"color": INFINITE, "dash": dash})
        for (size, run), dash in zip(runs, dashes, strict=False)
    ]
    end = max(run.t[-1] for _, run in runs)
    traces.append(
        go.Scatter(
            x=[0, end],
            y=[limit, limit],
            mode="lines",
            name="(2 C<sub>d</sub>)<sup>1/3</sup>",
            line={"color": DENSITY, "width": 1},
        )
    )
    alt = f"Curves of alpha against time: the smaller the start, the later alpha rises, and all end at {limit:.3f}."
    return figure(traces, "time t", "α<sub>t</sub>", alt=alt, log_y=True)
