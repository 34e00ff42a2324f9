"""What a table of seeds says: the power of the width in it, and the width at which it reaches a value. Bootstrap."""

import math

import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.random import generator

DRAWS = 1000  # of the bootstrap
LEVEL = (0.025, 0.975)


def bootstrap_exponent(x: Array, values: Array, rng: Rng = 0) -> tuple[float, float, float]:
    """The power of x in the mean of the values over seeds, by least squares in the logarithms, and its 95 % interval.

    The interval is that of the bootstrap: the seeds at each x are drawn again, with replacement (Efron 1979).

    x: positive, (k,), k >= 2. values: positive, (k, n), n seeds at each x. rng: a seed or a generator.
    Returns (exponent, low, high). Raises ValueError for values that are not positive.

    >>> from mfdepth.chapters import discretization
    >>> [round(x, 2) for x in discretization.bootstrap_exponent([1, 2, 4], [[1.0, 1.2], [0.5, 0.6], [0.25, 0.3]])]
    [-1.0, -1.13, -0.87]

    See: the chapter "Why errors do not compound".
    """
    x, values = _table(x, values)
    logs = np.log(x) - np.log(x).mean()
    return _interval(values, lambda means: np.log(means) @ logs / (logs @ logs), rng)


def width_reaching(m1: Array, values: Array, eps: float, rng: Rng = 0) -> tuple[float, float, float]:
    """The width at which the mean of the values over seeds falls to eps, and its 95 % interval (bootstrap).

    Between two widths the mean is a power of the width. A mean that rises, by chance, is taken as level.

    m1: increasing, (k,). values: positive, (k, n), n seeds at each width. eps: positive. rng: a seed or a generator.
    Returns (width, low, high), nan where no width of the table is narrow enough, or none wide enough.
    Raises ValueError for values that are not positive and widths that do not increase.

    >>> from mfdepth.chapters import discretization
    >>> [round(x, 1) for x in discretization.width_reaching([10, 100], [[0.1], [0.01]], 0.05)]
    [20.0, 20.0, 20.0]

    See: the chapter "Why errors do not compound".
    """
    m1, values = _table(m1, values)
    eps = checks.positive("eps", eps)
    if np.any(np.diff(m1) <= 0):
        raise ValueError(f"m1 must increase; got {m1!r}")

    def reached(means):
        falling = np.log(np.minimum.accumulate(means, axis=-1))[..., ::-1]
        rows = falling.reshape(-1, len(m1))
        widths = [np.interp(math.log(eps), row, np.log(m1)[::-1], left=math.nan, right=math.nan) for row in rows]
        return np.exp(widths).reshape(falling.shape[:-1])

    return _interval(values, reached, rng)


def _table(x, values):
    values = checks.within("values", checks.finite_array("values", values, ndim=2), math.ulp(0.0), math.inf, "positive")
    return checks.within("x", checks.array("x", x, shape=(len(values),)), math.ulp(0.0), math.inf, "positive"), values


def _interval(values, statistic, rng):
    """A statistic of the means (..., k) over seeds, and the middle 95 % of it over seeds drawn again."""
    rng = generator(rng)
    k, n = values.shape
    drawn = np.take_along_axis(values[None], rng.integers(0, n, (DRAWS, k, n)), axis=2).mean(axis=2)
    low, high = np.quantile(statistic(drawn), LEVEL)
    return float(statistic(values.mean(axis=1))), float(low), float(high)
