"""Figures of networks with a bottleneck: what stands between two layers, and what one number can say along rays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mfdepth import checks
from mfdepth.figures import style as draw

RAYS = (0, 20, 40, 50, 70, 90)  # degrees between the ray and the space of the first half of x
COLOURS = (draw.INFINITE, "#E69F00", draw.SHALLOW, draw.PREDICTION, draw.TARGET, draw.FINITE)  # of the rays


def between_layers(m: int = 6) -> go.Figure:
    """What stands between two layers of m neurons: a matrix, one weight for each pair, or a bottleneck of one number.

    m: neurons of each layer. Returns a Plotly figure; ValueError for m below 1.

    >>> import mfdepth as mf
    >>> matrix, bottleneck, *_ = mf.figures.between_layers(6).data  # a line is two ends and a gap
    >>> len(matrix.x) // 3, len(bottleneck.x) // 3
    (36, 12)

    See: the chapter "More layers through a bottleneck".
    """
    m = checks.whole("m", m, 1)
    heights = (np.arange(m) + 0.5) / m
    pairs = [((0, below), (1, above)) for below in heights for above in heights]
    through = [((2, below), (2.5, 0.5)) for below in heights] + [((2.5, 0.5), (3, above)) for above in heights]

    def lines(ends, name, colour):
        x, y = np.array([(*end, (np.nan, np.nan)) for end in ends]).reshape(-1, 2).T
        return draw.curve(x, y, name, colour, width=1)

    traces = [
        lines(pairs, "a weight for each pair", draw.SHALLOW),
        lines(through, "weights of single neurons", draw.INFINITE),
        draw.points(np.repeat([0, 1, 2, 3], m), np.tile(heights, 4), "neurons", draw.FINITE, size=11),
        draw.points([2.5], [0.5], "one number", draw.INFINITE, "square", size=16),
    ]
    alt = (
        f"Left two layers of {m} neurons with a line from each to each, {m * m} in all. Right the same two layers with "
        f"one number between them, and one line from it to each neuron, {2 * m} in all."
    )
    drawn = draw.figure(traces, "left: a matrix. Right: a bottleneck", "neurons of a layer", alt=alt, height=320)
    return drawn.update_xaxes(showticklabels=False, showgrid=False, zeroline=False).update_yaxes(
        showticklabels=False, showgrid=False, zeroline=False
    )


def along_angles(fit: Any, step: int, target: Callable, *, seed: int = 0, r_max: float = 1.5) -> go.Figure:
    """A network of two radii along rays of several angles, against its target.

    On the ray at the angle a the inputs are r cos a and r sin a long in their two halves, each along a fixed direction.

    fit: a `Fit` of networks on an even number of inputs, one or a batch of them. step: a step it was saved at.
    target: a function of inputs (n, d). seed: which network of the batch. r_max: how far the rays go. Returns a Plotly
    figure; ValueError for another step.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import bottleneck
    >>> network = bottleneck.bottleneck_network((4, 2, 1), (8, 8), np.random.default_rng(0), bias=False)
    >>> x = np.random.default_rng(1).standard_normal((50, 4))
    >>> fit = bottleneck.fit_network(network, x, bottleneck.tent_difference(x), [0, 10])
    >>> len(mf.figures.along_angles(fit, 10, bottleneck.tent_difference).data)
    12

    See: the chapter "More layers through a bottleneck".
    """
    r = np.linspace(0, checks.positive("r_max", r_max), 31)
    network = fit.networks[draw.at(fit.steps, step, "step")]
    half = (network.weights[0].shape[-1] - network.weights[1].shape[-1] + 2) // 2
    traces, worst = [], 0.0
    for angle, colour in zip(RAYS, COLOURS, strict=True):
        x = np.zeros((len(r), 2 * half))
        x[:, 0], x[:, half] = r * np.cos(np.radians(angle)), r * np.sin(np.radians(angle))
        like = network.weights[0].new_tensor(x)
        f, wanted = draw.numpy(network(like)), checks.returned("target(x)", target(x), r, r.shape)
        f = f[seed] if f.ndim > 1 else f
        worst = max(worst, float(np.max(np.abs(f - wanted))))
        traces.append(draw.curve(r, wanted, f"target at {angle}°", colour, "dash", showlegend=False))
        traces.append(draw.curve(r, f, f"{angle}°", colour))
    alt = (
        f"The network along {len(RAYS)} rays at angles from 0 to 90 degrees, solid, and the target, dashed in the same "
        f"colour, after {step} steps. They differ by at most {worst:.2g}."
    )
    drawn = draw.figure(traces, "radius r = |x|", "network f", alt=alt)
    return drawn.update_yaxes(range=[-1.15, 1.15])
