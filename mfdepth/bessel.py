"""The integrals of J_nu(x)^2 x^(k-1) from 0 to s, k = 0, 1, 2, 3: all the Bessel law needs.

Three descriptions meet, none of them a cut-off:

- below sqrt(nu + 1), the power series of J_nu^2, integrated term by term;
- up to `s_tail`, piecewise polynomials fitted to J_nu^2, SciPy's or, from 3 nu + 40 on, that of modulus and phase;
- beyond, modulus and phase alone: J_nu = M cos(theta), where M^2 = 2 m/(pi s) with m a power series in 1/s^2 (DLMF
  10.18) and theta' = 1/m. So J_nu^2 = m/(pi s) (1 + cos(2 theta)). The first part is integrated term by term. The
  second is the derivative of Re(s^(k-2) m phi e^(2 i theta))/pi, where 2 i phi + s^(2-k) (s^(k-2) m phi)' = m is
  solved by powers of 1/s one after the other.

The tables are built once in NumPy and evaluated in the array library of the argument (array API standard); a few radii
by SciPy's piecewise polynomials, and one in Python's own floats.
"""

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache

import array_api_compat as api
import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.interpolate import PPoly
from scipy.special import gammaln, jv

from mfdepth import checks
from mfdepth.checks import Array

PANEL = 1.0  # width of a panel on which J_nu^2 is sampled
NODES = 20  # Chebyshev nodes on a panel: J_nu^2 turns at most twice a unit, so the rest is rounding
PIECES = 8  # polynomial pieces on a panel
DEGREE = 7  # of a piece: cos(2 s) on a width of 1/8 leaves 2 (1/16)^8 / 8!, that is 1e-14
REACH = 4000.0  # of the table, at least: evaluations beyond it cost four times as much
TERMS = 20  # of the tail series in 1/s^2; their ratio is at most about (nu/s)^2 < 1/9
SERIES = 20  # of the power series; their ratio is at most 1/2 and falls
ORDERS = 4


@lru_cache(maxsize=8)
class SquaredBessel:
    """Integrals of J_nu^2 for one order nu >= 1 (built once an order, then shared)."""

    @np.errstate(under="ignore")  # what is too small for a float is 0
    def __init__(self, nu: Array) -> None:
        self.nu = nu
        self.s_table = float(np.sqrt(nu + 1))
        panels = int(np.ceil((max(3 * nu + 40, REACH) - self.s_table) / PANEL))
        self.s_tail = self.s_table + panels * PANEL
        self._log_first, self._series = _power_series(nu)
        start = np.array([self._from_series(self.s_table, (k,), math)[0] for k in range(ORDERS)])
        self._tail = _TailSeries(nu, 3 * nu + 40)
        self.pieces, end = _fit_pieces(self._square, self.s_table, panels, start)
        self._constants = (end - np.array(self._tail.antiderivatives(self.s_tail, range(ORDERS), math))).tolist()
        self._constants[0] = 1 / (2 * nu)  # int_0^inf J_nu^2/s ds, exactly: the mass beyond s keeps its digits
        self._copies = {}

    def integrals(self, s: Array, orders: Sequence[int]) -> list[Array]:
        """The integrals from 0 to s, one row for each order: s float64 of any shape, s >= 0; orders without gaps."""
        xp = checks.library(s)
        flat = s.reshape(-1)
        outside = (flat < self.s_table) | (flat >= self.s_tail)
        if not bool(outside.any()):
            values = self._from_pieces(flat, orders, xp)
        else:
            values = self._from_pieces(xp.where(outside, xp.full_like(flat, self.s_table), flat), orders, xp)
            near, far = flat < self.s_table, flat >= self.s_tail
            with np.errstate(under="ignore"):
                for region, evaluate in ((near, self._from_series), (far, self._from_tail)):
                    if bool(xp.any(region)):
                        values[:, region] = xp.stack(evaluate(flat[region], orders, xp))
        return values.reshape((len(orders), *s.shape))

    def at(self, s: Array) -> tuple[float, float, float]:
        """The integrals of order 0, 1, 2 from 0 to one number s >= 0, as Python floats: what an integrator asks for."""
        if s < self.s_table:
            return self._from_series(s, (0, 1, 2), math) if s > 0 else (0.0, 0.0, 0.0)
        if s >= self.s_tail:
            return self._from_tail(s, (0, 1, 2), math)
        x = (s - self.s_table) * (PIECES / PANEL)
        piece = int(x)
        t = x - piece
        # Horner's rule, written out: a loop would take three times as long
        a, b, c = self._rows[piece].tolist()
        a = ((((((a[7] * t + a[6]) * t + a[5]) * t + a[4]) * t + a[3]) * t + a[2]) * t + a[1]) * t + a[0]
        b = ((((((b[7] * t + b[6]) * t + b[5]) * t + b[4]) * t + b[3]) * t + b[2]) * t + b[1]) * t + b[0]
        c = ((((((c[7] * t + c[6]) * t + c[5]) * t + c[4]) * t + c[3]) * t + c[2]) * t + c[1]) * t + c[0]
        return a, b, c

    @cached_property
    def _rows(self):
        return np.ascontiguousarray(self.pieces[:3].transpose(2, 0, 1))

    def along(self, s: np.ndarray) -> np.ndarray:
        """The integrals of order 0, 1, 2 from 0 to a few increasing numbers, (3, n): `integrals` in fewer calls."""
        if s[0] < self.s_table or s[-1] >= self.s_tail:
            return np.asarray(self.integrals(s, (0, 1, 2)))
        return self._polynomials((s - self.s_table) * (PIECES / PANEL)).T

    @cached_property
    def _polynomials(self):
        return PPoly(self.pieces[:3, ::-1].transpose(1, 2, 0), np.arange(self.pieces.shape[2] + 1.0))

    def _from_pieces(self, s, orders, xp):  # s in the table
        table = self._copy(xp, api.device(s))
        x = (s - self.s_table) * (PIECES / PANEL)
        index = xp.astype(x, xp.int64)
        t = x - index
        coefficients = xp.take(table[orders[0] : orders[-1] + 1, :, :], index, axis=2)
        value = coefficients[:, DEGREE, :]
        for n in range(DEGREE - 1, -1, -1):
            if xp is np:  # where it stands, as fresh memory costs more than arithmetic
                value *= t
                value += coefficients[:, n, :]
            else:
                value = value * t + coefficients[:, n, :]
        return value

    def _square(self, s):
        far = s >= self._tail.scale
        square = np.empty_like(s)
        square[far], square[~far] = self._tail.square(s[far]), jv(self.nu, s[~far]) ** 2
        return square

    def _from_series(self, s, orders, xp):
        square, values = s * s, []
        s = s if xp is math else xp.clip(s, 1e-300, None)
        for k in orders:
            value = 0.0
            for j in range(SERIES - 1, -1, -1):
                value = value * square + self._series[j] / (2 * self.nu + k + 2 * j)
            values.append(xp.exp((2 * self.nu + k) * xp.log(s) + self._log_first) * value)
        return values

    def _from_tail(self, s, orders, xp):
        if xp is math:
            values = self._tail.antiderivatives(s, orders, math)
            return [value + self._constants[k] for k, value in zip(orders, values, strict=True)]
        far = s == np.inf
        values = self._tail.antiderivatives(xp.where(far, xp.full_like(s, self.s_tail), s), orders, xp)
        return [
            xp.where(far, xp.full_like(s, self._constants[0] if k == 0 else np.inf), value + self._constants[k])
            for k, value in zip(orders, values, strict=True)
        ]

    def _copy(self, xp, device):
        key = (xp.__name__, str(device))
        if key not in self._copies:
            self._copies[key] = xp.asarray(self.pieces, device=device)
        return self._copies[key]


def _power_series(nu):
    """Logarithm of the first coefficient of J_nu(s)^2 / s^(2 nu), and the others relative to it."""
    j = np.arange(SERIES)
    log = gammaln(2 * nu + 2 * j + 1) - gammaln(j + 1) - gammaln(2 * nu + j + 1) - 2 * gammaln(nu + j + 1)
    log -= (2 * nu + 2 * j) * np.log(2)
    return float(log[0]), ((-1.0) ** j * np.exp(log - log[0])).tolist()


def _fit_pieces(square, left, panels, start):
    """Coefficients (order, degree, piece) of the four integrals, and their values at the right end; square: J_nu^2."""
    # One matrix turns the samples on a panel into the coefficients of its pieces: interpolate, integrate, re-expand.
    nodes = chebyshev.chebpts1(NODES)
    integrate = [chebyshev.chebint(c, lbnd=-1) for c in np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1)).T]
    local = chebyshev.chebpts1(DEGREE + 1)
    inside = (np.arange(PIECES)[:, None] * 2 + 1 + local) / PIECES - 1
    fit = np.linalg.inv(polynomial.polyvander(local, DEGREE))
    antiderivative = chebyshev.chebval(inside, np.array(integrate).T)  # (node, piece, local node)
    matrix = np.einsum("fl,npl->npf", fit, antiderivative).reshape(NODES, PIECES * (DEGREE + 1)) * PANEL / 2
    whole = chebyshev.chebval(1.0, np.array(integrate).T) * PANEL / 2

    s = left + PANEL * (np.arange(panels)[:, None] + (nodes + 1) / 2)
    y = square(s) / s
    # the last piece is the end of the one before: rounding may take s there
    pieces, end = np.zeros((ORDERS, DEGREE + 1, panels * PIECES + 1)), np.empty(ORDERS)
    for k in range(ORDERS):
        before = np.concatenate([[start[k]], start[k] + np.cumsum(y @ whole)])
        coefficients = (y @ matrix).reshape(panels, PIECES, DEGREE + 1)
        coefficients[:, :, 0] += before[:-1, None]
        pieces[k, :, :-1] = coefficients.reshape(-1, DEGREE + 1).T
        pieces[k, 0, -1] = end[k] = before[-1]
        y = y * s
    from_left = [np.pad(polynomial.polypow([-1, 2], j), (0, DEGREE - j)) for j in range(DEGREE + 1)]  # (2 x - 1)^j in x
    return np.einsum("ji,kjn->kin", from_left, pieces), end


class _TailSeries:
    """Antiderivatives of x^(k-1) J_nu(x)^2 for x >= scale, as power series in z = (scale/x)^2."""

    def __init__(self, nu, scale):
        self.scale, self.shift = scale, (nu / 2 + 0.25) * math.pi
        j = np.arange(TERMS)
        m = np.cumprod(np.append(1.0, (2 * j + 1) * (4 * nu**2 - (2 * j + 1) ** 2) / (8 * (j + 1) * scale**2)))[:TERMS]
        inverse = np.append(1.0, np.zeros(TERMS - 1))
        for n in range(1, TERMS):
            inverse[n] = -(m[1 : n + 1] @ inverse[:n][::-1])
        self.modulus = m
        rows = [inverse / (1 - 2 * j)]  # theta/s
        for k in range(ORDERS):  # without the term whose integral is a logarithm
            rows.append(np.where(j * 2 == k - 1, 0.0, m / np.where(j * 2 == k - 1, 1, k - 1 - 2 * j)))
        self.logs = 0.0, 1.0, 0.0, float(m[1]) * scale**2
        for k in range(ORDERS):
            psi = _oscillation(m, k, scale)
            rows += [psi[1::2].real * scale, -psi[::2].imag]  # psi's other halves are zero
        self.rows, self.exponents = np.array(rows), j

    def square(self, s):
        """J_nu(s)^2 = m (1 + cos(2 theta))/(pi s) itself, s an array."""
        m, theta = (polynomial.polyval((self.scale / s) ** 2, row) for row in (self.modulus, self.rows[0]))
        return m * (1 + np.cos(2 * (s * theta - self.shift))) / (math.pi * s)

    def antiderivatives(self, s, orders, xp):
        """One antiderivative of x^(k-1) J_nu(x)^2 at s for each k in `orders`; s an array, a float where xp is math."""
        z = (self.scale / s) ** 2
        if xp is math:
            # every series at once; far out two terms are all of it, and powers would leave the range of floats
            rows = self.rows @ z**self.exponents if z > 1e-13 else self.rows[:, :2] @ (1.0, max(z, 1e-100))
            rows = rows.tolist()
        else:
            powers = [xp.ones_like(z)]
            for _ in range(TERMS - 1):
                powers.append(powers[-1] * z)
            rows = xp.asarray(self.rows, device=api.device(s)) @ xp.reshape(xp.stack(powers), (TERMS, -1))
            rows = [xp.reshape(rows[i, :], s.shape) for i in range(len(self.rows))]
        twice, inverse, log = 2 * (s * rows[0] - self.shift), 1 / s, xp.log(s)
        cos, sin, power = xp.cos(twice) * inverse, xp.sin(twice), (inverse, 1.0, s, s * s)
        return [
            (power[k] * (rows[1 + k] + inverse * (rows[5 + 2 * k] * cos + rows[6 + 2 * k] * sin)) + self.logs[k] * log)
            / math.pi
            for k in orders
        ]


def _oscillation(m, k, scale):
    """psi = m phi in powers of scale/s, where 2 i phi = m - s^(2-k) (s^(k-2) psi)': even powers imaginary, odd real."""
    m = np.stack([m, np.zeros(TERMS)], axis=1).ravel()  # in powers of 1/s too
    phi, psi = np.empty(2 * TERMS, complex), np.empty(2 * TERMS, complex)
    for n in range(2 * TERMS):
        phi[n] = (m[n] - ((k - 1 - n) * psi[n - 1] / scale if n else 0.0)) / 2j
        psi[n] = m[: n + 1] @ phi[n::-1]
    return psi
