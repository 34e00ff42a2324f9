"""The learner's first layer as an empirical measure of m1 neurons, and its closed-form statistics."""

import array_api_compat as api

from mfdepth import checks
from mfdepth.sphere import normal, relu_kernel, relu_mean


def init_first_layer(d, m1, alpha, rng):
    """m1 Gaussian first-layer neurons, shape (m1, d), such that alpha = C_d * mean |w|^2 in expectation.

    The talk names no initialisation; a Gaussian one is our choice. Its law is spherically symmetric, as the lemma asks.

    d: dimension, at least 2. m1: neurons, at least 1. alpha: positive. rng: numpy.random.Generator gives NumPy,
    torch.Generator gives torch. Raises ValueError for anything else.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(100, 512, 1.0, np.random.default_rng(0))
    >>> w1.shape, round(float(mf.first_layer_alpha(w1)), 2)
    ((512, 100), 1.0)

    See: the chapter "The infinite-width dynamics".
    """
    d, m1 = checks.whole("d", d, 2), checks.whole("m1", m1, 1)
    alpha = checks.positive("alpha", alpha)
    return normal((m1, d), rng) * (alpha / (relu_mean(d) * d)) ** 0.5


def first_layer(w1, x):
    """F(x) = mean_k |w_k| ReLU(w_k.x): w1 of shape (..., m1, d), x of shape (..., n, d); returns (..., n).

    The talk's first layer, for an empirical measure of m1 neurons: homogeneous of degree 1 in x and 2 in w1.

    >>> import numpy as np
    >>> first_layer(np.eye(2), np.array([[2.0, -1.0]]))
    array([1.])
    """
    xp = api.array_namespace(w1, x)
    length = xp.linalg.vector_norm(w1, axis=-1)
    value = xp.clip(x @ xp.matrix_transpose(w1), 0, None) @ length[..., None]
    return value[..., 0] / w1.shape[-2]


def first_layer_alpha(w1):
    """The number the infinite-width theory keeps: alpha = C_d * mean |w|^2, for w1 of shape (..., m1, d).

    It is the mean of F over the unit sphere whatever the neurons are (the talk's symmetrization, F~ = alpha |x|).

    >>> import numpy as np
    >>> round(float(first_layer_alpha(np.eye(3))), 12)
    0.25
    """
    w1 = checked_first_layer(w1)
    xp = api.array_namespace(w1)
    return relu_mean(w1.shape[-1]) * xp.mean(xp.sum(w1 * w1, axis=-1), axis=-1)


def discretization_error(w1):
    """How far m1 neurons are from symmetry: rho = E_u (F - F~)^2 / F~^2 over the unit sphere, in closed form.

    rho = n'K n / (C_d^2 (sum n)^2) - 1 with n_k = |w_k|^2 and K the ReLU kernel of the directions (ours). It does not
    change when all weights are rescaled or rotated. For Gaussian neurons its mean is, exactly,
    E rho = (1/(2 d C_d^2) - 1) (d + 2)/(d m1 + 2).

    w1: (..., m1, d). Returns shape (...). Raises ValueError for neurons that are empty, all zero or not finite.

    >>> import mfdepth as mf, numpy as np
    >>> round(float(mf.discretization_error(np.array([[1.0, 0.0], [-1.0, 0.0]]))), 4)  # F = |x_1|/2: pi^2/8 - 1
    0.2337

    See: the chapter "The infinite-width dynamics".
    """
    w1 = checked_first_layer(w1)
    xp = api.array_namespace(w1)
    d = w1.shape[-1]
    n = xp.sum(w1 * w1, axis=-1)
    unit = w1 / xp.sqrt(xp.where(n > 0, n, xp.ones_like(n)))[..., None]
    kernel = relu_kernel(unit @ xp.matrix_transpose(unit), d)
    product = (n[..., None, :] @ kernel @ n[..., None])[..., 0, 0]
    return product / (relu_mean(d) * xp.sum(n, axis=-1)) ** 2 - 1


def checked_first_layer(w1):
    """w1 itself if it is a finite array (..., m1, d) whose neurons are not all zero; else ValueError."""
    w1 = checks.finite_array("w1", w1, ndim=2)
    xp = api.array_namespace(w1)
    checks.whole("the last dimension of w1 (d)", w1.shape[-1], 2)
    if not bool(xp.all(xp.any(w1 != 0, axis=(-2, -1)))):
        raise ValueError(f"w1 must have a neuron that is not zero; got all zeros, shape {tuple(w1.shape)}")
    return w1
