"""Trained networks of two and three layers along rays from the origin, one panel each."""

import numpy as np

from mfdepth import checks
from mfdepth.figures import style as draw

RADII = np.round(np.linspace(0, 1.6, 33), 3)


def side_by_side(two, three, directions, *, law=None):
    """Two trained networks along rays from the origin against the target, two layers above and three below.

    two, three: `TrainedNetwork`s, as `train_adam` or `train_tuned` returns them. directions: (n, d), unit rows, a ray
    each. law: a radial law whose density, scaled to the height of the target, is drawn behind. Returns a Plotly figure.
    Raises ValueError for directions of another shape.

    >>> import mfdepth as mf, numpy as np, torch
    >>> rng, law = torch.Generator().manual_seed(0), mf.BesselLaw(3)
    >>> nets = [mf.train_adam(law, start(3, 8, rng), steps=5, rng=rng) for start in (mf.shallow_network, mf.learner_network)]
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
    return (two, "two layers", draw.SHALLOW), (three, "three layers", draw.FINITE)
