"""The figure of the conclusion: a three-layer network trains past what two layers of its norm can do."""

import numpy as np

from mfdepth import checks
from mfdepth.chapters.why_depth.budget import shallow_lower_bound
from mfdepth.figures import style as draw
from mfdepth.sphere import relu_mean

TICKS = [digit * 10.0**decade for decade in range(-2, 4) for digit in (1, 2, 5)]  # of the norm


def path_norm(run, d):
    """The norm of the learner along a run, mean |w2| mean |w1|^2 = mean |w2| alpha/C_d: what two layers count too.

    For two layers it is sum |a_k||w_k|. run: a `Trajectory`. d: dimension. Returns shape (T,), NumPy.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 600])
    >>> [round(float(norm), 2) for norm in mf.figures.path_norm(run, 10)]  # ends at 1/C_10
    [0.77, 7.73]

    See: the chapter "What to take away".
    """
    w2 = np.abs(draw.numpy(run.w2)).reshape(len(run.t), -1).mean(axis=1)
    return w2 * draw.numpy(run.alpha) / relu_mean(d)


def below_the_bound(law, run, *, r_max=None, budgets=12):
    """The loss of a training run against its norm, over the least loss of any two-layer network of that norm.

    law: a radial law. run: a `Trajectory` of the three-layer learner under it. r_max: as in `shallow_lower_bound`, None
    for the whole law. budgets: how many norms the bound is computed at, from the run's least to its greatest.
    Where the run is below the curve, no two-layer network of its norm, of any width, is as good (ours).
    Returns a Plotly figure, both scales logarithmic. Raises ValueError for fewer than 2 budgets.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> run = mf.infinite_width(law, 1.0, -0.1, 0.5, [0, 10, 100])
    >>> [trace.name for trace in mf.figures.below_the_bound(law, run, budgets=4).data]
    ['two layers, at least', 'three layers, training']

    See: the chapter "What to take away".
    """
    budgets = checks.whole("budgets", budgets, 2)
    norm, loss = path_norm(run, law.d), np.maximum(draw.numpy(run.loss), 1e-16)  # below is rounding
    at = np.geomspace(norm.min(), norm.max(), budgets)
    bound = [shallow_lower_bound(law, budget, r_max=r_max).bound for budget in at]
    traces = [
        draw.curve(
            at, bound, "two layers, at least", draw.SHALLOW, fill="tozeroy", fillcolor="rgba(204, 121, 167, 0.15)"
        ),
        draw.curve(norm, loss, "three layers, training", draw.INFINITE, width=3),
    ]
    times = bound[-1] / loss[-1]
    alt = (
        f"Loss against norm at d = {law.d}. No two-layer network lies below the first curve; the run crosses it and ends "
        f"{times:.2g} times below, at the norm {norm[-1]:.3g}."
    )
    title = "norm: mean |w₂| mean |w₁|², or Σ |a| |w|"
    ticks = [at for at in TICKS if norm.min() <= at <= norm.max()]
    drawn = draw.figure(traces, title, "half mean squared error", alt=alt, log_x=True, log_y=True, ticks=ticks)
    return drawn.update_yaxes(range=[np.log10(loss.min()) - 0.2, np.log10(max(loss.max(), bound[0])) + 0.2])
