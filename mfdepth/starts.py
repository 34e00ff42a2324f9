"""How a first layer is drawn, and how far from symmetry it then begins.

Three sets of directions, two of lengths. All have a spherically symmetric law, all cost the same to train; what the
directions balance beforehand, training need not (ours).
"""

import math

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.random import bases, generator, normal
from mfdepth.sphere import gegenbauer, relu_energies, relu_mean

DIRECTIONS = ("independent", "pairs", "bases")
LENGTHS = ("gaussian", "equal")


def init_first_layer(d, m1, alpha, rng, directions="independent", lengths="gaussian"):
    """m1 random first-layer neurons, shape (m1, d), with alpha = C_d * mean |w|^2 as asked for.

    The talk names no initialisation; these are ours. Their law is spherically symmetric, as the lemma asks.

    d: dimension, at least 2. m1: neurons, at least 1. alpha: positive. rng: a seed or a generator; a
    torch.Generator gives torch, else NumPy.
    directions: "independent"; "pairs", the second half the negatives of the first (m1 even); "bases", whole random
    orthonormal bases and their negatives, again in the second half (2 d divides m1).
    lengths: "gaussian", those of Gaussian neurons, and alpha is right in the mean; "equal", and it is exact. A neuron and
    its negative share a length, so that they stay a pair in training. Bases balance degree 2 only if all lengths are equal.
    Raises ValueError or TypeError for anything else.

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
    m1 = _width(d, m1, directions, lengths)
    half = m1 if directions == "independent" else m1 // 2
    rng = generator(rng)
    w = normal((half, d), rng)
    xp = api.array_namespace(w)
    length = xp.linalg.vector_norm(w, axis=-1, keepdims=True)
    if directions == "bases":
        w = xp.reshape(bases(half // d, d, rng), (half, d)) * length
    if lengths == "equal":
        w = w / length * d**0.5
    if directions != "independent":
        w = xp.concat([w, -w])
    return w * (alpha / (relu_mean(d) * d)) ** 0.5


def expected_rho(d, m1, directions="independent", lengths="gaussian"):
    """The mean of `discretization_error` over the draws of `init_first_layer`, exactly.

    With a = 1/C_d^2 and equal lengths m1 E rho is (ours)

        independent: a/(2 d) - 1,   pairs: a/(2 d) - 2,   bases: a/(2 d) + (d - 1) a/(pi d) - 2 d,

    in high dimension pi - 1, pi - 2, pi - 3: pairs begin without degree 1 of the error, bases without degree 2 as well.
    Gaussian lengths multiply the first two by (d + 2)/(d + 2/m1) and (d + 2)/(d + 4/m1).

    Arguments as for `init_first_layer`. Returns a float. Raises ValueError as it does.

    >>> import mfdepth as mf
    >>> starts = "independent", "pairs", "bases"
    >>> [round(600 * mf.expected_rho(100, 600, directions, "equal"), 3) for directions in starts]
    [2.126, 1.126, 0.138]

    See: the chapter "Why errors do not compound".
    """
    d = checks.whole("d", d, 2)
    own, other = _overlaps(d, _width(d, m1, directions, lengths), directions, lengths)
    square = 1 / (2 * d * relu_mean(d) ** 2)  # E ReLU(u_1)^2/C_d^2
    if directions == "independent":
        return own * (square - 1)
    # for pairs, half of E |u_1|^2 and of E |u_1||u_2| = 2/(pi d)
    return own * (square / 2 - 1) + other * (square / math.pi - 1)


def expected_harmonics(d, m1, directions, lengths, degree):
    """The parts of `expected_rho` in degree 1 .. `degree`, unchecked.

    >>> [round(100 * float(x), 3) for x in expected_harmonics(5, 100, "bases", "equal", 4)]
    [0.0, 0.0, 0.0, 0.072]
    """
    own, other = _overlaps(d, m1, directions, lengths)
    parts = own * np.ones(degree + 1)
    if directions != "independent":
        at_zero = np.array([float(p) for p in gegenbauer(np.array(0.0), d, degree)])
        parts = (own + other * at_zero) * (np.arange(degree + 1) % 2 == 0)
    return (parts * relu_energies(d, degree))[1:] / relu_mean(d) ** 2


def _overlaps(d, m1, directions, lengths):
    """E sum of s_k^2, and of s_k s_j over k != j of one basis, for the shares s_k of the neurons (or pairs) in |w|^2."""
    count = m1 if directions == "independent" else m1 // 2
    gaussian = 2 if lengths == "gaussian" else 0  # then the shares have a Dirichlet law
    own = (d + gaussian) / (d * count + gaussian)
    other = (d - 1) * d / (d * count + gaussian)
    return own, other if directions == "bases" else 0.0


def _width(d, m1, directions, lengths):
    """m1 as an integer, where there is such a start; else ValueError."""
    for name, value, accepted in (("directions", directions, DIRECTIONS), ("lengths", lengths, LENGTHS)):
        if value not in accepted:
            raise ValueError(f"{name} must be one of {accepted}; got {value!r}")
    m1 = checks.whole("m1", m1, 1)
    multiple = {"independent": 1, "pairs": 2, "bases": 2 * d}[directions]
    if m1 % multiple:
        raise ValueError(f"m1 must be a multiple of {multiple} for {directions} in dimension {d}; got {m1!r}")
    return m1
