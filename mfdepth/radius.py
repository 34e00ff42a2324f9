"""Averages over the radius, exactly: kinks, and the moments of the law between them.

In a fixed direction u the first layer is F(u) r, so a second-layer neuron is ReLU(w_j F r + b_j), with one kink, at
R_j = -b_j/(w_j F), and the target ReLU(1 - r) has one at 1. ReLU(z) = z + ReLU(-z) rewrites a neuron with w_j > 0: then
f is a sum of hinges (c_i + a_i F r) 1{r < R_i}, a_i <= 0, and of one line without end for all such neurons, which is a
hinge whose kink is far. Between neighbouring kinks everything is a polynomial in r, and partial moments of the law give
its mean.

Two ways to add up. `radial_averages` serves the flows: the kinks of all directions have one order, since R_i F does not
depend on u, and just below R_i the network is C_i + A_i F r with C_i, A_i sums over the hinges from i on, the same in
every direction. So every mean is a product of moments with a few vectors. `pieces` forms differences of nearly equal
functions before they are squared, and keeps their digits.
"""

import math
from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.laws import RadialLaw

FAR = 1e30  # stands for a kink at infinity; products with it stay finite


@dataclass(frozen=True, eq=False)
class RadialAverages:
    """Means with g = f* - f: over r in each direction (shape (..., n)), or over r and the directions ((..., m2))."""

    loss: Any  # 1/2 E g^2 in each direction
    pull: Any  # E[g S r] in each direction, S = mean_j w_j 1{neuron j active}: minus the slope of the loss in F
    h0: Any  # E[g 1{neuron j active}]
    h1: Any  # E[g F r 1{neuron j active}]


def radial_averages(
    law: RadialLaw, slope: Array, w2: Array, b2: Array, weights: Array = None, *, loss: bool = True
) -> RadialAverages:
    """The means above for a first layer F(u) r with `slope` F >= 0, shape (..., n), and w2, b2 of shape (..., m2).

    weights: of the directions, shape (..., n), with sum 1; by default equal. loss: False leaves it out.
    """
    xp, F, f = checks.library(slope, w2, b2), slope, Hinges(w2, b2, reach(law))
    below = xp.stack(law.moments(f.kinks_at(F), (0, 1, 2)))  # E[r^k; r < R]
    one = xp.asarray(law.moments_at(1.0), dtype=F.dtype, device=api.device(F))
    inner = xp.minimum(below, xp.reshape(one, (3, *[1] * (F.ndim + 1))))
    target = inner[:2] - inner[1:]  # E[f* r^k; r < R]

    def over_kinks(moments, jumps):  # a sum over pieces of polynomials in r is one over kinks: of a coefficient's jumps
        return (moments @ jumps[..., None])[..., 0]

    square = over_kinks(below[2], f.a * (2 * f.A - f.a))  # E[S^2 r^2]
    mixed = over_kinks(below[1], f.a * f.C + f.c * f.A - f.a * f.c)
    pull = over_kinks(target[1], f.a) - mixed - F * square
    if loss:
        constant = one[0] / 2 - one[1] + one[2] / 2 - over_kinks(target[0], f.c)
        found = constant + over_kinks(below[0], f.c * (f.C - f.c / 2)) - F * (pull + F * square / 2)

    # the neurons need means over directions alone
    first = xp.ones_like(F) / F.shape[-1] if weights is None else weights
    powers = xp.stack([first, first * F, first * F * F])[..., None, :]
    below, target = (powers @ below)[..., 0, :], (powers[:2] @ target)[..., 0, :]
    return RadialAverages(found if loss else None, pull, *f.of_each_neuron(below, target))


def reach(law: RadialLaw) -> float:
    """A radius beyond all that count under the law, finite."""
    return FAR * max(1.0, law.second_moment**0.5) if law.second_moment < math.inf else FAR


class Hinges:
    """mean_j ReLU(w_j z + b_j) = sum_i (c_i + a_i z) 1{z < kink_i}, nearest first; just below kink_i it is C_i + A_i z.

    w2, b2: (..., m2). All that is kept has shape (..., m2), or (..., m2 + 1) where a neuron has w_j > 0.
    """

    def __init__(self, w2: Array, b2: Array, far: float = FAR) -> None:
        xp, m2 = checks.library(w2, b2), w2.shape[-1]
        c, a, self.xp, self.up, self.far = b2, w2, xp, w2 > 0, far
        self.line = bool(xp.any(self.up))
        if self.line:
            b, w = (xp.mean(xp.where(self.up, x, xp.zeros_like(x)), axis=-1, keepdims=True) for x in (b2, w2))
            c, a = (xp.where(self.up, -x, x) for x in (b2, w2))
        # a = 0 < c is active everywhere, c <= 0 nowhere
        kink = xp.maximum(c, xp.zeros_like(c)) / xp.maximum(-a, xp.ones_like(a) / far)
        c, a = c / m2, a / m2
        if self.line:
            c, a, kink = (xp.concat(x, axis=-1) for x in ((c, b), (a, w), (kink, xp.full_like(b, far))))
        self.order = xp.argsort(kink, axis=-1) if c.shape[-1] > 1 else None
        self.c, self.a, self.kink = (_arranged(x, self.order, xp) for x in (c, a, kink))
        self.C, self.A = (_from_the_far_end(x, xp) for x in (self.c, self.a))

    def kinks_at(self, F: Array) -> Array:
        """In r, (..., n, hinges), for the slopes F of the first layer, (..., n)."""
        far = self.xp.full_like(F[..., None], self.far)
        return self.xp.minimum(self.kink[..., None, :] / self.xp.maximum(F[..., None], 1 / far), far)

    def of_each_neuron(self, below: Array, target: Array) -> Array:
        """E[g z^k 1{neuron j active}], k = 0, 1, shape (2, ..., m2), in the order of w2.

        below: E[z^k; z < kink_i], (3, ..., hinges). target: E[f* z^k; z < kink_i], (2, ..., hinges).
        """
        xp = self.xp
        nearer = xp.cumulative_sum(self.c * below[:2] + self.a * below[1:], axis=-1)  # these end on the way
        found = target - nearer - (self.C - self.c) * below[:2] - (self.A - self.a) * below[1:]
        if self.order is not None:
            back = xp.argsort(self.order, axis=-1)
            found = xp.stack([_arranged(x, back, xp) for x in found])
        if not self.line:
            return found
        own, everywhere = found[..., :-1], found[..., -1:]
        return xp.where(self.up, everywhere - own, own)  # active beyond its kink: everywhere, less up to it


def _arranged(x, order, xp):
    if order is None:
        return x
    return x[order] if x.ndim == 1 else xp.take_along_axis(x, order, axis=-1)


def _from_the_far_end(x, xp):
    """Sums of x_i and of all behind it."""
    if x.shape[-1] == 1:
        return x
    return xp.flip(xp.cumulative_sum(xp.flip(x, axis=-1), axis=-1), axis=-1)


def hinges(slope: Array, w2: Array, b2: Array) -> tuple:
    """mean_j ReLU(w2_j F r + b2_j) as a sum of (c + s r) 1{r < kink}: three arrays (..., n, hinges), F (..., n)."""
    f, F = Hinges(w2, b2), slope[..., None]
    return f.c[..., None, :] + 0 * F, f.a[..., None, :] * F, f.kinks_at(slope)


def pieces(law: RadialLaw, functions: Array) -> tuple:
    """Functions given as hinges, c + s r on the pieces between all their kinks, each as one array (2, ..., pieces).

    And E[p q] for two functions so written.
    """
    xp = api.array_namespace(functions[0][0])
    batch = np.broadcast_shapes(*(tuple(kink.shape[:-1]) for _, _, kink in functions))
    functions = [xp.stack([xp.broadcast_to(x, (*batch, x.shape[-1])) for x in function]) for function in functions]
    kinks = xp.concat(functions, axis=-1)[2]
    order = xp.argsort(kinks, axis=-1)

    def on_pieces(function):  # the hinges that a piece lies below: sums from the far end
        own = xp.concat([f if f is function else xp.zeros_like(f) for f in functions], axis=-1)
        return xp.stack([_from_the_far_end(xp.take_along_axis(x, order, axis=-1), xp) for x in own[:2]])

    moments = law.moments(xp.take_along_axis(kinks, order, axis=-1), (0, 1, 2))
    m0, m1, m2 = (xp.concat([m[..., :1], m[..., 1:] - m[..., :-1]], axis=-1) for m in moments)

    def inner(p, q):
        return xp.sum(p[0] * q[0] * m0 + (p[0] * q[1] + p[1] * q[0]) * m1 + p[1] * q[1] * m2, axis=-1)

    return [on_pieces(f) for f in functions], inner
