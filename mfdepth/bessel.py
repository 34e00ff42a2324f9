"""The integrals of J_nu(x)^2 x^(k-1) from 0 to s, k = 0, 1, 2, 3: all the Bessel law needs.

Three descriptions meet, none of them a cut-off:

- below sqrt(nu + 1), the power series of J_nu^2, integrated term by term;
- up to `s_tail`, piecewise polynomials fitted to SciPy's J_nu: the fast path;
- beyond, exact antiderivatives. y = J_nu^2 solves s^2 y''' + 3 s y'' + (1 + 4 s^2 - mu) y' + 4 s y = 0, mu = 4 nu^2.
  Integrating a y + b y' + c y'' by this equation gives s^(k-1) y when b = 3 c/s - c', a = -b' + c (4 + (1 - mu)/s^2)
  and L[c] = s^(k-1), where L[s^e] = 4 (e - 1) s^(e-1) + (e - 2) ((e - 2)^2 - mu) s^(e-3).
  Powers of 1/s^2 solve it one after the other; the solution of L[c] = 0 gives modulus and phase of J_nu.

The tables are built once in NumPy and evaluated in the array library of the argument (array API standard).
"""

from functools import lru_cache

import array_api_compat as api
import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.special import gammaln, jv

PANEL = 1.0  # width of a panel on which J_nu^2 is sampled
NODES = 20  # Chebyshev nodes on a panel: J_nu^2 turns at most twice a unit, so the rest is rounding
PIECES = 8  # polynomial pieces on a panel
DEGREE = 7  # of a piece: cos(2 s) on a width of 1/8 leaves 2 (1/16)^8 / 8!, that is 1e-14
TERMS = 20  # of the tail series; their ratio is at most about (nu/s)^2 < 1/9
SERIES = 20  # of the power series; their ratio is at most 1/2 and falls


@lru_cache(maxsize=8)
class SquaredBessel:
    """Integrals of J_nu^2 for one order nu >= 1 (built once an order, then shared)."""

    def __init__(self, nu):
        self.nu = nu
        self.s_table = np.sqrt(nu + 1)
        panels = int(np.ceil((max(3 * nu + 40, 2000.0) - self.s_table) / PANEL))
        self.s_tail = self.s_table + panels * PANEL
        self._series = _power_series(nu)
        start = np.array([float(_series_integral(self._series, nu, k, self.s_table, np)) for k in range(4)])
        self.pieces, end = _fit_pieces(nu, self.s_table, panels, start)
        self._tail = _TailSeries(nu, self.s_tail)
        at_end = np.array([float(x) for x in self._tail.antiderivatives(np.asarray(self.s_tail), (0, 1, 2, 3), np)])
        self._constants = end - at_end
        self._constants[0] = 1 / (2 * nu)  # int_0^inf J_nu^2/s ds, exactly: the mass beyond s keeps its digits
        self._copies = {}

    def integrals(self, s, orders):
        """The integrals from 0 to s for each order k in `orders`; s float64 of any shape, not negative."""
        xp = api.array_namespace(s)
        flat = xp.reshape(s, (-1,))
        low, high = flat < self.s_table, flat >= self.s_tail
        values = self._from_pieces(flat, orders, xp)
        for region, evaluate in ((low, self._from_series), (high, self._from_tail)):
            if bool(xp.any(region)):
                inside = evaluate(flat[region], orders, xp)
                for value, part in zip(values, inside, strict=True):
                    value[region] = part
        return [xp.reshape(value, s.shape) for value in values]

    def _from_pieces(self, s, orders, xp):
        table, (first, last) = self._copy(xp, api.device(s))
        x = (xp.minimum(xp.maximum(s, first), last) - first) * (PIECES / PANEL)
        index = xp.astype(x, xp.int64)
        t = 2 * (x - xp.astype(index, xp.float64)) - 1
        low = min(orders)
        coefficients = xp.take(table[low : max(orders) + 1, :, :], index, axis=2)
        value = coefficients[:, DEGREE, :]
        for n in range(DEGREE - 1, -1, -1):
            value = value * t + coefficients[:, n, :]
        return [value[k - low, :] for k in orders]

    def _from_series(self, s, orders, xp):
        return [_series_integral(self._series, self.nu, k, s, xp) for k in orders]

    def _from_tail(self, s, orders, xp):
        far = s == np.inf
        values = self._tail.antiderivatives(xp.where(far, xp.full_like(s, self.s_tail), s), orders, xp)
        limits = [float(self._constants[0]) if k == 0 else np.inf for k in orders]
        return [
            xp.where(far, xp.full_like(s, limit), value + float(self._constants[k]))
            for k, limit, value in zip(orders, limits, values, strict=True)
        ]

    def _copy(self, xp, device):
        key = (xp.__name__, str(device))
        if key not in self._copies:  # the last piece ends just below s_tail
            ends = np.array([self.s_table, np.nextafter(self.s_tail, 0)])
            self._copies[key] = xp.asarray(self.pieces, device=device), xp.asarray(ends, device=device)
        return self._copies[key]


def _power_series(nu):
    """Logarithm of the first coefficient of J_nu(s)^2 / s^(2 nu), and the others relative to it."""
    j = np.arange(SERIES)
    log = gammaln(2 * nu + 2 * j + 1) - gammaln(j + 1) - gammaln(2 * nu + j + 1) - 2 * gammaln(nu + j + 1)
    log -= (2 * nu + 2 * j) * np.log(2)
    return log[0], (-1.0) ** j * np.exp(log - log[0])


def _series_integral(series, nu, k, s, xp):
    log_first, relative = series
    coefficients = relative / (2 * nu + k + 2 * np.arange(SERIES))
    s = xp.clip(s, 1e-300, None)
    square, value = s * s, 0.0
    for c in coefficients[::-1]:
        value = value * square + float(c)
    return xp.exp((2 * nu + k) * xp.log(s) + float(log_first)) * value


def _fit_pieces(nu, left, panels, start):
    """Coefficients (order, degree, piece) of the four integrals, and their values at the right end."""
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
    y = jv(nu, s) ** 2 / s
    pieces, end = np.empty((4, DEGREE + 1, panels * PIECES)), np.empty(4)
    for k in range(4):
        before = np.concatenate([[start[k]], start[k] + np.cumsum(y @ whole)])
        coefficients = (y @ matrix).reshape(panels, PIECES, DEGREE + 1)
        coefficients[:, :, 0] += before[:-1, None]
        pieces[k] = coefficients.reshape(-1, DEGREE + 1).T
        end[k] = before[-1]
        y = y * s
    return pieces, end


class _TailSeries:
    """Modulus, phase and the antiderivatives of x^(k-1) J_nu(x)^2 for x >= scale, as power series in (scale/x)^2."""

    def __init__(self, nu, scale):
        self.nu, self.mu, self.scale = nu, 4 * nu**2, scale
        self.modulus = self._powers(1, 1.0)  # pi s/2 times the squared modulus of the Hankel function
        inverse = np.zeros(TERMS)  # 1 / modulus: the derivative of the phase
        inverse[0] = 1
        for j in range(1, TERMS):
            inverse[j] = -np.dot(self.modulus[1 : j + 1], inverse[j - 1 :: -1] if j > 1 else inverse[:1])
        self.phase = inverse[1:] / (1 - 2 * np.arange(1, TERMS))  # of s * sum_j phase_j (scale/s)^(2j)
        exponent = np.arange(TERMS)
        rows = [self.modulus, -(1 + 2 * exponent) * self.modulus, np.append(self.phase, 0.0)]
        for g, e in [(self._powers(0, -0.25), 0), *((g, 1) for g in self._resonant())]:
            x = e - 2 * exponent  # g(s)/s^e for g = sum_j g_j s^(e - 2j), with s g' and s^2 g'' on the same scale
            rows += [g, g * x, g * x * (x - 1)]
        self.rows = np.array(rows)

    def _powers(self, e, first):
        """Solve L[sum_j g_j s^(e - 2j)] = its leading term; g_j is scaled by scale^(2j)."""
        g = np.empty(TERMS)
        g[0] = first
        for j in range(TERMS - 1):
            x = e - 2 * j
            g[j + 1] = -(x - 2) * ((x - 2) ** 2 - self.mu) * g[j] / (4 * (x - 3)) / self.scale**2
        return g

    def _resonant(self):
        """For k = 1, L[s] = 0 to leading order: c = sum_j (gamma_j log(s/scale) + delta_j) s^(1 - 2j)."""
        gamma, delta = self._powers(1, 0.25), np.zeros(TERMS)
        for j in range(TERMS - 1):
            x = 1 - 2 * j
            q = (x - 2) ** 2
            rest = (x - 2) * (q - self.mu) * delta[j] + (3 * q - self.mu) * gamma[j]
            delta[j + 1] = -(4 * gamma[j + 1] + rest / self.scale**2) / (4 * (x - 3))
        return gamma, delta

    def antiderivatives(self, s, orders, xp):
        """One antiderivative of x^(k-1) J_nu(x)^2 at s for each k in `orders`."""
        z = (self.scale / s) ** 2
        powers = [xp.ones_like(z)]
        for _ in range(TERMS - 1):
            powers.append(powers[-1] * z)
        powers = xp.reshape(xp.stack(powers), (TERMS, -1))
        values = xp.asarray(self.rows, device=api.device(s)) @ powers  # every series at once
        modulus, slope, phase, *c = (xp.reshape(values[i, :], s.shape) for i in range(len(self.rows)))
        squared_modulus, d_log = 2 / np.pi * modulus / s, slope / modulus / s
        theta = s - (self.nu / 2 + 0.25) * np.pi + s * z * phase
        d_theta = 2 / np.pi / s / squared_modulus
        cos, sin = xp.cos(theta), xp.sin(theta)
        # with J = M cos(theta): y = J^2, s y' and s (s y')' - s y' = s^2 y'' from Bessel's equation
        j = xp.sqrt(squared_modulus) * cos
        dj = j * d_log / 2 - xp.sqrt(squared_modulus) * sin * d_theta
        y, dy = j * j, 2 * j * dj
        d2y = 2 * dj * dj - 2 * j * (dj / s + (1 - (self.nu / s) ** 2) * j)

        def combine(c, d1, d2):  # s^(k-2) (a y + b y' + c y''); c, d1, d2 stand for c, s c', s^2 c''
            b, b_prime = 3 * c - d1, 3 * (d1 - c) - d2
            a = -b_prime + c * (4 * s * s + 1 - self.mu)
            return a * y + b * s * dy + c * s * s * d2y

        results = {}
        if 0 in orders:
            results[0] = combine(*c[:3]) / s**2
        if 1 in orders or 3 in orders:
            log = xp.log(s / self.scale)
            g, g1, g2, d, d1, d2 = c[3:]
            results[1] = combine(g * log + d, g1 * log + g + d1, g2 * log + 2 * g1 - g + d2) / s
        if 2 in orders:
            results[2] = combine(0.25, 0.5, 0.5)
        if 3 in orders:
            results[3] = combine(0.125, 0.375, 0.75) * s + (self.mu - 1) / 8 * results[1]
        return [results[k] for k in orders]
