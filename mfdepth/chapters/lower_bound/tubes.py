"""Thin tubes: how much of a sphere the transform of one neuron reaches, and how many reach half of it."""

import math

import numpy as np
from scipy.special import betainc

from mfdepth import checks
from mfdepth.sphere import C

FLOAT = 1e-290  # the least share that is sure to have all its digits
NODES = 20  # of Gauss and Laguerre below it: the integrand's singularity is at y < -600


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

    No fewer can, however they are laid. In logarithms, so that no dimension is too large: below the range of floats
    share = s^(d-1)/((d-1) pi C_{d-1}) * F(1/2, (d-1)/2; (d+1)/2; s^2), s = 1/ratio (ours).

    d: dimension, at least 2. ratio: above 1. Returns a float. Raises ValueError out of range.

    >>> from mfdepth.chapters import lower_bound
    >>> round(lower_bound.tubes_for_half(100), 1)
    30.5

    See: the chapter "What can two layers do?".
    """
    d, ratio = checks.whole("d", d, 2), _ratio(ratio)
    n = d - 1
    if (share := tube_share(d, ratio)) > FLOAT:
        return -math.log10(2 * share)
    log_s2, (y, weight) = -2 * math.log(ratio), np.polynomial.laguerre.laggauss(NODES)
    series = weight @ (-np.expm1(log_s2 - 2 * y / n)) ** -0.5  # by its integral, of e^-y (1 - s^2 e^(-2y/n))^(-1/2)
    log_share = n * log_s2 / 2 + math.log(series / (n * math.pi * C(n)))
    return (-math.log(2) - log_share) / math.log(10)


def _ratio(value):
    ratio = checks.positive("ratio", value)
    if ratio <= 1:
        raise ValueError(f"ratio must be above 1: the sphere is to lie outside the ball; got {value!r}")
    return ratio
