"""The share of a sphere that one tube covers: closed forms, sampling, and the count in logarithms."""

import math

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


@pytest.mark.parametrize("ratio", [1.05, 1.5, 2.0, 10.0])
@pytest.mark.parametrize("d", [2, 3, 10, 101])
def test_the_count_is_the_inverse_of_twice_the_share(d, ratio):
    assert lower_bound.tubes_for_half(d, ratio) == pytest.approx(
        -np.log10(2 * lower_bound.tube_share(d, ratio)), abs=1e-11
    )


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
