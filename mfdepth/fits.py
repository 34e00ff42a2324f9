"""What a handful of seeds says about a law: exponents and fractions, each with its confidence interval."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, stdtrit

from mfdepth import checks


@dataclass(frozen=True)
class PowerFit:
    """A fitted power law factor * x^exponent; low and high bound the exponent's confidence interval.

    See: the chapter "Why errors do not compound".
    """

    exponent: float
    low: float
    high: float
    factor: float

    def __str__(self):
        return f"{self.exponent:.2f} [{self.low:.2f}, {self.high:.2f}]"


def power_fit(x, y, *, confidence=0.95):
    """The exponent of a power law, by least squares in the logarithms, with Student's confidence interval.

    log y = log(factor) + exponent log x + noise, with independent noise of one size at every x (a textbook regression).

    x: positive, (k,). y: positive, (k,), or (k, n) for n measurements at each x. confidence: between 0 and 1.
    Returns a `PowerFit`. Raises ValueError for values out of range, and for fewer than two different x or three points.

    >>> import mfdepth as mf
    >>> print(mf.power_fit([1, 2, 4], [[8.0, 9.0], [4.2, 4.0], [2.1, 1.9]]))
    -1.04 [-1.16, -0.93]

    See: the chapter "Why errors do not compound".
    """
    x = checks.finite_array("x", x, ndim=1)
    y = checks.finite_array("y", y, shape=(len(x), *np.shape(y)[1:]))
    confidence = _confidence(confidence)
    for name, values in (("x", x), ("y", y)):
        checks.within(name, values, math.ulp(0.0), math.inf, "positive")
    x, y = np.log(np.repeat(x, y[0].size)), np.log(y.ravel())
    if len(x) < 3 or np.ptp(x) == 0:
        raise ValueError(f"x, y must hold at least three points, at two different x or more; got {len(x)} points")
    centred = x - x.mean()
    spread = centred @ centred
    exponent = float(centred @ y / spread)
    offset = y.mean() - exponent * x.mean()
    residual = y - offset - exponent * x
    error = math.sqrt(residual @ residual / (len(x) - 2) / spread)
    half = float(stdtrit(len(x) - 2, (1 + confidence) / 2)) * error
    return PowerFit(exponent, exponent - half, exponent + half, math.exp(offset))


def binomial_interval(successes, trials, *, confidence=0.95):
    """The interval of probabilities that `successes` out of `trials` leave open (Clopper and Pearson, 1934).

    It covers the true probability at least as often as `confidence` says, at any number of trials.

    successes: whole numbers from 0 to trials, any shape. trials: a whole number, at least 1. confidence: between 0 and 1.
    Returns (low, high), each of that shape. Raises ValueError for values out of range.

    >>> import mfdepth as mf
    >>> low, high = mf.binomial_interval([0, 12, 24], 24)
    >>> [round(float(p), 3) for p in low], [round(float(p), 3) for p in high]
    ([0.0, 0.291, 0.858], [0.142, 0.709, 1.0])

    See: the chapter "Why errors do not compound".
    """
    n, confidence = checks.whole("trials", trials, 1), _confidence(confidence)
    k = checks.within("successes", checks.finite_array("successes", successes), 0, n, f"from 0 to trials = {n}")
    if np.any(k != np.round(k)):
        raise ValueError(f"successes must hold whole numbers; got {successes!r}")
    tail = (1 - confidence) / 2
    low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return low, high


def _confidence(value):
    value = checks.finite("confidence", value)
    if not 0 < value < 1:
        raise ValueError(f"confidence must be between 0 and 1; got {value!r}")
    return value
