"""rho in closed form against averages, K against differences."""

import math

import numpy as np
import pytest
import torch
from references import circle

import mfdepth as mf

ONE = np.array([-0.5]), np.array([0.2])
MANY = np.array([-0.3, -1.2, -0.6, -0.4, 0.0]), np.array([0.5, 0.2, 0.4, -0.1, 0.05])
SIGNS = np.array([0.3, -1.2, 0.2, -0.4]), np.array([-0.4, 0.2, 0.4, -0.1])


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


@pytest.mark.parametrize(("dtype", "reach"), [(np.float32, 37), (np.float64, 300)])
def test_rho_does_not_depend_on_the_scale_of_the_weights(w1, kind, dtype, reach):
    rho = mf.discretization_error(w1)
    for exponent in (-reach, -reach // 2, -12, 9, reach // 2, reach):
        scaled = kind((w1 * 10.0**exponent).astype(dtype))
        np.testing.assert_allclose(mf.discretization_error(scaled), rho, rtol=2e-5)


def test_rho_is_never_negative(kind):
    for m1 in (3, 20, 150):  # rings, symmetric but for 1/m1^4
        ring = circle(m1)[1]
        for dtype in (np.float32, np.float64):
            rho = float(mf.discretization_error(kind((0.7 * ring).astype(dtype))))
            exact = np.mean((mf.first_layer(ring, circle(9973)[1]) / mf.first_layer_alpha(ring) - 1) ** 2)
            assert 0 <= rho == pytest.approx(exact, rel=1e-2, abs=5e-7 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize(
    ("law", "alpha", "w2", "b2"),
    [
        (mf.BesselLaw(10), 1.0, -0.1, 0.5),
        (mf.BesselLaw(10), 1.0, -0.5, 0.2),
        (mf.BesselLaw(5), 1.3, MANY[0][:4], MANY[1][:4]),
        (mf.GaussianLaw(4), 0.8, *SIGNS),
        (mf.GaussianLaw(4), 0.8, -0.4, 0.3),
        (mf.BallLaw(3), 0.9, np.array([0.7, -0.9]), np.array([-0.3, 0.6])),
    ],
)
def test_stability_is_the_curvature_of_the_loss(law, alpha, w2, b2, kind):
    h = 1e-3
    # five points: the step's error is of fourth order
    losses = [mf.infinite_width(law, alpha + i * h, w2, b2, [0]).loss[0] for i in (-2, -1, 0, 1, 2)]
    curvature = np.dot([-1, 16, -30, 16, -1], losses) / (12 * h * h)
    found = mf.stability(law, *(kind(np.asarray(x, dtype=float)) for x in (alpha, w2, b2)))
    assert float(found) == pytest.approx(curvature, rel=1e-5)


def test_stability_of_one_neuron_is_the_formula_of_the_note():
    law, alpha, w2, b2 = mf.BesselLaw(10), 1.0, np.array([-0.5, -0.1]), np.array([0.2, 0.5])
    R = -b2 / w2
    expected = w2**2 * law.partial_moment(2, R) + w2 * R**2 * law.pdf(R) * np.maximum(1 - R, 0)
    np.testing.assert_allclose(mf.stability(law, np.ones(2), w2, b2), expected, rtol=1e-12)
    assert mf.stability(law, alpha, w2[0], b2[0]) < 0 < mf.stability(law, alpha, w2[1], b2[1])
    # a batch of second layers, and neurons that are flat or dead: they add nothing to S
    layers = np.array([[-0.5, 0.0, -0.3], [-0.1, 0.0, -0.3]]), np.array([[0.2, 0.0, -1.0], [0.5, 0.0, -1.0]])
    three = mf.stability(law, np.ones(2), *layers)
    bend, f = w2**2 * law.partial_moment(2, R) / 9, w2 * R**2 * law.pdf(R) * np.maximum(1 - R, 0) / 3
    np.testing.assert_allclose(three, bend + f, rtol=1e-12)


def test_a_law_without_density_has_its_curvature_off_the_kinks(kind):
    law, point = mf.SphereLaw(3, radius=0.8), (1.1, -0.5, 0.9)
    h = 1e-4  # where the neuron is active, l(alpha) = 1/2 (f* - w2 alpha r - b2)^2
    losses = [mf.infinite_width(law, 1.1 + i * h, -0.5, 0.9, [0]).loss[0] for i in (-1, 0, 1)]
    found = mf.stability(law, *(kind(np.asarray(x)) for x in point))
    assert float(found) == pytest.approx((losses[0] - 2 * losses[1] + losses[2]) / h**2, rel=1e-5)
    assert float(found) == pytest.approx(0.25 * 0.64, rel=1e-12)
    assert mf.stability(law, 1.1, -0.9, 0.3) == 0  # dead at the only radius
    # f = f* exactly, the kink on the sphere: K of the active side
    assert mf.stability(mf.SphereLaw(3), 1.0, -1.0, 1.0) == 1
    with pytest.raises(ValueError, match=r"unless f = f\* there: the loss has a corner in alpha.* got .f. - f. = 0.2"):
        mf.stability(law, 1.0, -0.5, 0.4)


def test_the_curvature_far_from_every_kink_is_that_of_a_parabola():
    # l(alpha) = 1/2 E (f* - w2 alpha r - b2)^2, with E r^2 = d, down to the smallest alpha
    for alpha in (1e-20, 1e-3):
        assert mf.stability(mf.GaussianLaw(4), alpha, -0.5, 0.2) == pytest.approx(0.25 * 4, rel=1e-12)
    for alpha in (1e-200, np.float32(1e-30)):  # whose square is no number
        some = (type(alpha)(x) for x in (alpha, -0.5, 0.2))
        assert mf.stability(mf.GaussianLaw(4), *some) == pytest.approx(0.25 * 4, rel=1e-6)
    assert mf.stability(mf.BesselLaw(10), 1e200, -0.1, 0.5) == 0  # E[r^2; r <= R] at R = 5e-200


def test_numbers_beside_a_tensor_become_its_kind():
    alpha = torch.tensor(1.0, requires_grad=True)
    K = mf.stability(mf.BesselLaw(10), alpha, -0.1, np.float64(0.5))
    assert K.dtype == torch.float32 and not K.requires_grad  # the density is not differentiated
    assert K.item() == pytest.approx(mf.stability(mf.BesselLaw(10), 1.0, -0.1, 0.5), rel=1e-5)
    K = mf.stability(mf.BesselLaw(10), np.ones(2), torch.full((2,), -0.1), [0.5, 0.5])
    assert K.shape == (2,) and K.dtype == torch.float32
    whole = mf.stability(mf.BesselLaw(10), 1.7, torch.tensor(-1), torch.tensor(2))
    assert whole.dtype == torch.float64 and whole == mf.stability(mf.BesselLaw(10), 1.7, -1.0, 2.0)


LAW = mf.BesselLaw(3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "alpha must be positive and not subnormal; got 0.0"),
        ({"alpha": np.float32(0), "w2": np.float32(-0.1), "b2": np.float32(0.5)}, "alpha must be positive .* got 0.0"),
        ({"alpha": 1e-200}, r"alpha, w2 must leave the kinks below 1e\+30 under BesselLaw.* got alpha = 1e-200"),
        ({"w2": 0.1}, "w2 must be at most 0"),
        ({"b2": np.zeros(2)}, "w2, b2 must have alpha's shape"),
        ({"alpha": np.ones(3), "w2": -np.ones((2, 2)), "b2": np.ones((2, 2))}, "w2, b2 must have alpha's shape"),
        ({"alpha": np.ones(1), "w2": -np.ones((3, 2)), "b2": np.ones((3, 2))}, "w2, b2 must have alpha's shape"),
    ],
)
def test_bad_points_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        mf.stability(LAW, **({"alpha": 1.0, "w2": -0.1, "b2": 0.5} | change))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.discretization_error(np.zeros((3, 2))), ValueError, "w1 must have a neuron that is not zero"),
        (lambda: mf.discretization_error(np.ones((0, 2))), ValueError, "w1 must not be empty"),
        (lambda: mf.discretization_error(np.ones(4)), ValueError, "w1 must have at least 2 dimension"),
        (lambda: mf.discretization_error(np.full((2, 2), np.nan)), ValueError, "w1 must be finite"),
        (lambda: mf.discretization_error(np.ones((3, 1))), ValueError, r"last dimension of w1 \(d\)"),
        (lambda: mf.first_layer_alpha("w"), TypeError, "w1 must be a number or an array"),
        (lambda: mf.first_layer_alpha(np.ones((2, 2), dtype=complex)), TypeError, "w1 must hold real numbers"),
    ],
)
def test_bad_first_layers_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_constant_second_layer_has_no_curvature():
    assert mf.stability(LAW, 1.0, 0.0, 0.5) == 0  # its loss is finite, though its velocity is not
