"""The bounds on the loss against stated values, against runs, and against another way to find each number."""

import math
import re

import mpmath as mp
import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import minimize

import mfdepth as mf
from mfdepth.chapters.convergence.certificate import lyapunov
from mfdepth.chapters.convergence.plane import plane_of

START = {"alpha": 1.0, "w2": -0.1, "b2": 0.5}


@pytest.mark.parametrize(
    ("d", "kappa", "rate", "lyapunov"),
    [
        (2, 0.1121, 0.1121, 0.428),
        (3, 0.1055, 0.1193, None),
        (4, 0.0857, 0.0916, None),
        (6, 0.0842, 0.0843, None),
        (10, 0.0698, 0.0724, 0.473),
        (30, 0.0519, 0.0519, None),
        (100, 0.0450, 0.0451, 0.508),
        (1000, 0.0383, 0.0383, 0.522),
        (10_000, 0.0363, 0.0363, 0.527),
        (math.inf, 0.0354, 0.0354, 0.53),
    ],
)
def test_the_standard_start_has_the_stated_values(d, kappa, rate, lyapunov):
    # found once with Nelder and Mead's method from seven starts: 1e-4 is the last digit kept
    found = mf.convergence(mf.LimitLaw() if d == math.inf else mf.BesselLaw(d), **START)
    assert (found.kappa, found.rate) == pytest.approx((kappa, rate), abs=1e-4)
    assert found.kappa <= found.rate
    if lyapunov is not None:
        assert found.lyapunov == pytest.approx(lyapunov, abs=6e-4)


@pytest.mark.parametrize(("d", "lyapunov"), [(10, 4.5), (100, 17.7), (1000, 63.7), (10_000, 219.0)])
def test_a_small_start_pays_like_the_root_of_the_dimension(d, lyapunov):
    found = mf.convergence(mf.BesselLaw(d), mf.relu_mean(d), -0.1, 0.5)
    assert found.lyapunov == pytest.approx(lyapunov, rel=5e-3)


@pytest.mark.parametrize(
    ("alpha", "w2"),
    [
        (1.0, -0.1),
        (1e-10, -1e-6),
        (1e-3, -0.0621),
        (1e-12, -0.1),
        (1e-19, -0.1),
        (1e-150, -0.1),
        (1.0, -1e6),
        (1.0, -1e30),
    ],
)
def test_the_lyapunov_function_of_a_start_far_out_has_a_closed_form(alpha, w2):
    # int dw/(c_0 + q w^2) is an arctangent, or a logarithm for c_0 < 0; c_0 cancels, so by many digits
    plane = plane_of(mf.BesselLaw(10), alpha, w2)
    with mp.workdps(320):
        q, w = mp.mpf(plane.q), -mp.mpf(w2)
        c_0 = alpha - q * w * w
        root = mp.sqrt(abs(c_0) / q)
        end = 1 / mp.findroot(lambda a: a * a * (a - c_0) - q, plane.alpha(1.0))

        def along(w):
            found = mp.atan(w / root) if c_0 > 0 else mp.log((w - root) / (w + root)) / 2
            return found / (q * root) - w * w / 2

        exact = float(0.125 + along(end) - along(w))
    assert mf.convergence(mf.BesselLaw(10), alpha, w2, 0.5).lyapunov == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("rates", [(1.0, 1.0), (0.2, 3.0)])
@pytest.mark.parametrize(
    ("alpha", "w2", "b2"), [(1.0, -0.1, 0.5), (0.3, -1.4, 0.6), (0.5, -1.2, 0.6), (0.4, -2.0, 1.7)]
)
def test_the_lyapunov_function_is_the_integral_that_defines_it(alpha, w2, b2, rates):
    law = mf.BesselLaw(3)
    plane = plane_of(law, alpha, w2, rates)
    along, _ = quad(lambda x: (1 - x) / plane.metric(x), -w2 * alpha, 1, epsabs=1e-13)
    expected = (1 - b2) ** 2 / (2 * rates[1]) + along
    assert mf.convergence(law, alpha, w2, b2, rates).lyapunov == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("law", "alpha", "w2", "rates"),
    [
        (mf.BesselLaw(6), 1.0, -0.1, (1.0, 1.0)),  # two valleys, one of them inside the triangle
        (mf.BesselLaw(1000), 0.0126, -0.1, (1.0, 1.0)),  # a small start: a narrow valley
        (mf.GaussianLaw(3), 0.7, -0.3, (1.0, 0.3)),
        (mf.LimitLaw(), 2.0, -0.1, (1.0, 0.3)),
    ],
)
def test_kappa_is_the_least_quotient_by_another_search(law, alpha, w2, rates, rng):
    plane, found = plane_of(law, alpha, w2, rates), mf.convergence(law, alpha, w2, 0.5, rates)

    def quotient(place):  # in (log R, logit b), without a corner
        b = 1 / (1 + math.exp(-place[1]))
        s = b * math.exp(-abs(place[0]))
        loss, l_s, l_b = plane.residual(s, b)
        return float((plane.metric(s) * l_s**2 + rates[1] * l_b**2) / loss) if loss > 1e-9 else 9.0

    starts = [(x, y) for x in (0.1, 1.0, 4.0) for y in (0.0, 2.0)]
    others = [minimize(quotient, start, method="Nelder-Mead", options={"xatol": 1e-6}).fun for start in starts]
    assert found.kappa == pytest.approx(min(found.rate, *others), rel=2e-4)
    R, b = np.exp(rng.exponential(2.0, 4000)), rng.random(4000)  # and no point of the triangle lies below it
    loss, l_s, l_b = plane.residual(b / R, b)
    assert np.min((plane.metric(b / R) * l_s**2 + rates[1] * l_b**2) / loss) >= found.kappa * (1 - 1e-9)


RUNS = [
    (mf.BesselLaw(2), 1.0, -0.1, 0.5, (1.0, 1.0)),
    (mf.BesselLaw(100), 1.0, -0.1, 0.5, (1.0, 1.0)),
    (mf.BesselLaw(10), mf.relu_mean(10), -0.1, 0.5, (1.0, 1.0)),
    (mf.BesselLaw(3), 0.2, -2.0, 0.9, (1.0, 1.0)),  # c_0 < 0
    (mf.BesselLaw(30), 0.5, -0.02, 1.0, (5.0, 0.5)),
    (mf.LimitLaw(), 0.5, -0.4, 0.3, (1.0, 1.0)),
    (mf.GaussianLaw(2), 1.0, -0.5, 0.9, (1.0, 1.0)),
    (mf.BallLaw(4, radius=0.9), 1.0, -0.5, 0.6, (1.0, 1.0)),
]


@pytest.mark.parametrize(("law", "alpha", "w2", "b2", "rates"), RUNS)
def test_the_loss_of_a_run_stays_below_its_bound(law, alpha, w2, b2, rates):
    found = mf.convergence(law, alpha, w2, b2, rates)
    assert "V(0)/(2 t)" in found.proved and (found.kappa > 0) == ("exponential" in found.proved)
    t = np.concatenate([[0.0], np.geomspace(0.05, 300, 50)])
    run = mf.infinite_width(law, alpha, w2, b2, t, rates, tolerance=1e-9)
    assert found.loss == pytest.approx(run.loss[0], rel=1e-12)
    assert np.all(run.loss <= found.bound(t) * (1 + 1e-6) + 1e-14)
    plane = plane_of(law, alpha, w2, rates)
    V = np.array([lyapunov(plane, -w * a, b) for w, a, b in zip(run.w2, run.alpha, run.b2, strict=True)])
    assert np.all(np.diff(V) <= -2 * run.loss[1:] * np.diff(t) + 1e-8)  # V' <= -2 L, and L falls


def test_the_loss_ends_at_the_speed_2_lambda():
    run = mf.infinite_width(mf.BesselLaw(10), **START, t=[200, 240])
    measured = math.log(run.loss[0] / run.loss[1]) / 40
    assert measured == pytest.approx(mf.convergence(mf.BesselLaw(10), **START).rate, rel=0.01)


def test_the_bound_is_the_least_of_what_is_proved():
    found = mf.convergence(mf.BesselLaw(10), **START)
    t = np.array([0.0, 1.0, 50.0, 500.0])
    by_hand = [found.loss, *(min(found.lyapunov / (2 * x), found.loss * math.exp(-found.kappa * x)) for x in t[1:])]
    np.testing.assert_allclose(found.bound(t), np.minimum(by_hand, found.loss), rtol=1e-14)
    assert float(found.bound(1.0)) == pytest.approx(by_hand[1])
    single = found.bound(torch.tensor(t, dtype=torch.float32))
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, found.bound(t), rtol=1e-5)
    flat = mf.convergence(mf.BesselLaw(2), 0.2, -2.0, 0.9)  # c_0 < 0: the first bound alone
    assert flat.kappa == 0 and flat.bound(100.0) == pytest.approx(flat.lyapunov / 200)


@pytest.mark.parametrize(
    ("law", "alpha", "w2", "b2", "words"),
    [
        (mf.BesselLaw(10), 1.0, -0.1, 0.5, r"in the triangle: L <= V\(0\)/\(2 t\) and L <= l_0 e"),
        (mf.BesselLaw(2), 0.2, -2.0, 0.9, "c_0 = -2.35 is not positive, so kappa = 0"),
        (mf.BesselLaw(10), 1.0, -0.5, 1.6, "the loss tends to 0, without a proved rate"),
        (mf.BesselLaw(10), 1.0, -0.9, 0.5, r"s = 0.9, b = 0.5 is not in the triangle"),
        (mf.GaussianLaw(8), 1.0, -0.5, 0.9, r"nothing is proved but that the loss never rises: l_0 = 0.00103"),
        (mf.LimitLaw(), 1.0, -2.0, 1.0, "nothing is proved but"),
    ],
)
def test_the_status_says_which_theorem_applies(law, alpha, w2, b2, words):
    found = mf.convergence(law, alpha, w2, b2)
    assert re.search(words, found.status)
    if not found.proved:
        assert np.all(found.bound(np.array([0.0, 1e3])) == found.loss)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"w2": 0.1}, "w2 must be negative: .* got 0.1"),
        ({"b2": 0.0}, "b2 must be positive: .* got 0.0"),
        ({"alpha": -1.0}, "alpha must be a positive finite number; got -1.0"),
        ({"law": mf.SphereLaw(3, radius=0.5)}, "law must have a density"),
        ({"law": mf.LimitLaw(frequency=0.3)}, r"law must have inputs at \|x\| < 1"),
        ({"rates": (1.0, -1.0)}, r"rates\[1\] must be"),
        ({"alpha": 1e-200}, "alpha, w2, rates must keep .* within floats; got 1e-200, -0.1"),
        ({"alpha": 1e200}, "alpha, w2, rates must keep"),
        ({"w2": -1e200}, "alpha, w2, rates must keep"),
        ({"rates": (1e200, 1e-200)}, "alpha, w2, rates must keep"),
        (
            {"rates": (1e-200, 1e200)},
            r"alpha, w2, b2, rates must leave V\(0\) and the rate within reach of floats; got",
        ),
        ({"b2": 1e200}, r"alpha, w2, b2, rates must leave V\(0\) .* got 1.0, -0.1, 1e\+200"),
        ({"alpha": 1e-19, "w2": -1e-12}, r"alpha, w2, b2, rates must leave V\(0\)"),
    ],
)
def test_bad_input_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        mf.convergence(**({"law": mf.BesselLaw(3)} | START | arguments))


def test_times_are_checked():
    with pytest.raises(ValueError, match=r"t must be at least 0; got -1.0"):
        mf.convergence(mf.BesselLaw(3), **START).bound(-1.0)
