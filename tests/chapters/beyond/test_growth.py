"""One operator for growth, against sampled neurons, the harmonics' rates and the mode of the general case."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

import mfdepth as mf
from mfdepth.chapters import beyond, general_case
from mfdepth.chapters.beyond.growth import propagator_gain


def test_the_kernel_is_that_of_many_neurons(rng):
    u, w1 = mf.random_directions(4, 3, rng), mf.init_first_layer(3, 300_000, 0.7, rng)
    length = np.linalg.norm(w1, axis=1, keepdims=True)
    gradients = [w1 / length * np.maximum(w1 @ x, 0)[:, None] + length * (w1 @ x > 0)[:, None] * x for x in u]
    sampled = np.array([[np.mean(np.sum(a * b, axis=1)) for a in gradients] for b in gradients])
    np.testing.assert_allclose(beyond.learner_kernel(u, 0.7), sampled, rtol=0.02, atol=0.02)


def test_the_rates_of_the_kernel_are_those_of_the_harmonics(rng):
    # the circle, evenly: the eigenfunctions are cosines, each rate twice
    angle = 2 * math.pi * np.arange(400) / 400
    u, law = np.stack([np.cos(angle), np.sin(angle)], axis=1), mf.BesselLaw(2)
    K = float(mf.stability(law, np.array(1.3), np.array(-0.4), np.array(0.6)))
    rates = np.sort(beyond.growth_rates(beyond.learner_kernel(u, 1.3), K))
    expected = beyond.harmonic_growth(law, 1.3, -0.4, 0.6, 6)
    np.testing.assert_allclose(rates[1:3], expected[0], rtol=1e-3)
    np.testing.assert_allclose(rates[3:5], expected[1], rtol=1e-3)
    np.testing.assert_allclose(rates[5:7], expected[3], rtol=1e-2)
    zero = -4 * mf.relu_mean(2) * 1.3 * K  # degree 0: 4 lambda_0^2 alpha/C_d
    assert rates[0] == pytest.approx(zero, rel=1e-3)


def test_the_rates_are_the_logarithmic_slope_of_the_decay():
    law = mf.BesselLaw(10)
    decay = mf.harmonic_decay(law, 1.0, -0.5, 0.2, [0, 1e-4], degree=4)
    np.testing.assert_allclose(
        np.log(decay[1]) / 2e-4, beyond.harmonic_growth(law, 1.0, -0.5, 0.2, 4), rtol=1e-2, atol=1e-9
    )
    assert decay[1, 0] > 1


def test_the_general_case_has_the_rate_of_its_own_chapter(rng):
    case = general_case.general_case(4, 60, rng)
    kernel = 4 * mf.relu_kernel(np.clip(case.x @ case.x.T / 4, -1, 1), 4)
    pull = (case.y - case.y.mean()) * case.s**2 / (2 * case.B)
    assert beyond.growth_rates(kernel, -pull)[0] == pytest.approx(
        general_case.unstable_mode(case, scale=1e-6).rate, rel=1e-8
    )


def test_inertia_counts_the_growing_modes(rng):
    root, H = rng.standard_normal((12, 12)), rng.standard_normal(12)
    rates = beyond.growth_rates(root @ root.T, H)
    assert np.sum(rates > 0) == np.sum(H < 0) and np.all(np.diff(rates) <= 0)
    direct = np.sort(np.linalg.eigvals(-root @ root.T * H / 12).real)[::-1]
    np.testing.assert_allclose(rates, direct, rtol=1e-8, atol=1e-10)


def test_directions_seen_by_the_kernel_alone_count():
    kernel = np.diag([1.0, 0.0])  # the negative direction of H is not in its range
    np.testing.assert_allclose(beyond.growth_rates(kernel, np.array([1.0, -5.0])), [0, -0.5], atol=1e-15)


def test_the_gain_of_generators_that_commute_is_that_of_their_eigenvalues(rng):
    q, t = np.linalg.qr(rng.standard_normal((5, 5)))[0], np.linspace(0, 2, 9)
    rates = rng.standard_normal(5) * np.cos(3 * t)[:, None]
    generators = q @ (rates[:, :, None] * np.eye(5)) @ q.T
    integral = np.concatenate([np.zeros((1, 5)), np.cumsum((rates[1:] + rates[:-1]) / 2 * np.diff(t)[:, None], axis=0)])
    np.testing.assert_allclose(propagator_gain(generators, t), np.exp(integral).max(axis=1), rtol=1e-10)


def test_the_order_of_the_generators_matters_and_the_solver_agrees():
    # -N H with H of one sign at each time: no eigenvalue is positive, and yet an error grows by two fifths
    N = np.array([[1.0, 0.95], [0.95, 1.0]])
    first, second = -N * np.array([1.0, 0.0]), -N * np.array([0.0, 1.0])
    assert np.linalg.eigvals(first).real.max() <= 1e-15 and np.linalg.eigvals(second).real.max() <= 1e-15
    t = np.linspace(0, 4, 401)
    generators = np.where((t < 2)[:, None, None], first, second)
    exact = expm(2 * second) @ expm(2 * first)
    assert propagator_gain(generators, t)[-1] == pytest.approx(np.linalg.norm(exact, 2), rel=1e-2)
    assert propagator_gain(generators, t).max() > 1.2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: beyond.growth_rates(np.ones((2, 3)), 1.0), "kernel must have shape"),
        (lambda: beyond.growth_rates(np.array([[1.0, 2.0], [0.0, 1.0]]), 1.0), "kernel must be symmetric"),
        (lambda: beyond.growth_rates(np.eye(2), np.ones(3)), "curvature must have shape"),
        (lambda: propagator_gain(np.ones((2, 2, 3)), [0, 1]), "generators must have shape"),
        (lambda: propagator_gain(np.ones((3, 2, 2)), [0, 1]), "generators must have shape"),
        (lambda: beyond.learner_kernel(np.eye(2), 0.0), "alpha must be"),
        (lambda: beyond.learner_kernel(np.ones(3), 1.0), "directions must have at least 2"),
        (lambda: beyond.harmonic_growth(mf.BesselLaw(3), 1.0, 0.5, 0.5, 2), "w2 must be at most 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
