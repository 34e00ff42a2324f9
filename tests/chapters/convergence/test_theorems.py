"""What the theorems of the chapter say, seen in runs: no bad rest, every living start fits, so do several neurons."""

import numpy as np
import pytest
from scipy.optimize import least_squares

import mfdepth as mf


@pytest.mark.parametrize("radius", [1.5, 0.8])
def test_a_network_at_rest_with_a_living_neuron_is_the_target(radius, rng):
    # attacked: minimise the speed of three neurons of any sign; where it vanishes and one lives, f = f*
    law, rests = mf.BallLaw(3, radius=radius), 0
    u, w1 = np.eye(3), np.concatenate([np.eye(3), -np.eye(3)])  # F = 1/6 on each row of u
    for _ in range(12):
        speed = lambda z: np.concatenate(mf.velocity(law, w1, z[:3], z[3:], u)[1:])
        found = least_squares(speed, rng.normal(size=6) * [12, 12, 12, 1, 1, 1], xtol=1e-15, ftol=1e-15, gtol=1e-15)
        w2, b2 = found.x[:3], found.x[3:]
        kink = np.divide(-6 * b2, w2, out=np.full(3, np.inf), where=w2 != 0)
        lives = np.where(w2 < 0, (b2 > 0) & (kink > 0.1), np.where(w2 > 0, kink < radius - 0.1, b2 > 0))
        if np.max(np.abs(found.fun)) < 1e-11 and np.any(lives):
            rests += 1
            assert mf.loss(law, w1, w2, b2, u) < 1e-9
    assert rests >= 4


@pytest.mark.parametrize("d", [2, 10])
@pytest.mark.parametrize(
    ("alpha", "w2", "b2"), [(0.5, -1.6, 0.4), (2.0, -0.5, 4.0), (0.3, -0.02, 1.5), (1.0, -1.0, 0.3)]
)
def test_living_starts_outside_the_triangle_fit_too(d, alpha, w2, b2):
    run = mf.infinite_width(mf.BesselLaw(d), alpha, w2, b2, [0, 1500], tolerance=1e-8)
    assert run.status == "reached t = 1500"
    assert (run.w2[-1] * run.alpha[-1], run.b2[-1]) == pytest.approx((-1, 1), abs=1e-4)


def test_several_neurons_fit_from_a_loss_below_that_of_zero(rng):
    law, started = mf.BesselLaw(10), 0
    m_0, m_1, m_2 = (law.partial_moment(k, 1.0) for k in range(3))
    for _ in range(8):
        w2, b2 = -rng.uniform(0.05, 1.2, 3), rng.uniform(0.1, 1.5, 3)
        start = mf.infinite_width(law, 1.0, w2, b2, [0.0])
        if start.loss[0] < (m_0 - 2 * m_1 + m_2) / 2 and started < 3:
            started += 1
            assert mf.infinite_width(law, 1.0, w2, b2, [800], tolerance=1e-7).loss[0] < 1e-7
    assert started == 3


def test_under_a_gaussian_law_a_neuron_may_slide_away():
    # w2 > 0 > b2 with its kink beyond 1: g < 0 wherever it is active, so it retreats and nothing brings it back
    run = mf.infinite_width(mf.GaussianLaw(2), 1.0, 0.4, -0.8, [0, 50, 100])
    kink = -run.b2 / (run.w2 * run.alpha)
    assert np.all(np.diff(kink) > 0) and np.all(np.diff(run.w2) < 0)
    m_0, m_1, m_2 = (mf.GaussianLaw(2).partial_moment(k, 1.0) for k in range(3))
    assert run.loss[-1] == pytest.approx((m_0 - 2 * m_1 + m_2) / 2, rel=1e-3)
