"""The figure of the conclusion: a three-layer network trains past what two layers of its norm can do."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mfdepth.figures import style as draw
from mfdepth.flow import Trajectory
from mfdepth.sphere import relu_mean

TICKS = [digit * 10.0**decade for decade in range(-2, 4) for digit in (1, 2, 5)]  # of the norm


def path_norm(run: Trajectory, d: int) -> np.ndarray:
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


def below_the_bound(d: int, run: Trajectory, bounds: Sequence) -> go.Figure:
    """The loss of a training run against its norm, over the least loss of any two-layer network of that norm.

    d: dimension. run: a `Trajectory` of the three-layer learner. bounds: what `shallow_lower_bound` says for two norms
    or more under the law of the run, increasing. Where the run is below the curve, no two-layer network of its norm, of
    any width, is as good (ours). Returns a Plotly figure, both scales logarithmic. Raises ValueError for fewer than 2
    bounds.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> run = mf.infinite_width(law, 1.0, -0.1, 0.5, [0, 10, 100])
    >>> bounds = [mf.shallow_lower_bound(law, norm) for norm in (1, 7)]
    >>> [trace.name for trace in mf.figures.below_the_bound(10, run, bounds).data]
    ['two layers, at least', 'three layers, training']

    See: the chapter "What to take away".
    """
    if len(bounds) < 2:
        raise ValueError(f"bounds must hold at least two, to draw a curve; got {len(bounds)}")
    norm, loss = path_norm(run, d), np.maximum(draw.numpy(run.loss), 1e-16)  # below is rounding
    at, bound = [found.budget for found in bounds], [found.bound for found in bounds]
    traces = [
        draw.curve(
            at, bound, "two layers, at least", draw.SHALLOW, fill="tozeroy", fillcolor="rgba(204, 121, 167, 0.15)"
        ),
        draw.curve(norm, loss, "three layers, training", draw.INFINITE, width=3),
    ]
    times = bound[-1] / loss[-1]
    alt = (
        f"Loss against norm at d = {d}. No two-layer network lies below the first curve; the run crosses it and ends "
        f"{times:.2g} times below, at the norm {norm[-1]:.3g}."
    )
    title = "norm: mean |w₂| mean |w₁|², or Σ |a| |w|"
    ticks = [at for at in TICKS if norm.min() <= at <= norm.max()]
    drawn = draw.figure(traces, title, "half mean squared error", alt=alt, log_x=True, log_y=True, ticks=ticks)
    return drawn.update_yaxes(range=[np.log10(loss.min()) - 0.2, np.log10(max(loss.max(), bound[0])) + 0.2])
