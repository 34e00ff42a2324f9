"""How fast one neuron must fit, proved: a Lyapunov function, a gradient inequality, and the bounds that they give."""

import math
from dataclasses import dataclass

import array_api_compat as api
import numpy as np
from scipy.integrate import quad
from scipy.ndimage import minimum_filter

from mfdepth import checks
from mfdepth.chapters.convergence.plane import Plane, plane_of
from mfdepth.checks import Array, Rates
from mfdepth.laws import RadialLaw

SLOPES, COUNT = (-46.0, 9.0), 161  # y = log(s/(1 - s)), from s = 1e-20 to 1 - s = 1e-4; then the corner takes over
BIASES = 201  # points between the edges b = s and b = 1
STEPS, FINER = 6, 13  # of the search around a least value: 6 times closer, each time with 13 points


@dataclass(frozen=True)
class Convergence:
    """What is proved on the loss from one start at infinite width, of `mf.convergence`.

    lyapunov: V(0). kappa: the least of |grad l|^2/l over the triangle 0 < s <= b <= 1, in the metric of the flow.
    rate: 2 lambda, the speed at the end, at least kappa. loss: l_0. status: a sentence, which theorem applies and why.
    proved: the names of the bounds that hold from this start on: "V(0)/(2 t)", "exponential", or both, or none.

    See: the chapter "Why must it get there?".
    """

    lyapunov: float
    kappa: float
    rate: float
    loss: float
    status: str
    proved: tuple

    def bound(self, t: Array) -> Array:
        """L(t) is at most this, for t >= 0 of any shape: the least of l_0 and of the bounds that are `proved`.

        Raises ValueError for a negative or NaN time.
        """
        t = checks.within("t", checks.array("t", t), 0, math.inf, "at least 0")
        xp = api.array_namespace(t)
        least = xp.full_like(t, self.loss)
        if "V(0)/(2 t)" in self.proved:
            late = 2 * self.loss * t > self.lyapunov
            least = xp.where(late, self.lyapunov / 2 / xp.where(late, t, xp.ones_like(t)), least)
        if "exponential" in self.proved:
            least = xp.minimum(least, self.loss * xp.exp(-self.kappa * t))
        return least[()]


def convergence(law: RadialLaw, alpha: float, w2: float, b2: float, rates: Rates = (1.0, 1.0)) -> Convergence:
    """Bound the loss of a network with one second-layer neuron at infinite width, at all times, without running it.

    With s = -w2 alpha, b = b2, M(s) as in the planar form, c_0 = alpha - 2 C_d (eta_1/eta_2) w2^2 (ours, proved in the
    chapter):

        V = (1 - b)^2/(2 eta_2) + int_s^1 (1 - x)/M(x) dx,   V' <= -2 L,   so   L(t) <= V(0)/(2 t)
        kappa = inf over 0 < s <= b <= 1 of (M l_s^2 + eta_2 l_b^2)/l,     so   L(t) <= l_0 e^(-kappa t)

    Both hold from a start in the triangle 0 < s <= b <= 1 (a network not above the tent at the centre, its kink not
    before 1), under a law whose radius has a density and E|x| = inf, or else l_0 < 1/2 Var f*. The second needs c_0 > 0
    too; for c_0 <= 0 the infimum is 0. From other starts the loss never rises, and tends to 0 under the Bessel law or
    if l_0 < 1/2 Var f*: then that is all that `bound` uses. lambda is the least eigenvalue of
    diag(M(1), eta_2) [[m_2, -m_1], [-m_1, m_0]], m_k = E[r^k; r <= 1]. kappa is a minimum found numerically (a grid,
    then finer ones around its least point, and the corner s = b = 1 exactly).

    law: a radial law with a density (`mf.BesselLaw`, `mf.LimitLaw`, ...). alpha: positive. w2: negative. b2: positive.
    rates: (eta_1, eta_2). Returns a `Convergence`. Raises ValueError for bad input, for a start so far out that floats
    do not hold V(0) or the rate, and for a law without a density or without inputs at |x| < 1.

    >>> import mfdepth as mf
    >>> found = mf.convergence(mf.BesselLaw(100), alpha=1.0, w2=-0.1, b2=0.5)
    >>> round(found.lyapunov, 3), round(found.kappa, 3), round(found.rate, 3)
    (0.508, 0.045, 0.045)
    >>> print(f"L(150) <= {found.bound(150):.1e}")
    L(150) <= 2.3e-05

    See: the chapter "Why must it get there?".
    """
    plane = plane_of(law, alpha, w2, rates)
    w2, b = checks.number("w2", w2), checks.number("b2", b2)
    if w2 >= 0:
        raise ValueError(f"w2 must be negative: the neuron has to end somewhere; got {w2!r}")
    if b <= 0:
        raise ValueError(f"b2 must be positive: with w2 < 0 and b2 <= 0 the neuron is dead; got {b!r}")
    refuse_law(law)
    s = -w2 * float(alpha)
    with np.errstate(all="ignore"):  # what leaves the range of floats is refused
        loss, rate = float(plane.residual(s, b)[0]), last_rate(plane)
        V = lyapunov(plane, s, b) if math.isfinite(loss) else math.nan
        if not (math.isfinite(rate) and 0 <= V < math.inf):
            start = f"{alpha!r}, {w2!r}, {b!r}, {rates!r}"
            raise ValueError(f"alpha, w2, b2, rates must leave V(0) and the rate within reach of floats; got {start}")
        kappa = least_quotient(plane, rate) if plane.c_0 > 0 else 0.0
    return Convergence(V, kappa, rate, loss, *verdict(plane, s, b, loss))


def refuse_law(law: RadialLaw) -> None:
    """Refuse a law with an atom, under which the loss has kinks, and one that sees nothing of the tent."""
    if not law.has_density:
        raise ValueError(f"law must have a density of the radius: the theorems need one; got {law}")
    if law.cdf(1.0) <= 0:
        raise ValueError(f"law must have inputs at |x| < 1, where the tent is; got {law}")


def lyapunov(plane: Plane, s: Array, b: Array) -> float:
    """V at (s, b): along the slope (1 - x)/M dx = (1/alpha - w) dw/eta_2, w = |w2| and alpha = c_0 + q w^2 there.

    For c_0 < 0 that cancels where alpha is small: by y = log(alpha), it is (1 - w alpha)/(2 q w) dy. NaN if not found.
    """
    ends, c_0, q = [float(plane.alpha(x)) for x in (s, 1.0)], plane.c_0, plane.q

    def by_alpha(y):
        w = math.sqrt((math.exp(y) - c_0) / q)
        return (1 - w * math.exp(y)) / (2 * q * w)

    if c_0 < 0:
        along, error, *_ = quad(by_alpha, *(math.log(a) for a in ends), limit=200, full_output=1)
    else:
        start, end = s / ends[0], 1 / ends[1]
        along, error, *_ = quad(lambda w: 1 / (c_0 + q * w * w) - w, start, end, limit=200, full_output=1)
    return ((1 - b) ** 2 / 2 + along) / plane.eta_2 if error <= 1e-7 * (1 + along) else math.nan


def last_rate(plane: Plane) -> float:
    """2 lambda: near the target the loss falls like e^(-2 lambda t)."""
    linear = np.diag([float(plane.metric(1.0)), plane.eta_2]) @ plane.hessian()
    half, det = np.trace(linear) / 2, np.linalg.det(linear)
    return float(2 * det / (half + math.sqrt(half * half - det)))  # not half - sqrt(...), which cancels


def least_quotient(plane: Plane, rate: float) -> float:
    """The infimum of (M l_s^2 + eta_2 l_b^2)/l over the triangle; at its corner (1, 1) the infimum is `rate`.

    s = 1/(1 + e^-y), so that y resolves both ends of the slope. For each slope the least value over b is found first
    (where M is small it lies in a narrow valley along B_0), then the least over the slopes.
    """

    def over_bias(y):
        s, rest = (1 / (1 + np.exp(sign * y[:, None])) for sign in (-1, 1))

        def quotient(edge):  # edge = 1 on b = s, 0 on b = 1
            loss, l_s, l_b = plane.residual(s, s + (1 - edge) * rest)
            return (plane.metric(s) * l_s**2 + plane.eta_2 * l_b**2) / loss

        return _zoom(quotient, np.linspace(0.0, 1.0, BIASES) * np.ones_like(s))

    y = np.linspace(*SLOPES, COUNT)
    profile = over_bias(y)
    valleys = np.flatnonzero(profile == minimum_filter(profile, 3))
    around = [np.linspace(y[max(i - 1, 0)], y[min(i + 1, len(y) - 1)], FINER) for i in valleys]
    return min(rate, *(_zoom(lambda y: over_bias(y[0])[None], points[None])[0] for points in around))


def _zoom(function, x):
    """The least value in each row of the points x, by ever finer points around the least one so far."""
    low, high, least = x[:, :1], x[:, -1:], np.inf
    for _ in range(STEPS):
        values = function(x)
        least = np.minimum(least, values.min(axis=1))
        centre = np.take_along_axis(x, values.argmin(axis=1)[:, None], axis=1)
        step = x[:, 1:2] - x[:, :1]
        left, right = np.maximum(centre - step, low), np.minimum(centre + step, high)
        x = left + (right - left) * np.linspace(0.0, 1.0, FINER)
    return least


def verdict(plane: Plane, s: Array, b: Array, loss: Array) -> tuple:
    """(status, proved): which of the theorems hold from this start on."""
    law, one = plane.law, np.asarray(1.0)
    m_0, m_1, m_2 = (float(m) for m in law.moments(one, (0, 1, 2)))
    variance = (m_0 - 2 * m_1 + m_2) - (m_0 - m_1) ** 2
    far, low = law.partial_moment(1, math.inf) == math.inf, loss < variance / 2
    inside = s <= b * (1 + 1e-12) and b <= 1
    if inside and (far or low):
        if plane.c_0 > 0:
            return "the start is in the triangle: L <= V(0)/(2 t) and L <= l_0 e^(-kappa t)", (
                "V(0)/(2 t)",
                "exponential",
            )
        reason = f"c_0 = {plane.c_0:.3g} is not positive, so kappa = 0"
        return f"the start is in the triangle: L <= V(0)/(2 t); {reason}", ("V(0)/(2 t)",)
    outside = f"the start s = {s:.3g}, b = {b:.3g} is not in the triangle 0 < s <= b <= 1"
    if low or (far and law.d < math.inf):
        return f"the loss tends to 0, without a proved rate: {outside}", ()
    reason = f"l_0 = {loss:.3g} is not below 1/2 Var f* = {variance / 2:.3g} under {law}"
    return f"nothing is proved but that the loss never rises: {reason}", ()
