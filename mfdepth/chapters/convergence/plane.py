"""One second-layer neuron at infinite width is a gradient flow in the plane of slope and bias.

With f(r) = ReLU(b - s r), s = -w2 alpha, b = b2, kink R = b/s, g = f* - f and l(s, b) = 1/2 E g^2 (ours):

    s' = -M(s) l_s,   b' = -eta_2 l_b,   l_s = E[g r; r <= R],   l_b = -E[g; r <= R]
    M(s) = eta_2 alpha (3 alpha - 2 c_0),   alpha^2 (alpha - c_0) = q s^2,   q = 2 C_d eta_1/eta_2

The conserved number c_0 = alpha - q w2^2 makes alpha a function of s, so the first layer is no coordinate any more but
a metric: M says how fast the slope may move. In the phase portrait the inner functions trust their arguments.
"""

from dataclasses import dataclass

import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rates
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.sphere import relu_mean

NEWTON = 12  # steps: from the start below the root is reached to rounding


@dataclass(frozen=True)
class Plane:
    """The plane of (s, b) for one law, one conserved number c_0, and one pair of rates.

    q = 2 C_d eta_1/eta_2. The methods take arrays or numbers s > 0, b > 0 of one shape, and return such.

    >>> import mfdepth as mf
    >>> plane = plane_of(mf.BesselLaw(100), alpha=1.0, w2=-0.1)
    >>> slope, bias = plane.velocity(0.1, 0.5)
    >>> print(f"s' = {slope:.4f}, b' = {bias:.4f}")
    s' = 0.0738, b' = 0.0156

    See: the chapter "Why must it get there?".
    """

    law: RadialLaw
    c_0: float
    q: float
    eta_2: float = 1.0

    def alpha(self, s: Array) -> Array:
        """The root alpha above max(c_0, 0) of alpha^2 (alpha - c_0) = q s^2."""
        s = np.asarray(s, dtype=float)
        square, c = self.q * s * s, self.c_0
        # Both bounds lie right of the root, where the cubic is convex: Newton's method falls to it.
        with np.errstate(divide="ignore", invalid="ignore"):
            other = square / (c * c) if c > 0 else np.sqrt(square / -c) if c < 0 else np.inf
        a = max(c, 0.0) + np.minimum(np.cbrt(square), other)
        for _ in range(NEWTON):
            slope = a * (3 * a - 2 * c)
            a = a - (a * a * (a - c) - square) / np.where(slope > 0, slope, 1.0)
        return a[()]

    def metric(self, s: Array) -> Array:
        """M(s) = eta_2 alpha (3 alpha - 2 c_0): s' = -M(s) l_s."""
        a = self.alpha(s)
        return self.eta_2 * a * (3 * a - 2 * self.c_0)

    def residual(self, s: Array, b: Array) -> Array:
        """(l, l_s, l_b) at (s, b), exact near the target too: there g = (1 - b) - (1 - s) r is small, not a difference.

        On r <= min(R, 1) that is g; between 1 and R it is s r - b, between R and 1 it is 1 - r, and no gradient.
        """
        s, b = np.broadcast_arrays(np.asarray(s, dtype=float), np.asarray(b, dtype=float))
        R, beta, sigma = b / s, 1 - b, 1 - s
        to_kink = self.law.moments(R, (0, 1, 2))
        to_one = self.law.moments(np.asarray(1.0), (0, 1, 2))
        both = [np.minimum(m, one) for m, one in zip(to_kink, to_one, strict=True)]
        T0, T1, T2 = (m - inner for m, inner in zip(to_kink, both, strict=True))  # 1 < r <= R
        O0, O1, O2 = (one - inner for one, inner in zip(to_one, both, strict=True))  # R < r <= 1
        I0, I1, I2 = both
        u_2 = beta * I0 - sigma * I1 - (b * T0 - s * T1)
        u_1 = beta * I1 - sigma * I2 - (b * T1 - s * T2)
        square = beta**2 * I0 - 2 * beta * sigma * I1 + sigma**2 * I2
        square = square + b * b * T0 - 2 * b * s * T1 + s * s * T2 + O0 - 2 * O1 + O2
        return (square / 2)[()], u_1[()], -u_2[()]

    def velocity(self, s: Array, b: Array) -> Array:
        """(s', b') of the gradient flow."""
        _, l_s, l_b = self.residual(s, b)
        return -self.metric(s) * l_s, -self.eta_2 * l_b

    def hessian(self) -> Array:
        """The second derivatives of l at the target s = b = 1: [[m_2, -m_1], [-m_1, m_0]], m_k = E[r^k; r <= 1]."""
        m_0, m_1, m_2 = (float(m) for m in self.law.moments(np.asarray(1.0), (0, 1, 2)))
        return np.array([[m_2, -m_1], [-m_1, m_0]])


def plane_of(law: RadialLaw, alpha: float, w2: float, rates: Rates = (1.0, 1.0)) -> Plane:
    """The `Plane` in which the flow from alpha, w2 stays: its c_0 = alpha - 2 C_d (eta_1/eta_2) w2^2.

    law: a radial law. alpha: positive. w2: the slope of the one second-layer neuron, a finite number. rates: (eta_1,
    eta_2). Raises ValueError otherwise, and where powers of these leave the range of floats.

    >>> import mfdepth as mf
    >>> round(plane_of(mf.BesselLaw(10), alpha=1.0, w2=-0.1).c_0, 6)
    0.997413

    See: the chapter "Why must it get there?".
    """
    alpha, w2 = checks.positive("alpha", alpha), checks.number("w2", w2)
    eta_1, eta_2 = checks.rates(rates)
    q = 2 * relu_mean(checked_law(law).d) * eta_1 / eta_2
    plane = Plane(law, alpha - q * (w2 * w2), q, eta_2)
    with np.errstate(all="ignore"):
        back = plane.alpha(abs(w2) * alpha)  # to rounding, unless a power left the range of floats
    if not abs(back - alpha) <= 1e-9 * alpha:
        raise ValueError(f"alpha, w2, rates must keep alpha^2 (alpha - c_0) within floats; got {alpha}, {w2}, {rates}")
    return plane


def nullclines(law: RadialLaw, R: Array) -> tuple:
    """Where the flow turns: b' = 0 at b = B_0(R), and s' = 0 at b = B_1(R), R = b/s the kink.

        B_i(R) = E[r^i f*; r <= R] / E[r^i (1 - r/R); r <= R]   (ours; b' has the sign of B_0 - b, s' that of b - B_1)

    1 < B_0 < B_1 for R < 1 and B_1 < B_0 < 1 for R > 1, so they meet in the target alone, if some inputs lie below
    both R and 1 and the inputs below R are not all at one radius.

    law: a radial law. R: radii that the law reaches, of any shape. Returns B_0, B_1 shaped like R. Raises ValueError
    for a radius below which no inputs lie.

    >>> import mfdepth as mf
    >>> B_0, B_1 = nullclines(mf.BesselLaw(10), [0.5, 1.0, 2.0])
    >>> B_0.round(3).tolist(), B_1.round(3).tolist()
    ([1.996, 1.0, 0.705], [2.096, 1.0, 0.595])

    See: the chapter "Why must it get there?".
    """
    R = np.asarray(checks.within("R", checks.array("R", R), 0, np.finfo(float).max, "finite and not negative"))
    M = checked_law(law).moments(R, (0, 1, 2))
    if np.any(M[0] <= 0):
        raise ValueError(f"R must be a radius with inputs below it, under {law}; got {float(np.min(R))!r}")
    inner = [np.minimum(m, one) for m, one in zip(M, law.moments(np.asarray(1.0), (0, 1, 2)), strict=True)]
    return tuple(((inner[k] - inner[k + 1]) / (M[k] - M[k + 1] / R))[()] for k in (0, 1))
