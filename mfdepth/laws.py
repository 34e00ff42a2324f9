"""Spherically symmetric input laws: the density, cdf, quantiles and partial moments of the radius, and samples of x.

Partial moments are all the dynamics needs: between its kinks every integrand is a polynomial in the radius.
Values are computed in float64 in the array library of the argument and come back in its dtype.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import array_api_compat as api
import numpy as np
from scipy.optimize import elementwise
from scipy.special import gammainc, gammaincinv, gammaln, jv

from mfdepth import checks
from mfdepth.bessel import SquaredBessel
from mfdepth.checks import Array, Rng
from mfdepth.random import directions, generator, uniform
from mfdepth.sphere import C

SCALES = 1e-50, 1e50  # of a law: powers of the radius stay far from the ends of float64


class RadialLaw:
    """What every law offers. A subclass gives `d`, `second_moment`, `_pdf`, `_ppf` (NumPy) and the fast path `moments`,

    which checks nothing: E[|x|^k 1{|x| <= r}] for each k in `orders`, r an array, r >= 0.
    """

    d: Any
    second_moment: Any
    moments: Callable
    _pdf: Callable
    _ppf: Callable
    has_density = True

    def pdf(self, r: Array) -> Array:
        """Density p(r) of the radius r = |x|, r >= 0 of any shape. Raises ValueError for a negative or NaN radius."""
        r = checks.within("r", checks.array("r", r), 0, math.inf, "at least 0")
        return _through_numpy(self._pdf, r)

    def cdf(self, r: Array) -> Array:
        """P(|x| <= r), for r >= 0 of any shape. Raises ValueError for a negative or NaN radius."""
        return self.partial_moment(0, r)

    def ppf(self, q: Array) -> Array:
        """The radius below which the probability is q, for q in [0, 1] of any shape; ValueError outside."""
        q = checks.within("q", checks.array("q", q), 0, 1, "in [0, 1]")
        return _through_numpy(self._ppf, q)

    def partial_moment(self, k: int, r: Array) -> Array:
        """E[|x|^k 1{|x| <= r}] for the order k = 0, 1, 2, 3 and r >= 0 of any shape.

        Raises ValueError for another order, or for a negative or NaN radius.

        >>> import mfdepth as mf
        >>> law = mf.BesselLaw(10)
        >>> round(float(law.partial_moment(2, 1.0)), 3)
        0.174
        """
        k, r = checks.whole("k", k, 0, 3), checks.within("r", checks.array("r", r), 0, math.inf, "at least 0")
        with np.errstate(all="ignore"):
            return self.moments(r, (k,))[0][()]

    def moments_at(self, r: float) -> tuple[float, float, float]:
        """E[|x|^k 1{|x| <= r}], k = 0, 1, 2, at one radius, as three floats: for an integrator, no checks."""
        m0, m1, m2 = (float(m) for m in self.moments(np.asarray(r), (0, 1, 2)))
        return m0, m1, m2

    def moments_along(self, r: np.ndarray) -> np.ndarray:
        """The same at a few increasing radii, (3, n), float64."""
        return np.array(self.moments(r, (0, 1, 2)))

    def sample(self, n: int, rng: Rng) -> Array:
        """n independent inputs, shape (n, d): torch for a torch.Generator, else NumPy. rng: a seed or a generator.

        >>> GaussianLaw(3).sample(2, 0).shape
        (2, 3)
        """
        n, rng = checks.whole("n", n, 1), generator(rng)
        return self.ppf(uniform((n, 1), rng)) * directions(n, self.d, rng)


@dataclass(frozen=True)
class BesselLaw(RadialLaw):
    """The law of Eldan and Shamir under which two layers fail: its density is the square of a Fourier transform.

    x has density phi(x)^2 after scaling by 1/(c sqrt(d)), phi the Fourier transform of the indicator of the ball of
    unit volume in R^d, and c the `frequency`. So the radius has density p(r) = (d/r) J_{d/2}(2 pi R_d c sqrt(d) r)^2,
    where R_d = Gamma(d/2 + 1)^(1/d) / sqrt(pi). The tail P(|x| > r) falls like 1/r: already E|x| is infinite.
    c = 1 is our choice: the theorem's constant is universal and not explicit.

    d: dimension, a whole number from 2 to 10000. frequency: from 1e-50 to 1e50; a larger one shrinks the inputs.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(100)
    >>> round(float(law.cdf(1.0)), 3), round(float(law.ppf(0.5)), 3)
    (0.793, 0.45)

    See: the chapter "The infinite-width dynamics". Source: Safran and Lee 2022, equation 3.
    """

    d: int
    frequency: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "d", checks.whole("d", self.d, 2, 10_000))
        object.__setattr__(self, "frequency", checks.number("frequency", self.frequency, *SCALES))

    @cached_property
    def scale(self) -> float:
        """s = scale * r is the argument of the Bessel function."""
        log_radius = gammaln(self.d / 2 + 1) / self.d - math.log(math.pi) / 2
        return 2 * math.pi * math.exp(log_radius) * self.frequency * math.sqrt(self.d)

    @property
    def second_moment(self) -> float:
        """E|x|^2 = inf."""
        return math.inf

    def moments(self, r: Array, orders: Sequence[int]) -> list[Array]:
        xp = checks.library(r)
        s = (r if r.dtype == xp.float64 else xp.astype(r, xp.float64)) * self.scale
        values = [self._factors[k] * v for k, v in zip(orders, self._table.integrals(s, orders), strict=True)]
        return values if r.dtype == xp.float64 else [xp.astype(v, r.dtype) for v in values]

    def moments_at(self, r: float) -> tuple[float, float, float]:
        (m0, m1, m2), (f0, f1, f2, _) = self._table.at(r * self.scale), self._factors
        return f0 * m0, f1 * m1, f2 * m2

    def moments_along(self, r: np.ndarray) -> np.ndarray:
        return np.multiply(self._table.along(r * self.scale), np.array(self._factors[:3])[:, None], order="C")

    @property
    def _table(self):
        return SquaredBessel(self.d / 2)

    @cached_property
    def _factors(self):
        return [self.d * self.scale**-k for k in range(4)]

    def _pdf(self, r):
        p = self.d * jv(self.d / 2, self.scale * r) ** 2 / r
        return np.where(np.isnan(p), 0.0, p)  # the density is 0 at the origin and far out

    def _ppf(self, q):
        # Between two radii a unit of s apart; beyond the last, r P(|x| > r) is almost constant, below a quarter of it.
        found, inside = np.where(q == 1, math.inf, 0.0), (q > 0) & (q < 1)
        if inside.any():
            q, edges = q[inside], np.arange(self._table.s_table, self._table.s_tail) / self.scale
            ends, cell = np.concatenate([[0.0], edges, [math.inf]]), np.searchsorted(self.moments(edges, (0,))[0], q)
            bracket = ends[cell], np.minimum(ends[cell + 1], edges[-1] / (1 - q))
            found[inside] = elementwise.find_root(lambda r, q: self.moments(r, (0,))[0] - q, bracket, args=(q,)).x
        return found


@dataclass(frozen=True)
class GaussianLaw(RadialLaw):
    """The standard Gaussian in R^d: the radius has the chi law with d degrees of freedom.

    d: dimension, a whole number of at least 2.

    >>> law = GaussianLaw(4)
    >>> round(float(law.partial_moment(2, 100.0)), 12)
    4.0

    See: the chapter "The infinite-width dynamics".
    """

    d: int

    def __post_init__(self):
        object.__setattr__(self, "d", checks.whole("d", self.d, 2))

    @property
    def second_moment(self) -> float:
        """E|x|^2 = d."""
        return float(self.d)

    def moments(self, r: Array, orders: Sequence[int]) -> list[Array]:
        xp = api.array_namespace(r)
        half = xp.astype(r, xp.float64) ** 2 / 2
        return [xp.astype(self._whole[k] * _gammainc((self.d + k) / 2, half, xp), r.dtype) for k in orders]

    def moments_at(self, r: float) -> tuple[float, float, float]:
        return tuple(m * float(gammainc((self.d + k) / 2, r * r / 2)) for k, m in enumerate(self._whole[:3]))

    @cached_property
    def _whole(self):
        mean = 1 / (C(self.d) * math.sqrt(2 * math.pi))
        return [1.0, mean, float(self.d), (self.d + 1) * mean]

    def _pdf(self, r):  # about p(sqrt(d)), whose logarithm would lose its digits far out: Stirling's formula
        a, t = self.d / 2, r / math.sqrt(self.d)
        log = (a - 0.5) * math.log(a) - a - gammaln(a) if a < 5e3 else -1 / (12 * a) - math.log(2 * math.pi) / 2
        p = math.sqrt(2) * np.exp(log + (2 * a - 1) * np.log(t) - a * (t - 1) * (t + 1))
        return np.where(np.isinf(r), 0.0, p)

    def _ppf(self, q):
        return np.sqrt(2 * gammaincinv(self.d / 2, q))


@dataclass(frozen=True)
class _WithRadius(RadialLaw):
    d: int
    radius: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "d", checks.whole("d", self.d, 2))
        object.__setattr__(self, "radius", checks.number("radius", self.radius, *SCALES))


class BallLaw(_WithRadius):
    """The uniform law on the ball of the given radius in R^d: p(r) = d r^(d-1) / radius^d up to the radius.

    d: dimension, a whole number of at least 2. radius: from 1e-50 to 1e50.

    >>> float(BallLaw(2, radius=2.0).cdf(1.0))
    0.25

    See: the chapter "The infinite-width dynamics".
    """

    @property
    def second_moment(self) -> float:
        """E|x|^2 = radius^2 d/(d + 2)."""
        return self.radius**2 * self.d / (self.d + 2)

    def moments(self, r: Array, orders: Sequence[int]) -> list[Array]:
        xp = api.array_namespace(r)
        x = xp.clip(xp.astype(r, xp.float64) / self.radius, None, 1.0)
        return [xp.astype(self.d / (self.d + k) * self.radius**k * x ** (self.d + k), r.dtype) for k in orders]

    def moments_at(self, r: float) -> tuple[float, float, float]:
        d, x = self.d, min(r / self.radius, 1.0)
        return (mass := x**d), d / (d + 1) * self.radius * x * mass, d / (d + 2) * (self.radius * x) ** 2 * mass

    def _pdf(self, r):
        x = r / self.radius
        return np.where(x <= 1, self.d / self.radius * np.minimum(x, 1.0) ** (self.d - 1), 0.0)

    def _ppf(self, q):
        return self.radius * q ** (1 / self.d)


class SphereLaw(_WithRadius):
    """The uniform law on the sphere of the given radius in R^d: the radius is not random.

    d: dimension, a whole number of at least 2. radius: from 1e-50 to 1e50. `pdf` is infinite there and 0 elsewhere.

    >>> law = SphereLaw(3, radius=2.0)
    >>> float(law.cdf(1.9)), float(law.partial_moment(2, 2.0))
    (0.0, 4.0)

    See: the chapter "The infinite-width dynamics".
    """

    has_density = False

    @property
    def second_moment(self) -> float:
        """E|x|^2 = radius^2."""
        return self.radius**2

    def moments(self, r: Array, orders: Sequence[int]) -> list[Array]:
        xp = api.array_namespace(r)
        return [self.radius**k * xp.astype(r >= self.radius, r.dtype) for k in orders]

    def moments_at(self, r: float) -> tuple[float, float, float]:
        return (1.0, self.radius, self.radius**2) if r >= self.radius else (0.0, 0.0, 0.0)

    def _pdf(self, r):
        return np.where(r == self.radius, math.inf, 0.0)

    def _ppf(self, q):
        return np.full_like(q, self.radius)


def checked_law(law: Any) -> RadialLaw:
    """The law itself, or TypeError for what is none."""
    if not isinstance(law, RadialLaw):
        raise TypeError(f"law must be a radial law, such as mf.BesselLaw(10); got {law!r}")
    return law


@np.errstate(all="ignore")  # what is too small is 0, and at the ends of the half line a density says what it is
def _through_numpy(function, x):
    """Apply a NumPy function; the library, the dtype and the device of x come back."""
    xp = api.array_namespace(x)
    value = function(x.detach().cpu().double().numpy() if api.is_torch_array(x) else np.asarray(x, dtype=np.float64))
    return xp.astype(xp.asarray(value, device=api.device(x)), x.dtype)[()]


def _gammainc(a, x, xp):
    if a == 1:
        return -xp.expm1(-x)  # torch's derivative of gammainc(1, x) is NaN at 0, where dead neurons have their kink
    return xp.special.gammainc(xp.full_like(x, a), x) if api.is_torch_namespace(xp) else gammainc(a, x)
