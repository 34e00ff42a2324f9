"""The first layer as an empirical measure: closed forms against averages over directions."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf


@pytest.fixture
def w1(rng):
    return rng.standard_normal((6, 4))


def test_alpha_and_rho_are_averages_over_the_sphere(w1, rng, kind):
    u = mf.orthogonal_directions(80_000, 4, rng)
    F = mf.first_layer(w1, u)
    alpha = float(mf.first_layer_alpha(kind(w1)))
    assert abs(F.mean() - alpha) < 4 * F.std() / math.sqrt(len(u))
    square = (F / alpha - 1) ** 2
    assert abs(square.mean() - float(mf.discretization_error(kind(w1)))) < 4 * square.std() / math.sqrt(len(u))


def test_rho_on_the_circle_is_its_integral(rng):
    w1 = rng.standard_normal((5, 2))
    phi = 2 * math.pi * (np.arange(100_000) + 0.5) / 100_000
    F = mf.first_layer(w1, np.stack([np.cos(phi), np.sin(phi)], axis=1))
    assert mf.discretization_error(w1) == pytest.approx(np.mean((F / F.mean() - 1) ** 2), rel=1e-8)
    assert mf.first_layer_alpha(w1) == pytest.approx(F.mean(), rel=1e-9)


def test_rho_knows_its_symmetries(w1, rng):
    rho = mf.discretization_error(w1)
    rotation = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    assert mf.discretization_error(3 * w1 @ rotation) == pytest.approx(rho, rel=1e-12)
    assert mf.discretization_error(w1[::-1]) == pytest.approx(rho, rel=1e-12)
    assert mf.discretization_error(np.concatenate([w1, 0 * w1])) == pytest.approx(rho, rel=1e-12)


def test_rho_of_gaussian_neurons_has_the_expected_mean(rng):
    d, m1, seeds = 10, 64, 400
    w1 = np.stack([mf.init_first_layer(d, m1, 1.0, rng) for _ in range(seeds)])
    rho = mf.discretization_error(w1)
    assert rho.shape == (seeds,)
    # directions and lengths are independent and the squared lengths, over their sum, follow a Dirichlet law: exact
    expected = (1 / (2 * d * mf.relu_mean(d) ** 2) - 1) * (d + 2) / (d * m1 + 2)
    assert abs(rho.mean() - expected) < 4 * rho.std() / math.sqrt(seeds)


def test_initialisation_has_the_alpha_asked_for(rng):
    alpha = [mf.first_layer_alpha(mf.init_first_layer(20, 50, 0.7, rng)) for _ in range(300)]
    assert abs(np.mean(alpha) - 0.7) < 4 * np.std(alpha) / math.sqrt(300)
    assert mf.init_first_layer(3, 5, 1.0, torch.Generator().manual_seed(0)).shape == (5, 3)


def test_first_layer_is_homogeneous(w1, rng):
    x = rng.standard_normal((3, 4))
    np.testing.assert_allclose(mf.first_layer(2 * w1, 3 * x), 12 * mf.first_layer(w1, x), rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.init_first_layer(3, 0, 1.0, np.random.default_rng(0)), ValueError, "m1 must be a whole number"),
        (lambda: mf.init_first_layer(3, 4, -1.0, np.random.default_rng(0)), ValueError, "alpha must be a positive"),
        (lambda: mf.discretization_error(np.zeros((3, 2))), ValueError, "w1 must have a neuron that is not zero"),
        (lambda: mf.discretization_error(np.ones((0, 2))), ValueError, "w1 must not be empty"),
        (lambda: mf.discretization_error(np.ones(4)), ValueError, "w1 must have at least 2 dimension"),
        (lambda: mf.discretization_error(np.full((2, 2), np.nan)), ValueError, "w1 must be finite"),
        (lambda: mf.discretization_error(np.ones((3, 1))), ValueError, r"last dimension of w1 \(d\)"),
        (lambda: mf.first_layer_alpha("w"), TypeError, "w1 must be a number or an array"),
        (lambda: mf.first_layer_alpha(np.ones((2, 2), dtype=complex)), TypeError, "w1 must hold real numbers"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
