"""Averages over the radius, exactly: the engine that the infinite-width and the finite-width flow share.

In a fixed direction u the first layer is F(u) r, so f(r) = mean_j ReLU(w_j F r + b_j) has one kink a neuron, at
R_j = -b_j/(w_j F), and f* = ReLU(1 - r) has one at 1. Between kinks (f* - f) r^k is a polynomial in r: partial moments
of the law give its mean. A neuron with w_j > 0 is rewritten by ReLU(z) = z + ReLU(-z), so that every neuron is active on
an interval [0, R_j]. The kinks of all directions share one order. Just below R_j, f is C_j + D_j F r; C_j and D_j are
cumulative sums over neurons, the same in every direction. So every mean is a product of moments with a few vectors.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import array_api_compat as api
import numpy as np

FAR = 1e30  # stands for a kink at infinity; products with it stay finite


@dataclass(frozen=True)
class RadialAverages:
    """Means with g = f* - f: over r in each direction (shape (..., n)), or over r and the directions ((..., m2))."""

    loss: Any  # 1/2 E g^2 in each direction
    pull: Any  # E[g S r] in each direction, S = mean_j w_j 1{neuron j active}
    h0: Any  # E[g 1{neuron j active}]
    h1: Any  # E[g F r 1{neuron j active}]


def radial_averages(law, slope, w2, b2):
    """The means above for a first layer F(u) r with `slope` F >= 0, shape (..., n), and w2, b2 of shape (..., m2)."""
    xp = api.array_namespace(slope, w2, b2)
    up, m2, n = w2 > 0, w2.shape[-1], slope.shape[-1]
    some_up = bool(xp.any(up))
    c, a = (xp.where(up, -b2, b2), -xp.abs(w2)) if some_up else (b2, w2)
    # kinks in units of 1/F; a = 0 < c is active everywhere, c <= 0 nowhere; the furthest comes first
    unit = xp.ones_like(a[..., :1])
    kink = xp.where(c > 0, c, xp.zeros_like(c)) / xp.maximum(-a, unit / FAR)
    order = xp.argsort(-kink, axis=-1)

    def arranged(x, order):
        return xp.take_along_axis(x, order, axis=-1) if m2 > 1 else x

    c, a, kink = (arranged(x, order) for x in (c / m2, a / m2, kink))
    C, D = xp.cumulative_sum(c, axis=-1), xp.cumulative_sum(a, axis=-1)
    one, whole = _fixed_moments(law)
    goals = [one[k] - one[k + 1] for k in range(2)]  # E[f* r^k]
    if some_up:  # beyond every kink f = A + B F r
        A, B = (xp.mean(xp.where(up, x, xp.zeros_like(x)), axis=-1, keepdims=True) for x in (b2, w2))
        C, D = C + A, D + B

    R = xp.minimum(kink[..., None, :] / xp.maximum(slope, unit / FAR)[..., None], FAR * unit[..., None])
    M = law.moments(R, (0, 1, 2))
    inner = [xp.minimum(m, at_one * unit[..., None]) for m, at_one in zip(M, one, strict=True)]
    goal = [inner[k] - inner[k + 1] for k in range(2)]  # E[f* r^k; r <= R]

    def over_neurons(x, weight):
        return (x @ weight[..., None])[..., 0]

    # E[f* f], E[f* S r], E f^2, E[f S r]: on its piece f S r = (C + D F r) D r; a sum over pieces is one over kinks
    constant = over_neurons(M[0], c * (2 * C - c))
    mixed = over_neurons(M[1], a * C + c * D - a * c)
    square = over_neurons(M[2], a * (2 * D - a))
    goal_slope = over_neurons(goal[1], a)
    overlap, pull = over_neurons(goal[0], c) + slope * goal_slope, goal_slope - mixed - slope * square
    norm = constant + 2 * slope * mixed + slope**2 * square

    # the neurons need means over directions alone: of F^k E[f* r^k; r <= R] and F^k E[r^k; r <= R]
    powers = [(slope**k / n)[..., None, :] for k in range(3)]
    goal = [(p @ x)[..., 0, :] for p, x in zip(powers, goal, strict=False)]
    M = [(p @ x)[..., 0, :] for p, x in zip(powers, M, strict=True)]
    # on [0, R_j]: neurons before j in this order are active throughout, those after it on [0, R_i]
    own = [c * M[k] + a * M[k + 1] for k in range(2)]
    all_own = [xp.sum(x, axis=-1, keepdims=True) for x in own]
    after = [all_own[k] - xp.cumulative_sum(own[k], axis=-1) for k in range(2)]
    h = [goal[k] - C * M[k] - D * M[k + 1] - after[k] for k in range(2)]
    h = [arranged(x, xp.argsort(order, axis=-1)) for x in h]
    if some_up:
        overlap = overlap + A * goals[0] + B * goals[1] * slope
        pull = pull + B * (goals[1] - A * whole[1] - B * slope * whole[2])
        norm = norm + A**2 * whole[0] + 2 * A * B * slope * whole[1] + (B * slope) ** 2 * whole[2]
        mean = [xp.sum(p, axis=-1) for p in powers]  # of F^k
        for k in range(2):
            everywhere = (goals[k] - A * whole[k]) * mean[k] - B * mean[k + 1] * whole[k + 1] - all_own[k]
            h[k] = xp.where(up, everywhere - h[k], h[k])
    return RadialAverages((one[0] - 2 * one[1] + one[2] - 2 * overlap + norm) / 2, pull, *h)


@lru_cache
def _fixed_moments(law):
    """E[r^k; r <= 1] and E[r^k], k = 0, 1, 2: the same in every step."""
    return [[float(m[0]) for m in law.moments(np.asarray([r]), (0, 1, 2))] for r in (1.0, np.inf)]
