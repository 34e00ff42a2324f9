"""A lower bound on kappa that is proved by computer: interval arithmetic in place of a minimum found on a grid.

Every number is a ball that holds the true one (Arb, through python-flint), every comparison is between balls that do
not touch. So where `prove_kappa` returns, |grad l|^2 >= kappa l holds in all of the triangle 0 < s <= b <= 1, not only
where somebody looked.

With sigma = 1 - s, tau = (1 - b)/(1 - s) in [0, 1], R = b/s, I_k = E[r^k; r <= 1] and G_i(R) the integrals over
1 < r <= R of (R - r) p, (R - r) r p, (R - r)^2 p,

    l_s = sigma (tau I_1 - I_2) - s G_1,   -l_b = sigma (tau I_0 - I_1) - s G_0,
    2 l = sigma^2 (tau^2 I_0 - 2 tau I_1 + I_2) + s^2 G_2.

Three things make it finite. The G_i grow with R, so a table of them encloses them between its points. Divided by
sigma and sigma^2 nothing is 0/0 at the corner: r p <= .4434 beyond 1 (Watson's bound on J^2 + Y^2) gives
G_0, G_1 <= .2217 (R - 1)^2 and G_2 <= .1478 (R - 1)^3. And for s <= s_0 two integrals that grow with R leave one
variable, b.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from mfdepth import checks
from mfdepth.checks import Rates
from mfdepth.intervals import moments, relu_mean

FLATTEST = 2.0**-7  # s_0: the slopes below are treated at once
SPACING = 1e-3  # of the table of G_i in log R, near 1; it widens to twenty times that
SMALLEST = 2.0**-16  # a box is not cut further


@dataclass(frozen=True)
class KappaProof:
    """|grad l|^2 >= kappa l in the whole triangle. boxes: how many it was cut into.

    See: the chapter "Why must it get there?".
    """

    kappa: float
    boxes: int


def prove_kappa(d: int, alpha: float, w2: float, kappa: float, rates: Rates = (1.0, 1.0)) -> KappaProof:
    """Prove that the gradient inequality of `mf.convergence` holds with this kappa, under the Bessel law (ours).

    d: dimension, a whole number of at least 2. alpha, w2: the start, by which c_0 = alpha - 2 C_d (eta_1/eta_2) w2^2 is
    given; positive c_0. kappa: positive. rates: (eta_1, eta_2). Returns a `KappaProof`. Raises ArithmeticError where
    the inequality fails or comes too near to failing, ValueError for bad input, ModuleNotFoundError without
    python-flint.

    >>> prove_kappa(2, 1.0, -0.1, 0.1).kappa
    0.1

    See: the chapter "Why must it get there?".
    """
    ctx = checks.needs("flint").ctx
    d = checks.whole("d", d, 2)
    alpha, w2 = checks.positive("alpha", alpha), checks.number("w2", w2)
    kappa, rates = checks.positive("kappa", kappa), checks.rates(rates)
    with ctx.workprec(64):
        triangle = _Triangle(d, alpha, w2, kappa, rates)
        triangle.prove_small_slopes()
        boxes, waiting = 0, [(0.0, 1 - FLATTEST, 0.0, 1.0)]
        while waiting:
            box = waiting.pop()
            boxes += 1
            if not triangle.holds(*box):
                waiting += _halves(*box)
    return KappaProof(kappa, boxes)


def _halves(x0, x1, y0, y1):
    if max(x1 - x0, y1 - y0) < SMALLEST:
        raise ArithmeticError(f"not proved near 1 - s = {x0:.5f}, (1 - b)/(1 - s) = {y0:.5f}: kappa is too large there")
    if x1 - x0 > y1 - y0:
        x = (x0 + x1) / 2
        return [(x0, x, y0, y1), (x, x1, y0, y1)]
    y = (y0 + y1) / 2
    return [(x0, x1, y0, y), (x0, x1, y, y1)]


class _Triangle:
    """The inequality for one law, c_0 and kappa, on boxes [sigma] x [tau] and on the strip of small slopes."""

    def __init__(self, d, alpha, w2, kappa, rates):
        from flint import arb

        self.arb, self.kappa, self.eta_2 = arb, arb(kappa), arb(rates[1])
        self.q = 2 * relu_mean(d) * arb(rates[0]) / self.eta_2
        self.c_0 = arb(alpha) - self.q * arb(w2) ** 2
        if not self.c_0 > 0:
            raise ValueError(f"alpha, w2 must give c_0 > 0: kappa is 0 otherwise; got c_0 = {self.c_0}")
        self.radii = [1.0]
        while self.radii[-1] < 1 / FLATTEST:
            self.radii.append(self.radii[-1] * math.exp(SPACING * (1 + 5 * math.log(self.radii[-1]))))
        table = [moments(d, r) for r in self.radii]
        self.I = table[0]
        self.G = []
        for r, m in zip(self.radii, table, strict=True):
            R, (T0, T1, T2) = arb(r), (x - y for x, y in zip(m, self.I, strict=True))
            self.G.append((R * T0 - T1, R * T1 - T2, R * R * T0 - 2 * R * T1 + T2))
        # E[(1 - r/R) r^k; r <= R] for k = 0, 1, which grow with R
        self.D = [(m[0] - m[1] / r, m[1] - m[2] / r) for r, m in zip(self.radii, table, strict=True)]

    def place(self, R, up):
        """The index of a table point not above R, or not below it; R a number, allowing for its rounding."""
        if up:
            return bisect_left(self.radii, R * (1 + 1e-12))
        return max(bisect_right(self.radii, R * (1 - 1e-12)) - 1, 0)

    def metric(self, s):
        """A lower bound of M at the slope s >= 0 and beyond: M = eta_2 alpha (3 alpha - 2 c_0) grows with s."""
        c, square = self.c_0, self.q * self.arb(s) ** 2
        a = c
        guess = self.arb(_root(float(c.mid()), float(square.mid())) * (1 - 1e-9))
        if guess > c and guess**2 * (guess - c) < square:
            a = guess
        return self.eta_2 * a * (3 * a - 2 * c)

    def holds(self, x0, x1, y0, y1):
        """Is M l_s^2 + eta_2 l_b^2 - kappa l > 0 for sigma in [x0, x1], tau in [y0, y1]? True only where it is sure."""
        u_1, u_2, loss = self.box(x0, x1, y0, y1)
        metric = self.metric(1 - self.arb(x1))
        return bool(metric * u_1**2 + self.eta_2 * u_2**2 - self.kappa * loss / 2 > 0)

    def box(self, x0, x1, y0, y1):
        """Balls that hold l_s/sigma, -l_b/sigma and 2 l/sigma^2 for sigma in [x0, x1], tau in [y0, y1]."""
        arb, (I0, I1, I2) = self.arb, self.I
        x, y = arb(x0).union(arb(x1)), arb(y0).union(arb(y1))
        s = 1 - x
        square, cube = arb("0.2217") * x * (1 - y) ** 2 / s, arb("0.1478") * x * (1 - y) ** 3 / s
        t0, t1, t2 = (_between(bound) for bound in (square, square, cube))
        if x0 > 0:  # away from the corner the table may know more
            R0, R1 = (1 + u * (1 - v) / (1 - u) for u, v in ((x0, y1), (x1, y0)))
            low, high = self.G[self.place(R0, up=False)], self.G[self.place(R1, up=True)]
            G0, G1, G2 = (a.union(b) for a, b in zip(low, high, strict=True))
            share = s / x  # squared it would be 0/0 again: the square of a wide ball is wide
            by_table = share * G0, share * G1, share * share * G2
            t0, t1, t2 = (_sharper(a, b) for a, b in zip((t0, t1, t2), by_table, strict=True))
        loss = I0 * (y - I1 / I0) ** 2 + (I2 - I1**2 / I0) + t2
        return y * I1 - I2 - t1, y * I0 - I1 - t0, loss

    def prove_small_slopes(self):
        """The strip 0 < s <= s_0, where M is at least M(0)."""
        pieces, metric = 4096, self.metric(0.0)
        for i in range(pieces):
            u_1, u_2, loss = self.strip(i / pieces, (i + 1) / pieces)
            if not metric * u_1**2 + self.eta_2 * u_2**2 - self.kappa * loss / 2 > 0:
                raise ArithmeticError(
                    f"not proved for slopes below {FLATTEST} at b = {i / pieces:.4f}: kappa is too large"
                )

    def strip(self, low, high):
        """Balls for s <= s_0, b in [low, high]: |l_s| and |l_b| are at least, and 2 l at most, a number in them.

        R is at least max(1, b/s_0), and E[(1 - r/R) r^k; r <= R] grows with R.
        """
        (I0, I1, I2), k = self.I, self.place(max(low / FLATTEST, 1.0), up=False)
        A0, A1, b, (D0, D1) = I0 - I1, I1 - I2, self.arb(low).union(self.arb(high)), self.D[k]
        loss = I0 - 2 * I1 + I2 - 2 * b * (A0 - A1 / self.radii[k]) + b * b
        return _positive(b * D1 - A1), _positive(A0 - b) + _positive(b * D0 - A0), loss


def _root(c, square):
    """alpha^2 (alpha - c) = square, c > 0, to rounding."""
    a = c + min(square ** (1 / 3), square / c**2)
    for _ in range(30):
        a -= (a * a * (a - c) - square) / (a * (3 * a - 2 * c))
    return a


def _positive(x):
    """The part above 0 of a ball: a ball from max(0, least) to max(0, greatest)."""
    zero = type(x)(0)
    low, high = x.lower(), x.upper()
    return (low if low > 0 else zero).union(high if high > 0 else zero)


def _between(high):
    """The ball from 0 to the greatest of `high`."""
    return type(high)(0).union(high.upper())


def _sharper(a, b):
    """What two enclosures of one number leave: from the greater lower end to the smaller upper one."""
    low = max(b.lower(), a.lower())
    high = min(b.upper(), a.upper())
    return low.union(high)
