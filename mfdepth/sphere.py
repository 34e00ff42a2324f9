"""Constants of the unit sphere in R^d, and ways to draw directions on it."""

import math

import array_api_compat as api
import numpy as np
from scipy.special import gammaln

from mfdepth import checks


def relu_mean(d):
    """The mean of ReLU over the sphere: C_d = E ReLU(u_1) = Gamma(d/2) / (2 sqrt(pi) Gamma((d+1)/2)).

    It is the factor between E|w1|^2 and alpha in the lemma of the talk. About 1/sqrt(2 pi d).

    d: dimension, a whole number of at least 2; ValueError otherwise. Returns a float.

    >>> import mfdepth as mf
    >>> round(mf.relu_mean(3), 12), round(mf.relu_mean(10), 6)
    (0.25, 0.129345)

    See: the chapter "The infinite-width dynamics".
    """
    d = checks.whole("d", d, 2)
    return math.exp(gammaln(d / 2) - gammaln((d + 1) / 2)) / (2 * math.sqrt(math.pi))


def relu_kernel(cosine, d):
    """The mean product of two ReLU neurons: E ReLU(a.u) ReLU(b.u) = (sin t + (pi - t) cos t) / (2 pi d).

    t is the angle between the unit vectors a and b (the arc-cosine kernel of Cho and Saul, 2009).

    cosine: a.b, any shape, in [-1, 1] up to rounding; ValueError otherwise. d: dimension, at least 2.

    >>> import mfdepth as mf
    >>> float(mf.relu_kernel(1.0, 4)), float(mf.relu_kernel(-1.0, 4))
    (0.125, 0.0)
    """
    d = checks.whole("d", d, 2)
    c = checks.array("cosine", cosine)
    xp = api.array_namespace(c)
    slack = 8 * float(xp.finfo(c.dtype).eps) * math.sqrt(d)  # a.b of normalised rows rounds like this
    c = xp.clip(checks.within("cosine", c, -1 - slack, 1 + slack, "in [-1, 1]"), -1.0, 1.0)
    return ((xp.sqrt((1 - c) * (1 + c)) + (math.pi - xp.acos(c)) * c) / (2 * math.pi * d))[()]


def random_directions(n, d, rng):
    """n independent uniform directions, shape (n, d): NumPy or torch, after the kind of generator.

    >>> u = random_directions(5, 3, np.random.default_rng(0))
    >>> bool(np.allclose(np.sum(u**2, axis=1), 1))
    True
    """
    return _normalise(normal((n, d), rng))


def orthogonal_directions(n, d, rng):
    """n directions, shape (n, d): rows of random orthonormal bases, then their negatives; each row is uniform.

    Whole bases with their negatives average every polynomial of degree at most 3 exactly, and every odd one. The last
    basis is cut when d does not divide n/2, and then only the odd polynomials keep this.

    n: an even whole number, at least 2; ValueError otherwise.

    >>> u = orthogonal_directions(6, 3, np.random.default_rng(0))
    >>> bool(np.allclose(u.T @ u / 6, np.eye(3) / 3))
    True
    """
    n = checks.whole("n", n, 2)
    if n % 2:
        raise ValueError(f"n must be even: directions come in pairs u, -u; got {n}")
    g = normal((-(-n // (2 * d)), d, d), rng)
    xp = api.array_namespace(g)
    q, r = xp.linalg.qr(g)
    q = q * xp.sign(xp.linalg.diagonal(r))[:, None, :]  # so that the basis is uniform (Haar)
    u = xp.reshape(q, (-1, d))[: n // 2, :]
    return xp.concat([u, -u])


def normal(shape, rng):
    """Standard Gaussian array; float64 from a numpy.random.Generator or a torch.Generator."""
    return _draw("standard_normal", "randn", shape, rng)


def uniform(shape, rng):
    """Uniform array on [0, 1); float64 from a numpy.random.Generator or a torch.Generator."""
    return _draw("random", "rand", shape, rng)


def _draw(numpy_name, torch_name, shape, rng):
    if isinstance(rng, np.random.Generator):
        return getattr(rng, numpy_name)(shape)
    if type(rng).__module__.startswith("torch"):
        import torch

        return getattr(torch, torch_name)(shape, generator=rng, dtype=torch.float64, device=rng.device)
    raise TypeError(f"rng must be a numpy.random.Generator or a torch.Generator; got {rng!r}")


def _normalise(x):
    xp = api.array_namespace(x)
    return x / xp.linalg.vector_norm(x, axis=-1, keepdims=True)
