"""The input law as the dimension grows: what is left of the Bessel law when d -> infinity, in closed form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.laws import SCALES, RadialLaw

NEAREST = math.sqrt(math.e / (2 * math.pi)) / 2  # 0.3289: no input is nearer at frequency 1


@dataclass(frozen=True)
class LimitLaw(RadialLaw):
    """The law of the radius to which the Bessel law tends as d -> infinity.

    With r_0 = (1/(2 c)) sqrt(e/(2 pi)) and c the `frequency` (ours, by Debye's expansion of the Bessel function, whose
    oscillation averages out; s = 2 pi R_d c sqrt(d) r passes the order d/2 at r_0, for R_d ~ sqrt(d/(2 pi e))):

        P(|x| <= r) = (2/pi) arccos(r_0/r),   p(r) = 2 r_0/(pi r sqrt(r^2 - r_0^2)),   r > r_0

    and nothing lies below r_0. Already E|x| is infinite. The dimension `d` is infinite, so C_d = 0: in
    `mf.infinite_width` the first layer stands still. There are no inputs x to sample, only radii.

    frequency: from 1e-50 to 1e50; a larger one shrinks the radii.

    >>> import mfdepth as mf
    >>> law = mf.LimitLaw()
    >>> round(float(law.cdf(1.0)), 3), round(float(law.ppf(0.5)), 3)
    (0.787, 0.465)

    See: the chapter "Why must it get there?".
    """

    frequency: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "frequency", checks.number("frequency", self.frequency, *SCALES))

    @property
    def d(self) -> float:
        """The dimension, infinite."""
        return math.inf

    @property
    def second_moment(self) -> float:
        """E|x|^2 = inf."""
        return math.inf

    @property
    def nearest(self) -> float:
        """The radius r_0 below which no input lies."""
        return NEAREST / self.frequency

    def moments(self, r: Array, orders: Sequence[int]) -> list[Array]:
        """E[|x|^k 1{|x| <= r}] for each k in `orders` (0..3): the fast path, no checks; r an array, r >= 0."""
        xp, r_0 = api.array_namespace(r), self.nearest
        r64 = xp.astype(r, xp.float64, copy=False)
        inside = r64 > r_0
        safe = xp.where(inside, r64, xp.full_like(r64, 2 * r_0))  # no slope of 0/0 below r_0 under torch
        root = xp.sqrt(safe - r_0)
        leg = root * xp.sqrt(safe + r_0)  # r^2 - r_0^2 would leave the range of floats long before its root
        log = 2 * xp.asinh(root / math.sqrt(2 * r_0))
        closed = {
            0: lambda: 2 / math.pi * xp.atan2(leg, xp.full_like(leg, r_0)),
            1: lambda: 2 * r_0 / math.pi * log,
            2: lambda: 2 * r_0 / math.pi * leg,
            3: lambda: r_0 / math.pi * (safe * leg + r_0**2 * log),
        }
        zero = xp.zeros_like(r64)
        return [xp.astype(xp.where(inside, closed[k](), zero), r.dtype, copy=False) for k in orders]

    def sample(self, n: int, rng: Rng) -> Array:
        """Refused: a point x needs a finite dimension. `law.ppf` of uniform numbers samples the radius."""
        raise ValueError(
            "LimitLaw has no finite dimension, so no input x to sample; radii are law.ppf(uniform numbers)"
        )

    def _pdf(self, r):
        r_0 = self.nearest
        p = 2 * r_0 / math.pi / r / (np.sqrt(r - r_0) * np.sqrt(r + r_0))
        return np.where(r < r_0, 0.0, p)

    def _ppf(self, q):
        return self.nearest / np.sin(math.pi / 2 * (1 - q))
