"""The share of a sphere that one tube covers: closed forms, sampling, and the count in logarithms."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters import lower_bound


@pytest.mark.parametrize("ratio", [1.1, 2.0, 7.0])
def test_closed_forms_in_two_and_three_dimensions(ratio):
    half = math.asin(1 / ratio)
    assert lower_bound.tube_share(2, ratio) == pytest.approx(2 * half / math.pi, rel=1e-13)
    assert lower_bound.tube_share(3, ratio) == pytest.approx(1 - math.cos(half), rel=1e-12)  # Archimedes: two caps


def test_the_share_is_that_of_random_points(rng):
    u = mf.random_directions(400_000, 6, rng)
    inside = 1 - u[:, 0] ** 2 <= 0.25
    share = lower_bound.tube_share(6)
    assert abs(inside.mean() - share) < 4 * math.sqrt(share / len(u))


@pytest.mark.parametrize(("d", "ratio"), [*itertools.product((2, 3, 10, 101), (1.05, 1.5, 2.0, 10.0)), (2, 1 + 1e-9),
                                          (1000, 1.0001), (10**6, 1.00001), (10**9, 1.000001), (1250, 1.7), (1300, 1.7),
                                          (3000, 2.0), (10**4, 1.2), (3, 1e200), (10**6, 1e300)])  # fmt: skip
def test_the_count_is_that_of_the_hypergeometric_series(d, ratio):
    with mp.workdps(30):
        n, s2 = mp.mpf(d - 1), mp.mpf(ratio) ** -2
        log_edge = mp.log(mp.pi) / 2 + mp.loggamma(n / 2) - mp.loggamma((n + 1) / 2) - mp.log(2)
        log_share = n / 2 * mp.log(s2) - mp.log(n) - log_edge + mp.log(mp.hyp2f1(0.5, n / 2, n / 2 + 1, s2))
        exact = float(-(mp.log(2) + log_share) / mp.log(10))
    # the rounding of ratio^-2 is taken to the power d/2, or moves sqrt(1 - s^2)
    rounding = np.finfo(float).eps * (d + 1 / math.sqrt(1 - ratio**-2)) * (lower_bound.tube_share(d, ratio) > 0)
    assert lower_bound.tubes_for_half(d, ratio) == pytest.approx(exact, rel=4e-15, abs=1e-13 + rounding)


def test_the_count_outlives_floats():
    assert lower_bound.tube_share(3000) == 0.0
    steps = np.diff([lower_bound.tubes_for_half(d) for d in (3000, 3001, 3002)])
    assert steps == pytest.approx(np.log10(2), abs=1e-3)  # twice as many a dimension, but for a power of d


@pytest.mark.parametrize("function", [lower_bound.tube_share, lower_bound.tubes_for_half])
def test_a_sphere_inside_the_ball_is_refused(function):
    with pytest.raises(ValueError, match="ratio must be above 1"):
        function(3, 1.0)
    with pytest.raises(ValueError, match="d must be"):
        function(1)
