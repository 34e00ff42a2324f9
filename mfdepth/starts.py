"""How a first layer is drawn.

Three sets of directions, two of lengths. All have a spherically symmetric law, all cost the same to train; what the
directions balance beforehand, training need not (ours).
"""

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.random import bases, gaussians, generator, normal
from mfdepth.sphere import C

START = 1.0, -0.1, 0.5  # alpha, w2 and b2 from which the book's networks start
DIRECTIONS = ("independent", "pairs", "bases")
LENGTHS = ("gaussian", "equal")


def init_first_layer(
    d: int, m1: int, alpha: float, rng: Rng, directions: str = "independent", lengths: str = "gaussian"
) -> Array:
    """m1 random first-layer neurons, shape (m1, d), with alpha = C_d * mean |w|^2 as asked for.

    The talk names no initialisation; these are ours. Their law is spherically symmetric, as the lemma asks.

    d: dimension, at least 2. m1: neurons, at least 1. alpha: positive. rng: a seed or a generator; a
    torch.Generator gives torch, else NumPy.
    directions: "independent"; "pairs", the second half the negatives of the first (m1 even); "bases", whole random
    orthonormal bases and their negatives, again in the second half (2 d divides m1).
    lengths: "gaussian", those of Gaussian neurons, and alpha is right in the mean; "equal", and it is exact. A neuron
    and its negative share a length, so that they stay a pair in training. Bases balance degree 2 only if all lengths
    are equal. Raises ValueError or TypeError for anything else.

    >>> import mfdepth as mf
    >>> w1 = mf.init_first_layer(100, 512, 1.0, 0)
    >>> w1.shape, round(float(mf.first_layer_alpha(w1)), 2)
    ((512, 100), 1.0)
    >>> w1 = mf.init_first_layer(10, 40, 1.0, 0, directions="bases", lengths="equal")
    >>> round(float(mf.first_layer_alpha(w1)), 12), round(40 * float(mf.discretization_error(w1)), 2)
    (1.0, 0.11)

    See: the chapter "The infinite-width dynamics".
    """
    d, alpha = checks.whole("d", d, 2), checks.positive("alpha", alpha)
    return layer(d, checked_width(d, m1, directions, lengths), alpha, generator(rng), directions, lengths)


def layer(d: int, m1: int, alpha: float, rng: Rng, directions: str = "independent", lengths: str = "gaussian") -> Array:
    """What `init_first_layer` draws, unchecked; rng a generator."""
    half = m1 if directions == "independent" else m1 // 2
    w = normal((half, d), rng)
    xp = api.array_namespace(w)
    length = xp.linalg.vector_norm(w, axis=-1, keepdims=True)
    if directions == "bases":
        w = xp.reshape(bases(half // d, d, rng), (half, d)) * length
    if lengths == "equal":
        w = w / length * d**0.5
    if directions != "independent":
        w = xp.concat([w, -w])
    return w * (alpha / (C(d) * d)) ** 0.5


def standard_start(
    d: int,
    m1: int,
    m2: int = 1,
    rng: Rng = 0,
    *,
    alpha: float = START[0],
    w2: float = START[1],
    b2: float = START[2],
    spread: float = 0.02,
) -> tuple[Array, Array, Array]:
    """The weights (w1, w2, b2) from which the book's networks start, with finite widths m1 and m2 (our choice).

    w1 is Gaussian with C_d E|w1|^2 = alpha. The second layer is one neuron at (w2, b2), or m2 of them with Gaussian
    noise around it.

    d: dimension, at least 2. m1, m2: neurons, at least 1. rng: a seed below 2^32, which draws what the live figure
    `Training` draws and nothing that a run with the same seed would draw again; or a generator. alpha: positive.
    w2, b2: numbers. spread: standard deviation of the noise, at least 0. Returns arrays (m1, d), (m2,), (m2,): torch
    for a torch.Generator, else NumPy. Raises ValueError or TypeError for anything else.

    >>> import mfdepth as mf
    >>> w1, w2, b2 = mf.standard_start(10, 64)
    >>> w1.shape, w2, b2
    ((64, 10), array([-0.1]), array([0.5]))

    See: the chapter "A finite network, simulated".
    """
    d, m1, m2 = checks.whole("d", d, 2), checks.whole("m1", m1, 1), checks.whole("m2", m2, 1)
    alpha, w2, b2 = checks.positive("alpha", alpha), checks.number("w2", w2), checks.number("b2", b2)
    spread = checks.number("spread", spread, 0) if m2 > 1 else 0.0
    source = generator(rng)
    if source is rng:
        w1, noise = normal((m1, d), rng), normal((2, m2), rng)
    else:  # a seed
        seed = checks.whole("rng", rng, 0, 2**32 - 1)
        w1, noise = gaussians(seed, 0, 0, m1 * d).reshape(m1, d), gaussians(seed, 1, 0, 2 * m2).reshape(2, m2)
    return w1 * (alpha / (C(d) * d)) ** 0.5, w2 + spread * noise[0], b2 + spread * noise[1]


def checked_width(d: int, m1: int, directions: str, lengths: str) -> int:
    """m1 as an integer, where there is such a start; else ValueError."""
    checks.one_of("directions", directions, DIRECTIONS)
    checks.one_of("lengths", lengths, LENGTHS)
    m1 = checks.whole("m1", m1, 1)
    multiple = {"independent": 1, "pairs": 2, "bases": 2 * d}[directions]
    if m1 % multiple:
        raise ValueError(f"m1 must be a multiple of {multiple} for {directions} in dimension {d}; got {m1!r}")
    return m1
