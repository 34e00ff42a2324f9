"""Constants of the unit sphere in R^d: the mean of ReLU, its kernel, its profile, how it acts on spherical harmonics.

The public functions check their arguments; those below them trust, for whoever has checked.
"""

import math
from functools import lru_cache

import array_api_compat as api
import numpy as np
from scipy.special import betainc, xlog1py

from mfdepth import checks
from mfdepth.checks import Array


def relu_mean(d: int) -> float:
    """The mean of ReLU over the sphere: C_d = E ReLU(u_1) = Gamma(d/2) / (2 sqrt(pi) Gamma((d+1)/2)).

    It is the factor between E|w1|^2 and alpha in the lemma of the talk. About 1/sqrt(2 pi d).

    d: dimension, a whole number of at least 2, or math.inf, where it is 0; ValueError otherwise. Returns a float.

    >>> import mfdepth as mf
    >>> round(mf.relu_mean(3), 12), round(mf.relu_mean(10), 6)
    (0.25, 0.129345)

    See: the chapter "The infinite-width dynamics".
    """
    return C(d if d == math.inf else checks.whole("d", d, 2))


@lru_cache
def C(d: int) -> float:
    """C_d, unchecked. Far out a ratio of gamma functions is a series: a difference of logarithms loses digits.

    Gamma(w + 3/4)/Gamma(w + 1/4) = sqrt(w) (1 + 1/(64 w^2) - 19/(8192 w^4) + ...), w = d/2 - 1/4 (Tricomi, Erdelyi
    1951).
    """
    if d < 300:
        return math.gamma(d / 2) / math.gamma((d + 1) / 2) / (2 * math.sqrt(math.pi))
    w = (2 * d - 1) / 4
    z = w**-2
    return 1 / (2 * math.sqrt(math.pi * w) * (1 + z / 64 * (1 - 19 / 128 * z)))


def relu_kernel(cosine: Array, d: int) -> Array:
    """The mean product of two ReLU neurons: E ReLU(a.u) ReLU(b.u) = (sin t + (pi - t) cos t) / (2 pi d).

    t is the angle between the unit vectors a and b (the arc-cosine kernel of Cho and Saul, 2009).

    cosine: a.b, any shape, in [-1, 1] up to rounding; ValueError otherwise. d: dimension, at least 2.

    >>> import mfdepth as mf
    >>> float(mf.relu_kernel(1.0, 4)), float(mf.relu_kernel(-1.0, 4))
    (0.125, 0.0)

    See: the chapter "A finite network, simulated".
    """
    d = checks.whole("d", d, 2)
    c = checks.array("cosine", cosine)
    xp = api.array_namespace(c)
    slack = 8 * float(xp.finfo(c.dtype).eps) * math.sqrt(d)  # a.b of normalised rows rounds like this
    return kernel(checks.within("cosine", c, -1 - slack, 1 + slack, "in [-1, 1]"), d)[()]


def kernel(c: Array, d: int) -> Array:
    """`relu_kernel`, unchecked: beyond 1 and -1 it is that at 1 and -1."""
    if not api.is_torch_array(c):
        c = np.clip(c, -1, 1)
        return (np.sqrt((1 - c) * (1 + c)) + (math.pi - np.arccos(c)) * c) / (2 * math.pi * d)
    xp = api.array_namespace(c)
    inside = xp.where(xp.abs(c) < 1, c, xp.zeros_like(c))  # at 1 and -1 autograd would meet inf - inf
    value = (xp.sqrt((1 - inside) * (1 + inside)) + (math.pi - xp.acos(inside)) * inside) / (2 * math.pi * d)
    return xp.where(xp.abs(c) < 1, value, xp.clip(c, 0.0, 1.0) / (2 * d))


def both_active(cosine: Array) -> Array:
    """The probability that two ReLU neurons are both active, P(a.u > 0, b.u > 0) = (pi - t)/(2 pi), unchecked.

    Over d it is the derivative of the kernel in the cosine.

    >>> both_active(np.array([1.0, 0.0, -1.0])).tolist()
    [0.5, 0.25, 0.0]
    """
    xp = api.array_namespace(cosine)
    return 0.5 - xp.acos(xp.clip(cosine, -1.0, 1.0)) / (2 * math.pi)


def relu_eigenvalues(d: int, degree: int) -> np.ndarray:
    """How ReLU acts on spherical harmonics: lambda_l = E[ReLU(u_1) P_l(u_1)] for l = 0 .. degree.

    By the Funk-Hecke formula E_u[ReLU(a.u) Y(u)] = lambda_l Y(a) for every harmonic Y of degree l; P_l is the
    Gegenbauer polynomial of index (d-2)/2 with P_l(1) = 1 (Chebyshev at d = 2). In closed form (Bach 2017, up to
    normalisation)

        lambda_0 = C_d,   lambda_1 = 1/(2 d),   lambda_{l+2} = -lambda_l (l - 1)/(l + d + 1) for even l,

    and zero for odd l >= 3: the first layer neither shows nor feels those harmonics.

    d: dimension, at least 2. degree: a whole number, at least 0; ValueError otherwise. Returns float64 of shape
    (degree + 1,), to 12 digits each at any d; far out they underflow to zero.

    >>> import mfdepth as mf
    >>> [round(float(x), 6) for x in mf.relu_eigenvalues(3, 4)]  # 1/4, 1/6, 1/16, 0, -1/96
    [0.25, 0.166667, 0.0625, 0.0, -0.010417]

    See: the chapter "Why errors do not compound".
    """
    d, degree = checks.whole("d", d, 2), checks.whole("degree", degree, 0)
    values = np.zeros(degree + 1)
    values[1:2] = 1 / (2 * d)
    even = np.arange(0, degree - 1, 2)
    values[::2] = C(d) * np.cumprod(np.concatenate([[1.0], -(even - 1) / (even + d + 1)]))
    return values


def tangent_eigenvalues(d: int, degree: int) -> np.ndarray:
    """How fast training moves the harmonics of F: (4 + l (l + d - 2)) lambda_l^2 for l = 0 .. degree (ours).

    Times alpha/C_d they are the eigenvalues of the first layer's tangent kernel, for neurons |w| ReLU(w.u) whose law is
    spherically symmetric. The 4 is the growth of lengths, l (l + d - 2) the turning of directions. Times K too, they
    are the decay rates gamma_l.

    >>> [round(float(x), 4) for x in tangent_eigenvalues(3, 2)]  # 4/16, 6/36, 10/256
    [0.25, 0.1667, 0.0391]
    """
    harmonics = np.arange(degree + 1)
    return relu_eigenvalues(d, degree) ** 2 * (4 + harmonics * (harmonics + d - 2.0))


def relu_profile(r: Array, b: Array, d: int) -> np.ndarray:
    """The rotation average of a ReLU neuron, h_b(r) = E_u ReLU(r u_1 - b), u uniform on the unit sphere of R^d.

    With s = b/r in [-1, 1]: h_b(r) = r C_d (1 - s^2)^((d-1)/2) - b P(u_1 > s), the probability an incomplete beta
    function (ours). Beyond, it is 0 for b > r and -b for b < -r. It is convex in b, and h_{-b} = h_b + b.

    r: radii, at least 0. b: offsets, any sign; r and b broadcast. d: dimension, at least 2.
    Returns a NumPy array of the broadcast shape. Raises ValueError for a negative radius or values that are not finite.

    >>> import mfdepth as mf
    >>> [round(float(h), 6) for h in mf.relu_profile(2.0, [-3.0, 0.0, 1.0, 2.5], 3)]  # d = 3: (r - b)^2/(4 r) inside
    [3.0, 0.5, 0.125, 0.0]

    See: the chapter "What can two layers do?".
    """
    d = checks.whole("d", d, 2)
    r = np.asarray(checks.within("r", checks.finite_array("r", r), 0, math.inf, "at least 0"))
    b = np.asarray(checks.finite_array("b", b))
    return (C(d) * r + profile_bend(r, b, d))[()]


def profile_bend(r: Array, b: Array, d: int) -> np.ndarray:
    """h_b(r) - C_d r, unchecked and without the cancellation at large r."""
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.clip(np.where(r > 0, b / r, np.sign(b)), -1.0, 1.0)
    return r * C(d) * np.expm1(xlog1py((d - 1) / 2, -(s * s))) - b * cap(s, d)


def cap(s: Array, d: int) -> np.ndarray:
    """P(u_1 > s), the share of a cap, for a uniform direction u of R^d, s in [-1, 1]."""
    half = betainc((d - 1) / 2, 0.5, (1 - s) * (1 + s)) / 2
    return np.where(s >= 0, half, 1 - half)
