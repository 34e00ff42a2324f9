"""Balls that hold the true number, for proofs by computer: constants of the sphere and moments of the Bessel law.

A ball is Arb's, a midpoint and a radius, through python-flint: each operation returns one that holds every result
that the balls going in allow.
"""

from collections.abc import Iterable
from typing import Any

Ball = Any


def relu_mean(d: int) -> Ball:
    """C_d = Gamma(d/2) / (2 sqrt(pi) Gamma((d + 1)/2)), as a ball."""
    from flint import arb

    half = arb(d) / 2
    return half.gamma() / (half + arb("0.5")).gamma() / (2 * arb.pi().sqrt())


def moments(d: int, r: float, orders: Iterable[int] = (0, 1, 2)) -> list[Ball]:
    """E[|x|^k; |x| <= r] under `BesselLaw(d)` for whole k > -d, as balls: a series, with digits for its cancellation.

    >>> [round(float(m.mid()), 6) for m in moments(3, 1.0)]
    [0.86694, 0.316702, 0.148619]
    """
    from flint import arb, ctx

    bits = 128 + int(3 * float(_scale(d).mid()) * r)  # the terms reach e^(2 s), the sum is of order 1
    with ctx.workprec(bits):
        scale = _scale(d)
        s, nu, half, found = scale * arb(r), arb(d) / 2, arb("0.5"), []
        for k in orders:
            top, bottom = [nu + half, nu + arb(k) / 2], [nu + 1, 2 * nu + 1, nu + arb(k) / 2 + 1]
            first = s ** (2 * nu + k) / (4**nu * (nu + 1).gamma() ** 2 * (2 * nu + k))
            found.append(d * scale ** (-k) * first * (-s * s).hypgeom(top, bottom))
        return found


def _scale(d):
    """s = scale * r is the argument of the Bessel function."""
    from flint import arb

    radius = (arb(d) / 2 + 1).gamma() ** (arb(1) / d) / arb.pi().sqrt()
    return 2 * arb.pi() * radius * arb(d).sqrt()
