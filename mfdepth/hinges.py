"""Piecewise linear functions of the radius, and exact means of their products.

In a fixed direction the learner, its average over directions and the target ReLU(1 - r) are all sums of
(c + s r) 1{r < kink}. Between the merged kinks the product of two of them is quadratic in r: partial moments of the law
give its mean, and a difference of nearly equal functions is formed before it is squared.
"""

from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth.radius import FAR


@dataclass(frozen=True)
class Piece:
    """A function that is c + s r between two kinks; c and s of shape (..., pieces)."""

    c: Any
    s: Any

    def __sub__(self, other):
        return Piece(self.c - other.c, self.s - other.s)


def hinges(slope, w2, b2):
    """mean_j ReLU(w2_j F r + b2_j) as a sum of (c + s r) 1{r < kink}: three arrays (..., n, hinges), F of shape (..., n).

    ReLU(z) = z + ReLU(-z) turns a neuron with w2 > 0 into one that ends, and a line without end.
    """
    xp = api.array_namespace(slope, w2, b2)
    up, zero, m2 = w2 > 0, xp.zeros_like(b2), w2.shape[-1]
    F = slope[..., None]
    c, a = xp.clip(xp.where(up, -b2, b2), 0, None)[..., None, :], -xp.abs(w2)[..., None, :]
    kink = xp.clip(c / xp.clip(-a, 1 / FAR, None) / xp.clip(F, 1 / FAR, None), None, FAR)
    parts = [c / m2 + 0 * F, a * F / m2, kink]
    if bool(xp.any(up)):
        b, w = (xp.mean(xp.where(up, x, zero), axis=-1)[..., None, None] for x in (b2, w2))
        parts = [xp.concat([x, y], axis=-1) for x, y in zip(parts, (b + 0 * F, w * F, FAR + 0 * F), strict=True)]
    return tuple(parts)


def pieces(law, functions):
    """Functions given as hinges, on the pieces between all their kinks; and E[p q] for two functions so written."""
    xp = api.array_namespace(functions[0][0])
    batch = np.broadcast_shapes(*(tuple(kink.shape[:-1]) for _, _, kink in functions))
    functions = [[xp.broadcast_to(x, (*batch, x.shape[-1])) for x in function] for function in functions]
    kinks = xp.concat([kink for _, _, kink in functions], axis=-1)
    order = xp.argsort(kinks, axis=-1)

    def beyond(x, owner):  # the hinges that a piece lies below: sums from the far end
        own = [x if function is owner else xp.zeros_like(function[2]) for function in functions]
        ordered = xp.take_along_axis(xp.concat(own, axis=-1), order, axis=-1)
        return xp.flip(xp.cumulative_sum(xp.flip(ordered, axis=-1), axis=-1), axis=-1)

    moments = law.moments(xp.take_along_axis(kinks, order, axis=-1), (0, 1, 2))
    m0, m1, m2 = (xp.concat([m[..., :1], m[..., 1:] - m[..., :-1]], axis=-1) for m in moments)

    def inner(p, q):
        return xp.sum(p.c * q.c * m0 + (p.c * q.s + p.s * q.c) * m1 + p.s * q.s * m2, axis=-1)

    return [Piece(beyond(f[0], f), beyond(f[1], f)) for f in functions], inner
