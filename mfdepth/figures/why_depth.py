"""Figures of why depth matters: where the inputs lie, and two trained networks side by side."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from scipy.special import jv

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.figures import style as draw
from mfdepth.laws import BesselLaw, RadialLaw

RADII = np.round(np.linspace(0, 1.6, 33), 3)
FAR = np.linspace(0, 3, 301)


def bessel_wave(d: int) -> go.Figure:
    """The Bessel function J_{d/2} along the radius, and below it the density of the radius that its square makes.

    p(r) = (d/r) J_{d/2}(2 pi R_d sqrt(d) r)^2 (`BesselLaw`), drawn at the height of the tent. d: dimension, 2 to 10000.
    Returns a Plotly figure.

    >>> import mfdepth as mf
    >>> [trace.name for trace in mf.figures.bessel_wave(10).data]
    ['J<sub>5</sub>', 'density of r (scaled)', 'the tent']

    See: the chapter "Why depth?".
    """
    law, r = BesselLaw(d), FAR[1:]
    wave = draw.curve(r, jv(law.d / 2, law.scale * r), f"J<sub>{law.d / 2:g}</sub>", draw.PREDICTION)
    p, fill = law.pdf(r), {"fill": "tozeroy", "fillcolor": draw.DENSITY_FILL}
    bumps = draw.curve(r, p / np.max(p), "density of r (scaled)", draw.DENSITY, yaxis="y2", **fill)
    tent = draw.curve(r, np.maximum(1 - r, 0), "the tent", draw.TARGET, "dash", yaxis="y2")
    alt = (
        f"Above, the Bessel function of order {law.d / 2:g} along the radius: flat at first, then a wave that fades. "
        "Below, the density of the radius, a bump for each swing of the wave, and the tent."
    )
    return draw.figure([wave, bumps, tent], "radius r", ["wave", "density, tent"], alt=alt, height=420)


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
