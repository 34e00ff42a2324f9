"""Averages over the radius, exactly: kinks, and the moments of the law between them.

In a fixed direction u the first layer is F(u) r, so a second-layer neuron is ReLU(w_j F r + b_j), with one kink, at
R_j = -b_j/(w_j F), and the target ReLU(1 - r) has one at 1. ReLU(z) = z + ReLU(-z) rewrites a neuron with w_j > 0, so
that every neuron is (b_j + w_j F r) 1{r < R_j}, w_j <= 0, plus a line without end that all of them share. Between
neighbouring kinks everything is a polynomial in r, and partial moments of the law give its mean.

Two ways to add up. `radial_averages` serves the flows: the kinks of all directions have one order, since R_j F does not
depend on u, and just below R_j the network is offset_j + slope_j F r with offset_j, slope_j sums over the neurons from
j on, the same in every direction. So every mean is a product of moments with a few vectors. `pieces` forms differences
of nearly equal functions before they are squared, and keeps their digits.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.laws import RadialLaw

FAR = 1e30  # stands for a kink at infinity; products with it stay finite


@dataclass(frozen=True)
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
    xp = checks.library(slope, w2, b2)
    neurons, unit = _by_kink(w2, b2, xp), xp.ones_like(slope[..., :1])
    R = neurons.kink[..., None, :] / xp.maximum(slope, unit / FAR)[..., None]
    below = law.moments(xp.minimum(R, FAR * unit[..., None]), (0, 1, 2))  # E[r^k; r <= R]
    ends = _fixed_moments(law)
    inner = [xp.minimum(m, one * unit[..., None]) for m, one in zip(below, ends.one, strict=True)]
    target = [inner[k] - inner[k + 1] for k in range(2)]  # E[f* r^k; r <= R]
    pull = _pull(neurons, slope, below, target, ends)
    found = _loss(neurons, slope, below, target, ends) if loss else None

    # the neurons need means over directions alone: of F^k E[r^k; r <= R] and F^k E[f* r^k; r <= R]
    first = xp.ones_like(slope) / slope.shape[-1] if weights is None else weights
    powers = [first, first * slope, first * slope * slope]
    below, target = ([(p[..., None, :] @ x)[..., 0, :] for p, x in zip(powers, xs, strict=False)]
                     for xs in (below, target))  # fmt: skip
    return RadialAverages(found, pull, *_of_each_neuron(neurons, below, target, powers, ends, xp))


@dataclass(frozen=True)
class _Neurons:
    """The second layer by the place of its kinks, nearest first: f = sum_j (c_j + a_j F r) 1{r < R_j} + A + B F r."""

    c: Any  # all of shape (..., m2)
    a: Any  # at most 0
    kink: Any  # R_j F
    offset: Any  # f is offset_j + slope_j F r just below R_j
    slope: Any
    order: Any  # of the kinks
    up: Any  # w2 > 0, in the order of the caller; None where there is none
    A: Any  # (..., 1), beyond every kink; 0 where there is no such neuron
    B: Any


def _by_kink(w2, b2, xp):
    m2, up, c, a, A, B = w2.shape[-1], w2 > 0, b2, w2, 0.0, 0.0
    if bool(xp.any(up)):
        c, a = xp.where(up, -b2, b2), -xp.abs(w2)
        A, B = (xp.mean(xp.where(up, x, xp.zeros_like(x)), axis=-1, keepdims=True) for x in (b2, w2))
    else:
        up = None
    # a = 0 < c is active everywhere, c <= 0 nowhere
    kink = xp.maximum(c, xp.zeros_like(c)) / xp.maximum(-a, xp.ones_like(a) / FAR)
    if m2 == 1:
        return _Neurons(c, a, kink, c + A, a + B, None, up, A, B)
    order = xp.argsort(kink, axis=-1)
    c, a, kink = (_arranged(x, order, xp) for x in (c / m2, a / m2, kink))
    offset, slope = (_from_the_far_end(x, xp) for x in (c, a))
    return _Neurons(c, a, kink, offset + A, slope + B, order, up, A, B)


def _arranged(x, order, xp):
    return x[order] if x.ndim == 1 else xp.take_along_axis(x, order, axis=-1)


def _from_the_far_end(x, xp):
    """Sums of x_j and of all behind it."""
    return xp.flip(xp.cumulative_sum(xp.flip(x, axis=-1), axis=-1), axis=-1)


def _over_kinks(moments, jumps):
    """A sum over pieces of polynomials in r is one over kinks: of a coefficient's jumps times a moment."""
    return (moments @ jumps[..., None])[..., 0]


def _pull(neurons, F, below, target, ends):
    """E[g S r] in each direction: of f* S r, less that of f S r = (offset + slope F r) slope r."""
    c, a, offset, slope = neurons.c, neurons.a, neurons.offset, neurons.slope
    pull = _over_kinks(target[1], a) - _over_kinks(below[1], a * offset + c * slope - a * c)
    pull = pull - F * _over_kinks(below[2], a * (2 * slope - a))
    if neurons.up is not None:
        pull = pull + neurons.B * (ends.target[1] - neurons.A * ends.whole[1] - neurons.B * F * ends.whole[2])
    return pull


def _loss(neurons, F, below, target, ends):
    """1/2 E g^2 in each direction: of f*^2 - 2 f* f + f^2."""
    c, a, offset, slope, A, B = neurons.c, neurons.a, neurons.offset, neurons.slope, neurons.A, neurons.B * F
    constant, linear, square = c * (2 * offset - c), 2 * (a * offset + c * slope - a * c), a * (2 * slope - a)
    product = _over_kinks(target[0], c) + F * _over_kinks(target[1], a)
    norm = _over_kinks(below[0], constant) + F * (_over_kinks(below[1], linear) + F * _over_kinks(below[2], square))
    if neurons.up is not None:
        product = product + A * ends.target[0] + B * ends.target[1]
        norm = norm + A * A * ends.whole[0] + B * (2 * A * ends.whole[1] + B * ends.whole[2])
    return (ends.one[0] - 2 * ends.one[1] + ends.one[2] - 2 * product + norm) / 2


def _of_each_neuron(neurons, below, target, powers, ends, xp):
    """E[g 1{neuron j active}] and E[g F r 1{neuron j active}], in the order of the caller."""
    many, pieces = neurons.order is not None, below
    if many:  # E[(F r)^k] between neighbouring kinks
        pieces = [xp.concat([m[..., :1], m[..., 1:] - m[..., :-1]], axis=-1) for m in below]
    network = [neurons.offset * pieces[k] + neurons.slope * pieces[k + 1] for k in range(2)]  # E[f (F r)^k] there
    found = [target[k] - (xp.cumulative_sum(network[k], axis=-1) if many else network[k]) for k in range(2)]
    if many:
        back = xp.argsort(neurons.order, axis=-1)
        found = [_arranged(x, back, xp) for x in found]
    if neurons.up is not None:  # active beyond its kink: everywhere, less up to it
        for k in range(2):
            bounded = xp.sum(neurons.c * below[k] + neurons.a * below[k + 1], axis=-1, keepdims=True)
            line, tilt = (xp.sum(powers[i], axis=-1, keepdims=True) * ends.whole[i] for i in (k, k + 1))
            mean = xp.sum(powers[k], axis=-1, keepdims=True) * ends.target[k]
            everywhere = mean - neurons.A * line - neurons.B * tilt - bounded
            found[k] = xp.where(neurons.up, everywhere - found[k], found[k])
    return found


@dataclass(frozen=True)
class _Ends:
    one: list  # E[r^k; r <= 1], k = 0, 1, 2
    whole: list  # E[r^k]
    target: list  # E[f* r^k], k = 0, 1


@lru_cache
def _fixed_moments(law):
    """What is the same in every step."""
    one, whole = ([float(m[0]) for m in law.moments(np.asarray([r]), (0, 1, 2))] for r in (1.0, np.inf))
    return _Ends(one, whole, [one[k] - one[k + 1] for k in range(2)])


@dataclass(frozen=True)
class Piece:
    """A function that is c + s r between two kinks; c and s of shape (..., pieces)."""

    c: Any
    s: Any

    def __sub__(self, other):
        return Piece(self.c - other.c, self.s - other.s)


def hinges(slope: Array, w2: Array, b2: Array) -> tuple:
    """mean_j ReLU(w2_j F r + b2_j) as a sum of (c + s r) 1{r < kink}: three arrays (..., n, hinges), F (..., n).

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


def pieces(law: RadialLaw, functions: Array) -> tuple:
    """Functions given as hinges, on the pieces between all their kinks; and E[p q] for two functions so written."""
    xp = api.array_namespace(functions[0][0])
    batch = np.broadcast_shapes(*(tuple(kink.shape[:-1]) for _, _, kink in functions))
    functions = [[xp.broadcast_to(x, (*batch, x.shape[-1])) for x in function] for function in functions]
    kinks = xp.concat([kink for _, _, kink in functions], axis=-1)
    order = xp.argsort(kinks, axis=-1)

    def beyond(x, owner):  # the hinges that a piece lies below: sums from the far end
        own = [x if function is owner else xp.zeros_like(function[2]) for function in functions]
        ordered = xp.take_along_axis(xp.concat(own, axis=-1), order, axis=-1)
        return _from_the_far_end(ordered, xp)

    moments = law.moments(xp.take_along_axis(kinks, order, axis=-1), (0, 1, 2))
    m0, m1, m2 = (xp.concat([m[..., :1], m[..., 1:] - m[..., :-1]], axis=-1) for m in moments)

    def inner(p, q):
        return xp.sum(p.c * q.c * m0 + (p.c * q.s + p.s * q.c) * m1 + p.s * q.s * m2, axis=-1)

    return [Piece(beyond(f[0], f), beyond(f[1], f)) for f in functions], inner
