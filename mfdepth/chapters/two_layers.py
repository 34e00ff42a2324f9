"""Two layers as particles: the neurons |w| ReLU(w.x), their mean as a network, and the gradient flow that moves them.

The network is the talk's first layer trained alone, f(x) = mean_k |w_k| ReLU(w_k.x). A neuron's second-layer weight is
its own length, so a neuron is one point, in the plane when d = 2. How it moves depends on the others through f alone.
And it scales: neurons of one direction stay on one ray, so a ring of neurons carries the whole infinite-width limit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks, flow
from mfdepth.checks import Array
from mfdepth.networks import first_layer
from mfdepth.random import uniforms

LENGTHS, ANGLES, BATCHES = range(3)  # streams of the generator
__all__ = [
    "circle",
    "particle_batches",
    "particle_flow",
    "particle_ring",
    "particle_start",
    "particle_velocity",
    "teacher",
]


@dataclass(frozen=True, eq=False)
class ParticleRun:
    """Particles at the saved times: t (T,), w (T, ..., m, d), the network f on the inputs (T, ..., n), loss (T, ...).

    status: a sentence on how the run ended.

    See: the chapter "Two-layer mean-field networks".
    """

    t: Any
    w: Any
    f: Any
    loss: Any
    status: str


def circle(n: int) -> Array:
    """n inputs equally spaced on the unit circle, the first half a step from (1, 0): (n, 2).

    n: at least 3. Raises ValueError or TypeError for anything else.

    >>> circle(4).round(4)[0]
    array([0.7071, 0.7071])

    See: the chapter "Two-layer mean-field networks".
    """
    return _directions(2 * np.pi * (np.arange(checks.whole("n", n, 3)) + 0.5) / n)


def teacher(neurons: Array) -> Callable:
    """A target that a few neurons write exactly: f*(x) = sum_j |v_j| ReLU(v_j.x), as a function of x (ours).

    neurons: v, (m, d), not all zero. The function takes x (..., n, d), of the same library, and returns (..., n).
    Raises ValueError for neurons that are empty or not finite.

    >>> import numpy as np
    >>> teacher(np.array([[2.0, 0.0]]))(np.array([[1.0, 3.0], [-1.0, 0.0]]))
    array([4., 0.])

    See: the chapter "Two-layer mean-field networks".
    """
    v = checks.finite_array("neurons", neurons, ndim=2)
    return partial(_teach, checks.copied(v))


def _teach(v, x):
    return v.shape[-2] * first_layer(v, x)


def particle_velocity(w: Array, x: Array, y: Array) -> Array:
    """How each neuron moves: m times the negative gradient of L = 1/2 mean_x (y - f)^2 at its weights.

        dw_k = mean_x (y - f)(w_k/|w_k| ReLU(w_k.x) + |w_k| 1{w_k.x > 0} x)

    (the talk's scaling; the neuron is that of its first layer). A neuron of length zero does not move.
    w: (..., m, d). x: inputs (n, d). y: targets (n,). Returns the shape of w; ValueError for other shapes.

    >>> import numpy as np
    >>> from mfdepth.chapters import two_layers
    >>> x = two_layers.circle(64)
    >>> y = two_layers.teacher(np.array([[2.0, 0.0]]))(x)
    >>> two_layers.particle_velocity(np.array([[1.0, 0.0]]), x, y).round(3) + 0.0
    array([[1.5, 0. ]])

    See: the chapter "Two-layer mean-field networks".
    """
    w, x, y = _checked(w, x, y)
    return _velocity(w, x, y - first_layer(w, x))


def particle_flow(
    w: Array,
    x: Array,
    y: Array,
    t: Array,
    *,
    step: float = 0.05,
    batches: Callable | None = None,
    progress: bool = False,
) -> ParticleRun:
    """Gradient flow of the particles by Euler's method, kept at the times t.

    Each neuron moves by m times the negative gradient (`particle_velocity`), so that its speed does not depend on m.

    w: the start, (..., m, d), NumPy or torch, any leading batch of runs. x: inputs (n, d). y: targets (n,).
    t: increasing times; between two of them the steps have equal lengths, at most `step`. batches: None for the mean
    over all inputs; or a function of the step's number, 0, 1, ..., that returns the indices of the inputs it uses (as
    `particle_batches` makes): stochastic gradients. The saved loss is over all inputs in both. progress: show a bar.
    Returns a `ParticleRun` of the kind of w; one that ends early (a step too long, Ctrl-C) holds the times before, and
    says so. Raises ValueError for bad input.

    >>> from mfdepth.chapters import two_layers
    >>> x = two_layers.circle(64)
    >>> y = two_layers.teacher(two_layers.particle_ring(2, 1.0))(x)
    >>> run = two_layers.particle_flow(two_layers.particle_start(100, seed=0, scale=0.3), x, y, [0, 20])
    >>> run.w.shape, bool(run.loss[1] < 0.01 * run.loss[0]), run.status
    ((2, 100, 2), True, 'reached t = 20')

    See: the chapter "Two-layer mean-field networks".
    """
    w, x, y = _checked(w, x, y)
    t, step = checks.times("t", t), checks.positive("step", step)
    xp, steps = api.array_namespace(w), count()

    def half_square(g):
        return xp.mean(g * g, axis=-1) / 2

    with np.errstate(over="ignore", invalid="ignore"):
        start = half_square(y - first_layer(w, x))
    descent = flow.Descent("w, y", start, half_square(y), slack=1e-3 if batches is None else 1.0)
    if not bool(xp.any(first_layer(w, x) > 0)):
        raise ValueError("w must have a neuron that is active on an input: here f = 0, and no neuron moves")

    def advance(state, h):
        (w,) = state
        if batches is None:
            g = y - first_layer(w, x)
            descent(half_square(g))
            return (w + h * _velocity(w, x, g),), math.inf
        used = _chosen(batches(next(steps)), x)
        return (w + h * _velocity(w, x[used], y[used] - first_layer(w, x[used])),), math.inf

    def save(state):
        f = first_layer(state[0], x)
        loss = half_square(y - f)
        descent(loss)
        if not bool(xp.any(f > 0)):
            raise flow.Stopped(flow.DEAD)
        return state[0], f, loss

    path = flow.follow(advance, (w,), t, step, save=save, progress=progress, label="particles")
    return ParticleRun(path.t, *path.states, path.status)


def particle_ring(n: int, scale: float, *, sector: float = 360.0) -> Array:
    """n neurons of equal length at equal distances in direction: the infinite-width limit of a Gaussian start (ours).

    A neuron's direction turns, and its length grows by a factor, as its direction says and no matter how long it is. So
    the law of directions, weighted by |w|^2, tells the whole future of f, and n neurons placed at equal angles give it.
    Their error is like 1/n^2 at the start, where that of drawn ones is like 1/sqrt(n), and stays small.

    n: at least 1. scale: standard deviation of each coordinate in the Gaussian start, positive; the neurons get the
    root mean square of its length, scale sqrt(2). sector: degrees, above 0 to 360, around the first axis. Returns (n,
    2).

    >>> particle_ring(4, 1.0).round(6)[0]
    array([-1., -1.])

    See: the chapter "Two-layer mean-field networks".
    """
    n, scale, sector = checks.whole("n", n, 1), checks.positive("scale", scale), _sector(sector)
    return scale * math.sqrt(2) * _directions(np.radians(sector) * ((np.arange(n) + 0.5) / n - 0.5))


def particle_start(m: int, seed: int, *, scale: float = 0.3, sector: float = 360.0) -> Array:
    """m neurons drawn from a Gaussian in the plane, or from a sector of it: (m, 2); the same in every browser (ours).

    The lengths and angles come from Philox, a counter-based generator that the live figure has too.
    m: at least 1. seed: a whole number, at least 0. scale, sector: as for `particle_ring`.

    >>> particle_start(3, seed=0, scale=1.0).shape
    (3, 2)

    See: the chapter "Two-layer mean-field networks".
    """
    m, seed = checks.whole("m", m, 1), checks.whole("seed", seed, 0, 2**32 - 1)
    scale, sector = checks.positive("scale", scale), _sector(sector)
    length = scale * np.sqrt(-2 * np.log(uniforms(seed, LENGTHS, 0, m)))
    return length[:, None] * _directions(np.radians(sector) * (uniforms(seed, ANGLES, 0, m) - 0.5))


def particle_batches(n: int, size: int, seed: int) -> Callable:
    """Random batches for `particle_flow`: step k uses `size` of the n inputs, drawn with replacement (ours).

    n, size: at least 1. seed: a whole number, at least 0. Returns a function of k; the live figure draws the same.

    >>> particle_batches(64, 2, seed=0)(0).shape
    (2,)

    See: the chapter "Two-layer mean-field networks".
    """
    n, size = checks.whole("n", n, 1), checks.whole("size", size, 1)
    seed = checks.whole("seed", seed, 0, 2**32 - 1)
    return partial(_batch, n, size, seed)


def _batch(n, size, seed, k):
    return np.floor(n * uniforms(seed, BATCHES, k, size)).astype(int)


def _velocity(w, x, g):
    xp = api.array_namespace(w, x)
    length = xp.linalg.vector_norm(w, axis=-1, keepdims=True)
    unit = w / xp.where(length > 0, length, xp.ones_like(length))
    active = xp.astype(w @ xp.matrix_transpose(x) > 0, w.dtype)
    pull = (active * g[..., None, :]) @ x / x.shape[-2]  # E[g 1{w.x > 0} x]
    return unit * xp.sum(w * pull, axis=-1, keepdims=True) + length * pull


def _directions(angle):
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _sector(value):
    sector = checks.positive("sector", value)
    if sector > 360:
        raise ValueError(f"sector must be above 0 and at most 360 degrees; got {value!r}")
    return sector


def _checked(w, x, y):
    """The arguments as arrays of the kind of w."""
    w = checks.finite_array("w", w, ndim=2)
    x = checks.alike("x", checks.array("x", x, ndim=2), w)
    if x.ndim != 2 or x.shape[-1] != w.shape[-1]:
        raise ValueError(f"x must have shape (n, {w.shape[-1]}), as w has rows; got {tuple(x.shape)}")
    return checks.alike("w", w, w), x, checks.alike("y", checks.array("y", y, shape=x.shape[:1]), w)


def _chosen(indices, x):
    """What `batches` returned, as indices of the inputs x."""
    chosen = np.asarray(indices)
    whole = chosen.ndim == 1 and chosen.size > 0 and np.issubdtype(chosen.dtype, np.integer)
    if not whole or chosen.min() < 0 or chosen.max() >= x.shape[0]:
        accepted = f"indices of inputs, whole numbers from 0 to {x.shape[0] - 1}, one-dimensional and not empty"
        raise ValueError(f"batches(k) must return {accepted}; got {indices!r}")
    return chosen
