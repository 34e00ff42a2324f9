"""Averages over the radius, exactly: the engine that the infinite-width and the finite-width flow share.

In a fixed direction u the first layer is F(u) r, so f(r) = mean_j ReLU(w_j F r + b_j) has one kink a neuron, at
R_j = -b_j/(w_j F), and f* = ReLU(1 - r) has one at 1. Between kinks (f* - f) r^k is a polynomial in r: partial moments
of the law give its mean. A neuron with w_j > 0 is rewritten by ReLU(z) = z + ReLU(-z), so that every neuron is active on
an interval [0, R_j]. The R_j of all directions share one order, so sums over pairs of neurons are cumulative sums.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import array_api_compat as api
import numpy as np

FAR = 1e30  # stands for a kink at infinity; products with it stay finite


@dataclass(frozen=True)
class RadialAverages:
    """Means over r with g = f* - f, for each direction (shape (..., n)) or each of its neurons ((..., n, m2))."""

    loss: Any  # 1/2 E g^2, (..., n)
    h0: Any  # E[g 1{neuron active}], (..., n, m2)
    h1: Any  # E[g r 1{neuron active}], (..., n, m2)


def radial_averages(law, slope, w2, b2):
    """The means above for a first layer F(u) r with `slope` F >= 0, shape (..., n), and w2, b2 of shape (..., m2)."""
    xp = api.array_namespace(slope, w2, b2)
    up = w2 > 0
    some_up = bool(xp.any(up))
    a = -xp.abs(w2)
    c = xp.where(up, -b2, b2) if some_up else b2
    # kinks in units of 1/F; a = 0 < c is active everywhere, c <= 0 nowhere
    kink = xp.where(c > 0, xp.clip(c, 0, None) / xp.clip(-a, 1 / FAR, None), xp.zeros_like(c))
    order = xp.argsort(kink, axis=-1)
    a, c, kink = (xp.take_along_axis(x, order, axis=-1) for x in (a, c, kink))

    m2 = w2.shape[-1]
    F = slope[..., None]
    aF, c = a[..., None, :] * F, c[..., None, :]
    R = xp.clip(kink[..., None, :] / xp.clip(F, 1 / FAR, None), None, FAR)
    M = law.moments(R, (0, 1, 2))
    one, whole = _fixed_moments(law)
    inner = one  # E[r^k; r <= min(R, 1)]
    if bool(xp.any(R < 1)):
        inner = [xp.where(R < 1, m, xp.full_like(m, at_one)) for m, at_one in zip(M, one, strict=True)]

    # neurons i beyond j are active on all of [0, R_j], those before it on [0, R_i]
    c_beyond, aF_beyond = _suffix_sum(c, xp) / m2, _suffix_sum(a, xp)[..., None, :] * F / m2
    target, active, total = [], [], []
    for k in (0, 1):
        own = (c * M[k] + aF * M[k + 1]) / m2
        before = xp.cumulative_sum(own, axis=-1)
        target.append(inner[k] - inner[k + 1])
        active.append(target[k] - (c_beyond * M[k] + aF_beyond * M[k + 1] + before - own))
        total.append(one[k] - one[k + 1] - before[..., -1:])
    target_square = one[0] - 2 * one[1] + one[2]

    if some_up:  # f = mean_up (b + w F r) + the neurons above
        A = xp.mean(xp.where(up, b2, xp.zeros_like(b2)), axis=-1)[..., None, None]
        BF = xp.mean(xp.where(up, w2, xp.zeros_like(w2)), axis=-1)[..., None, None] * F
        for k in (0, 1):
            active[k] = active[k] - A * M[k] - BF * M[k + 1]
            total[k] = total[k] - A * whole[k] - BF * whole[k + 1]

    # 1/2 E g^2 = 1/2 E[f* g] - 1/2 E[f g], both linear in the neurons
    overlap = xp.mean(c * target[0] + aF * target[1], axis=-1)
    projection = xp.mean(c * active[0] + aF * active[1], axis=-1)
    if some_up:
        overlap = overlap + (A * (one[0] - one[1]) + BF * (one[1] - one[2]))[..., 0]
        projection = projection + (A * total[0] + BF * total[1])[..., 0]
    loss = (target_square - overlap - projection) / 2

    back = xp.argsort(order, axis=-1)[..., None, :]
    back = xp.broadcast_to(back, active[0].shape)
    h0, h1 = (xp.take_along_axis(x, back, axis=-1) for x in active)
    if some_up:
        up = up[..., None, :]
        h0, h1 = xp.where(up, total[0] - h0, h0), xp.where(up, total[1] - h1, h1)
    return RadialAverages(loss, h0, h1)


@lru_cache
def _fixed_moments(law):
    """E[r^k; r <= 1] and E[r^k], k = 0, 1, 2: the same in every step."""
    return [[float(m[0]) for m in law.moments(np.asarray([r]), (0, 1, 2))] for r in (1.0, np.inf)]


def _suffix_sum(x, xp):
    return xp.flip(xp.cumulative_sum(xp.flip(x, axis=-1), axis=-1), axis=-1)
