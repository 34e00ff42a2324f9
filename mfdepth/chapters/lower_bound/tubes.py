"""Thin tubes: how much of a sphere the transform of one neuron reaches, and how many reach half of it."""

import math

import numpy as np
from scipy.special import betainc

from mfdepth import checks


def tube_share(d: int, ratio: float = 2.0) -> float:
    """The share of the sphere of radius `ratio` R that lies within a distance R of a line through its centre.

    The points whose angle with the line has a sine below s = 1/ratio: I_{s^2}((d-1)/2, 1/2), the regularized incomplete
    beta function (ours, after the tubes of Eldan and Shamir 2016). Once blurred, the transform of a neuron lives on
    such a tube. m neurons reach a share of at most m times this.

    d: dimension, a whole number of at least 2. ratio: above 1. Returns a float, 0 where it is below the range of
    floats. Raises ValueError out of range.

    >>> from mfdepth.chapters import lower_bound
    >>> round(lower_bound.tube_share(2), 4), round(lower_bound.tube_share(3), 4)  # 60 of 180 degrees; 1 - sqrt(3)/2
    (0.3333, 0.134)

    See: the chapter "What can two layers do?".
    """
    d, ratio = checks.whole("d", d, 2), _ratio(ratio)
    return float(betainc((d - 1) / 2, 0.5, ratio**-2))


def tubes_for_half(d: int, ratio: float = 2.0) -> float:
    """The base-10 logarithm of the least number of tubes that could cover half of the sphere: log10(1/(2 share)).

    No fewer can, however they are laid. In logarithms, by a series, so that no dimension is too large:
    share = s^(d-1)/((d-1) pi C_{d-1}) * F(1/2, (d-1)/2; (d+1)/2; s^2), s = 1/ratio (ours).

    d: dimension, at least 2. ratio: above 1. Returns a float. Raises ValueError out of range.

    >>> from mfdepth.chapters import lower_bound
    >>> round(lower_bound.tubes_for_half(100), 1)
    30.5

    See: the chapter "What can two layers do?".
    """
    d, ratio = checks.whole("d", d, 2), _ratio(ratio)
    s2, n = ratio**-2, d - 1
    k = np.arange(1, 2000)
    terms = np.cumprod((k - 0.5) / k * s2) * n / (n + 2 * k)
    # pi C_{d-1} = sqrt(pi) Gamma((d-1)/2) / (2 Gamma(d/2))
    edge = math.log(math.pi) / 2 + math.lgamma(n / 2) - math.lgamma(d / 2) - math.log(2)
    log_share = n * math.log(s2) / 2 + math.log1p(float(np.sum(terms))) - math.log(n) - edge
    return (-math.log(2) - log_share) / math.log(10)


def _ratio(value):
    ratio = checks.positive("ratio", value)
    if ratio <= 1:
        raise ValueError(f"ratio must be above 1: the sphere is to lie outside the ball; got {value!r}")
    return ratio
