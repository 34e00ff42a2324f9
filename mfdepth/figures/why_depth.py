"""Figures of what two layers can do: the norm that an error needs, and trained networks beside three layers."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.laws import RadialLaw
from mfdepth.sphere import relu_mean

RADII = np.round(np.linspace(0, 1.6, 33), 3)


def norm_by_dimension(needed: Mapping) -> go.Figure:
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


def side_by_side(two: Any, three: Any, directions: Array, *, law: RadialLaw | None = None) -> go.Figure:
    """Two trained networks along rays from the origin against the target, two layers above and three below.

    two, three: `TrainedNetwork`s, as `train_adam` or `train_tuned` returns them. directions: (n, d), unit rows, a ray
    each. law: a radial law whose density, scaled to the height of the target, is drawn behind. Returns a Plotly figure.
    Raises ValueError for directions of another shape.

    >>> import mfdepth as mf, numpy as np, torch
    >>> from mfdepth.chapters import why_depth
    >>> rng, law = torch.Generator().manual_seed(0), mf.BesselLaw(3)
    >>> starts = why_depth.shallow_network, why_depth.learner_network
    >>> nets = [why_depth.train_adam(law, start(3, 8, rng), steps=5, rng=rng) for start in starts]
    >>> [trace.name for trace in mf.figures.side_by_side(*nets, np.eye(3)).data]
    ['two layers', 'target', 'three layers', 'target']

    See: the chapter "Why depth?".
    """
    torch = checks.needs("torch")

    d = two.network.parameters[0].shape[1]
    u = draw.numpy(checks.finite_array("directions", directions))
    if u.ndim != 2 or u.shape[1] != d:
        raise ValueError(f"directions must have shape (n, {d}); got shape {u.shape}")
    x = torch.tensor(RADII[:, None] * u[:, None, :])
    traces = []
    for panel, (done, name, colour) in zip(["y", "y2"], _networks(two, three), strict=True):
        values = draw.numpy(done.network(x.reshape(-1, d).to(done.network.parameters[0].dtype))).reshape(len(u), -1)
        pen_up = np.full((len(u), 1), np.nan)  # between rays
        rays = np.concatenate([np.broadcast_to(RADII, values.shape), pen_up], axis=1).ravel()
        if law is not None:
            traces.append(draw.density(law, RADII[-1]).update(yaxis=panel, showlegend=panel == "y"))
        f = np.concatenate([values, pen_up], axis=1).ravel()
        traces.append(draw.curve(rays, f, name, colour, width=1.2, yaxis=panel))
        target = draw.curve(RADII, np.maximum(1 - RADII, 0), "target", draw.TARGET, "dash", yaxis=panel)
        traces.append(target.update(showlegend=panel == "y"))
    alt = (
        f"A trained network of two layers (loss {two.loss:.1g}) and one of three (loss {three.loss:.1g}), each along "
        f"{len(u)} rays, against the target ReLU(1 - r)."
    )
    return draw.figure(traces, "radius r", ["f, two layers", "f, three layers"], alt=alt, height=520)


def _networks(two, three):
    return (two, "two layers", draw.SHALLOW), (three, "three layers", draw.INFINITE)
