"""Any figure, movable: `explore` gives a figure function a control for each of its arguments. Loads ipywidgets when called."""


def explore(figure_function, /, *, start=None, frames="auto", **ranges):
    """A live figure made from a function: one control an argument, moving with Python and, in steps, without.

    figure_function: its keyword arguments in, a Plotly figure out. Each of ranges names an argument. A sequence of two
    or more values (list, tuple, range, one-dimensional array) moves: numbers in increasing order by a slider, strings
    by a choice, [False, True] by a box to tick. So does a dictionary from labels to values of any kind, by a choice.
    Anything else is one fixed value.

    start: a dictionary with the values (or labels) to begin with, where that is not the first one.

    Where Python runs (JupyterLab), a moved control calls figure_function. A page without it steps through figures that
    are computed here, at once. frames says for which settings: "all" combinations, "each" control moved alone from the
    start, "none" but the start; "auto" takes "all" where those are at most 150 figures and 250 kB, else "each". What
    figures share is kept once, and numbers are rounded to five digits.

    The arguments that move are traits: read them, set them, observe them. Returns an `Explore`. Raises whatever
    figure_function raises at the start; elsewhere the figure says in words what was refused. Raises ValueError for a
    range of fewer than two values, values that repeat, numbers that do not increase, a start that is not among them, or
    more figures than may be kept; TypeError for what is no function, no Plotly figure, or no such value.

    >>> import mfdepth as mf, numpy as np, plotly.graph_objects as go
    >>> def kernel(d):
    ...     cosine = np.linspace(-1, 1, 41)
    ...     return go.Figure(go.Scatter(x=cosine, y=mf.relu_kernel(cosine, d)))
    >>> moving = mf.explore(kernel, d=[2, 10, 100], start={"d": 10})
    >>> moving.d = 100
    >>> float(moving.figure().data[0].y[-1])  # 1 / (2 d)
    0.005

    See: the chapter "Why depth?".
    """
    from mfdepth.live.explore.explore import Explore

    return Explore(figure_function, ranges, start=start, frames=frames)
