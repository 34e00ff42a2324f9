"""Balls of constants and moments hold the true numbers, and are small."""

import numpy as np
import pytest
from scipy.integrate import quad

import mfdepth as mf
from mfdepth import intervals


@pytest.mark.parametrize("d", [2, 3, 10])
@pytest.mark.parametrize("r", [1.0, 1.7, 30.0, 128.0])
def test_the_balls_of_the_moments_hold_them_and_are_small(d, r):
    for k, ball in enumerate(intervals.moments(d, r)):
        exact = float(mf.BesselLaw(d).partial_moment(k, r))
        assert abs(float(ball.mid()) - exact) < 1e-11 * exact and ball.rad() < 1e-25


@pytest.mark.parametrize("d", [3, 11])
def test_negative_moments_down_to_the_last_finite_one(d):
    law = mf.BesselLaw(d)
    for k, ball in zip((-1, 2 - d, 1 - d), intervals.moments(d, 1.3, (-1, 2 - d, 1 - d)), strict=True):
        exact = sum(
            quad(lambda r, k=k: law.pdf(r) * r**k, a, b, epsabs=0, epsrel=1e-11)[0] for a, b in ((0, 0.3), (0.3, 1.3))
        )
        assert float(ball.mid()) == pytest.approx(exact, rel=1e-9) and ball.rad() < 1e-25 * float(ball.mid())


def test_the_mean_of_relu():
    # 1/pi and 1/4 are exact; elsewhere the library's own float
    assert intervals.relu_mean(3).contains(0.25)
    for d in (2, 7, 100):
        assert float(intervals.relu_mean(d).mid()) == pytest.approx(mf.relu_mean(d), rel=1e-14)
    assert np.isclose(float(intervals.relu_mean(2).mid()) * np.pi, 1, rtol=1e-15)
