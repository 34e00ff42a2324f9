"""Figures of what two layers can do: their least loss within a norm, the norm that an error needs."""

from itertools import cycle

from mfdepth.figures import style as draw
from mfdepth.sphere import relu_mean


def separation(bounds):
    """The least loss of two layers within a norm budget, for some dimensions; and the norm that three layers need.

    bounds: dimension -> list of `ShallowBound`. No two-layer network lies below its curve, of any
    width. Three layers represent the target exactly with the norm 1/C_d: an upright line. Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> found = {10: [mf.shallow_lower_bound(mf.BesselLaw(10), budget) for budget in (1.0, 10.0)]}
    >>> [round(float(budget), 1) for budget in mf.figures.separation(found).data[1].x]
    [7.7, 7.7]

    See: the chapter "Why depth?".
    """
    ends = [pick(found.bound for row in bounds.values() for found in row) for pick in (min, max)]
    needed = {d: 1 / relu_mean(d) for d in bounds}
    traces, three = [], {"colour": draw.INFINITE, "name": "three layers, exact", "legendgroup": "three"}
    for (d, row), dash in zip(bounds.items(), cycle(draw.DASHES), strict=False):
        row = sorted(row, key=lambda found: found.budget)
        budgets, least = [found.budget for found in row], [found.bound for found in row]
        traces.append(draw.curve(budgets, least, f"two layers, d = {d}", draw.SHALLOW, dash))
        traces.append(draw.curve([needed[d]] * 2, ends, dash=dash, showlegend=len(traces) == 1, **three))
    norms = ", ".join(f"{norm:.1f} at d = {d}" for d, norm in needed.items())
    alt = f"The least loss of two layers against the norm budget, a curve each d. Three layers need the norm {norms}."
    return draw.figure(traces, "norm budget B", "least half mean squared error", alt=alt, log_x=True, log_y=True)


def norm_by_dimension(needed):
    """The norm that two layers need for an error, against the dimension; and what three layers need for any error.

    needed: error -> {dimension: norm}, of `norm_needed`. Three layers need 1/C_d. Returns a Plotly
    figure, both scales logarithmic.

    >>> import mfdepth as mf
    >>> drawn = mf.figures.norm_by_dimension({1e-3: {3: 6.6, 10: 13.9}})
    >>> drawn.data[1].name, [round(float(norm), 1) for norm in drawn.data[1].y]
    ('three layers, any error', [4.0, 7.7])

    See: the chapter "Why depth?".
    """
    dims = sorted({d for row in needed.values() for d in row})
    traces = []
    for (error, row), dash in zip(needed.items(), cycle(draw.DASHES), strict=False):
        x, y = zip(*sorted(row.items()), strict=True)
        traces.append(draw.curve(x, y, f"two layers, error {draw.power_of_ten(error)}", draw.SHALLOW, dash))
    traces.append(draw.curve(dims, [1 / relu_mean(d) for d in dims], "three layers, any error", draw.INFINITE))
    alt = "The norm that two layers need, against the dimension, for each error; and 1/C_d, what three layers need."
    title = "norm Σ |a<sub>k</sub>| |w<sub>k</sub>|"
    return draw.figure(traces, "dimension d", title, alt=alt, log_x=True, log_y=True, ticks=dims)
