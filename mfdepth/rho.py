"""The discretization error rho in closed form from the weights, and the curvature K that decides how it moves.

Around the symmetric trajectory the loss is l(alpha) + 1/2 l''(alpha) alpha^2 rho to second order, l(alpha) the
infinite-width loss (ours): its curvature K = l'' decides whether the error is pulled back.
"""

import math

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.infinite import refuse_second_layer
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.networks import checked_first_layer
from mfdepth.radius import FAR, hinges, pieces
from mfdepth.sphere import C, kernel

BLOCK = 16_384  # pairs of neurons of the first layer at a time


def first_layer_alpha(w1: Array) -> Array:
    """The number the infinite-width theory keeps: alpha = C_d * mean |w|^2, for w1 of shape (..., m1, d).

    It is the mean of F over the unit sphere whatever the neurons are (the talk's symmetrization, F~ = alpha |x|).

    >>> import numpy as np
    >>> round(float(first_layer_alpha(np.eye(3))), 12)
    0.25

    See: the chapter "The infinite-width dynamics".
    """
    return alpha_of(checked_first_layer(w1))


def alpha_of(w1: Array) -> Array:
    """`first_layer_alpha`, unchecked."""
    xp = api.array_namespace(w1)
    return C(w1.shape[-1]) * xp.mean(xp.sum(w1 * w1, axis=-1), axis=-1)


def discretization_error(w1: Array) -> Array:
    """How far m1 neurons are from symmetry: rho = E_u (F - F~)^2 / F~^2 over the unit sphere, in closed form.

    rho = n'K n / (C_d^2 (sum n)^2) - 1 with n_k = |w_k|^2 and K the ReLU kernel of the directions (ours). It does not
    change when all weights are rescaled or rotated. Its mean over random starts is `expected_rho`.

    w1: (..., m1, d). Returns shape (...). Raises ValueError for neurons that are empty, all zero or not finite.

    >>> import mfdepth as mf, numpy as np
    >>> round(float(mf.discretization_error(np.array([[1.0, 0.0], [-1.0, 0.0]]))), 4)  # F = |x_1|/2: pi^2/8 - 1
    0.2337

    See: the chapter "The infinite-width dynamics".
    """
    return rho_of(checked_first_layer(w1))


def rho_of(w1: Array) -> Array:
    """`discretization_error`, unchecked."""
    xp, (m1, d) = api.array_namespace(w1), w1.shape[-2:]
    share, unit = direction_law(w1)
    square, rows, total = C(d) ** 2, -(-BLOCK // m1), 0.0
    for i in range(0, m1, rows):  # some neurons at a time, which keeps arrays in the cache, against those from them on
        own, twice = share[..., None, i : i + rows], 2 * share[..., i + rows :]
        excess = kernel(unit[..., i : i + rows, :] @ xp.matrix_transpose(unit[..., i:, :]), d) - square
        total = total + (own @ excess @ xp.concat([own[..., 0, :], twice], axis=-1)[..., None])[..., 0, 0]
    return xp.clip(total / square, 0, None)  # a square, whatever rounding made of it


def direction_law(w1: Array) -> Array:
    """The law nu of the first layer's directions: shares of sum |w|^2 (..., m1), unit rows (..., m1, d), unchecked.

    Both know nothing of the scale of w1; a neuron at 0 has no share.
    """
    xp = api.array_namespace(w1)
    w = w1 / xp.max(xp.abs(w1), axis=(-2, -1), keepdims=True)  # whose squares neither overflow nor vanish
    n = xp.sum(w * w, axis=-1)
    unit = w / xp.sqrt(xp.where(n > 0, n, xp.ones_like(n)))[..., None]
    return n / xp.sum(n, axis=-1, keepdims=True), unit


def stability(law: RadialLaw, alpha: Array, w2: Array, b2: Array) -> Array:
    """The curvature K of the infinite-width loss in alpha: to first order the discretization error decays where K > 0.

    K = E[S^2 r^2] - 1/alpha mean_j |w2_j| R_j^2 p(R_j) g(R_j),   S = mean_j w2_j 1{neuron j active},   g = f* - f

    over the neurons with a kink R_j = -b2_j/(w2_j alpha) > 0. For one neuron w2 < 0 < b2 it reads
    K = w2^2 E[r^2; r <= R] + w2 R^2 p(R) ReLU(1 - R)/alpha: positive when R >= 1; a kink inside the target's support
    can make it negative, and then rho grows (ours; the talk's claim needs this condition). At finite width K > 0 alone
    does not stop rho: what l does over the range of F counts, not at alpha alone; `rho_velocity` is exact.

    law: a radial law. alpha: positive, of any shape (...). w2, b2: the same shape for one neuron, or (..., m2), like
    the fields of a `Trajectory`. Returns shape (...). Raises ValueError for bad shapes and values.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> bool(mf.stability(law, 1.0, -0.1, 0.5) > 0), bool(mf.stability(law, 1.0, -0.5, 0.2) > 0)
    (True, False)

    See: the chapter "Why errors do not compound".
    """
    law = checked_law(law)
    like = checks.array("alpha, w2, b2", next((x for x in (alpha, w2, b2) if api.is_torch_array(x)), alpha))
    alpha, w2, b2 = (checks.alike(name, x, like) for name, x in (("alpha", alpha), ("w2", w2), ("b2", b2)))
    if tuple(w2.shape) == tuple(alpha.shape) == tuple(b2.shape):
        w2, b2 = w2[..., None], b2[..., None]
    if w2.shape != b2.shape or tuple(w2.shape[:-1]) != tuple(alpha.shape):
        shapes = tuple(alpha.shape), tuple(w2.shape), tuple(b2.shape)
        raise ValueError(f"w2, b2 must have alpha's shape, or one dimension (m2) more; got alpha, w2, b2 {shapes}")
    xp = api.array_namespace(alpha, w2, b2)
    checks.within("alpha", alpha, float(xp.finfo(alpha.dtype).tiny), math.inf, "positive and not subnormal")
    refuse_second_layer(law, w2, b2, flow=False)
    if law.second_moment == math.inf and bool(xp.any((w2 < 0) & (b2 > 0) & (b2 >= -FAR * (w2 * alpha[..., None])))):
        least = float(xp.min(alpha))
        raise ValueError(f"alpha, w2 must leave the kinks below {FAR:g} under {law}; got alpha = {least!r}")
    (f,), inner = pieces(law, (hinges(alpha[..., None], w2, b2),))
    bend = xp.stack([xp.zeros_like(f[1]), f[1] / alpha[..., None, None]])  # S r
    R = -b2 / (xp.where(w2 == 0, xp.ones_like(w2), w2) * alpha[..., None])
    inside = (R > 0) & (R < FAR)
    R = xp.where(inside, R, xp.ones_like(R))
    f_at = xp.mean(xp.clip((w2 * alpha[..., None])[..., None, :] * R[..., None] + b2[..., None, :], 0, None), axis=-1)
    gap = xp.clip(1 - R, 0, None) - f_at
    kinks = xp.where(inside, xp.abs(w2) * R * (R * _density(law, R, gap)) * gap, xp.zeros_like(R))
    return (inner(bend, bend)[..., 0] - xp.mean(kinks, axis=-1) / alpha)[()]


def _density(law, R, gap):
    """p(R), and 0 where a law has all its mass on a kink but f = f* there; ValueError where f is not."""
    xp = api.array_namespace(R)
    p = law.pdf(R)
    if law.has_density:
        return p
    on = p > 0
    if bool(xp.any(on & (xp.abs(gap) > 64 * xp.finfo(R.dtype).eps))):
        worst = float(xp.max(xp.where(on, xp.abs(gap), xp.zeros_like(gap))))
        raise ValueError(
            f"w2, b2 must not put a kink at the radius of {law} unless f = f* there: the loss has a corner in alpha, "
            f"and its curvature is infinite; got |f* - f| = {worst:.3g}"
        )
    return xp.zeros_like(p)
