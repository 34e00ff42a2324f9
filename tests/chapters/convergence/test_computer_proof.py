"""The interval proof of kappa: it succeeds below the true value, fails above it, and its balls hold the true numbers."""

import sys

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters.convergence.computer_proof import FLATTEST, _Triangle, prove_kappa
from mfdepth.chapters.convergence.plane import plane_of

START = 1.0, -0.1


@pytest.mark.parametrize(("d", "kappa"), [(2, 0.11), (3, 0.104), (10, 0.068)])
def test_kappa_is_proved_just_below_its_value_and_not_above(d, kappa):
    found = mf.convergence(mf.BesselLaw(d), *START, 0.5).kappa
    assert kappa < found < kappa * 1.03
    proof = prove_kappa(d, *START, kappa)
    assert proof.kappa == kappa and proof.boxes > 1000
    with pytest.raises(ArithmeticError, match="not proved near"):
        prove_kappa(d, *START, found * 1.01)


def test_rates_and_a_small_first_layer_enter():
    law, start, rates = mf.BesselLaw(3), (0.5, -0.2), (0.5, 2.0)
    found = mf.convergence(law, *start, 0.5, rates).kappa
    assert prove_kappa(3, *start, 0.9 * found, rates).kappa == 0.9 * found
    with pytest.raises(ArithmeticError):
        prove_kappa(3, *start, 1.02 * found, rates)


@pytest.fixture(scope="module")
def triangle():
    from flint import ctx

    with ctx.workprec(64):
        yield _Triangle(3, *START, 0.104, (1.0, 1.0))


PLANE = plane_of(mf.BesselLaw(3), *START)


def least_and_most(ball):
    return float(ball.lower()), float(ball.upper())


def test_balls_of_a_box_hold_the_values_at_its_points(triangle, rng):
    # boxes of all sizes, those at the corner s = b = 1 included
    for x0 in (0.0, *rng.random(40) * 0.98):
        y0 = rng.random()
        x1, y1 = min(x0 + rng.exponential(0.02), 0.99), min(y0 + rng.exponential(0.02), 1.0)
        sigma, tau = rng.uniform(x0, x1, 20), rng.uniform(y0, y1, 20)
        loss, l_s, l_b = PLANE.residual(1 - sigma, 1 - tau * sigma)
        for ball, exact in zip(
            triangle.box(x0, x1, y0, y1), (l_s / sigma, -l_b / sigma, 2 * loss / sigma**2), strict=True
        ):
            least, most = least_and_most(ball)
            assert np.all((exact >= least - 1e-9) & (exact <= most + 1e-9))
        assert float(triangle.metric(1 - x1)) <= np.min(PLANE.metric(1 - sigma))


def test_near_the_corner_what_is_beyond_1_stays_within_the_bound_by_the_density(triangle):
    # tau = 0: the kink is as far as it can be; the bound is .0739 sigma or .1109 sigma wide, no more
    loss, (_, I1, I2) = triangle.box(0.0, 0.01, 0.0, 0.0)[2], (float(m.mid()) for m in triangle.I)
    least, most = least_and_most(loss)
    assert least == pytest.approx(I2, rel=1e-6) and most == pytest.approx(I2 + 0.1478 * 0.01 / 0.99, rel=1e-6)
    least, most = least_and_most(triangle.box(0.0, 0.01, 0.0, 0.0)[1])
    assert most == pytest.approx(-I1, rel=1e-6) and least == pytest.approx(-I1 - 0.2217 * 0.01 / 0.99, rel=1e-6)


def test_the_strip_of_small_slopes_is_bounded_at_every_point(triangle, rng):
    for low in np.append(rng.random(30), [0.0, 0.999]):
        high = min(low + 1 / 64, 1.0)
        b = rng.uniform(low, high, 40)
        s = np.minimum(b, FLATTEST * 10 ** -rng.exponential(2.0, 40))
        loss, l_s, l_b = PLANE.residual(s, b)
        u_1, u_2, twice = triangle.strip(low, high)
        assert np.all(np.abs(l_s) >= float(u_1.lower())) and np.all(np.abs(l_b) >= float(u_2.lower()))
        assert np.all(2 * loss <= float(twice.upper()))
    with pytest.raises(ArithmeticError, match="not proved for slopes below"):
        prove_kappa(3, *START, 50.0)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="alpha, w2 must give c_0 > 0"):
        prove_kappa(2, 0.2, -2.0, 0.1)
    with pytest.raises(ValueError, match="kappa must be a positive"):
        prove_kappa(2, *START, 0.0)
    with pytest.raises(ValueError, match="d must be"):
        prove_kappa(1, *START, 0.1)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)  # import raises ImportError
    with pytest.raises(ImportError, match=r'pip install "mfdepth\[proofs\]"'):
        prove_kappa(2, *START, 0.1)
