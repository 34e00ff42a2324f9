"""The exact law of the error, against differences along the flow, autograd, quadrature on the circle, and its bounds."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters.discretization.exact import (
    apply_operator,
    contraction,
    error_velocity,
    first_order,
    relative_error,
    rho_velocity,
)
from mfdepth.networks import first_layer

# law, m1, w2, b2: one neuron and several, a kink inside, mixed signs, a law with an edge
NETWORKS = [
    (mf.BesselLaw(2), 3, [-0.5], [0.8]),
    (mf.BesselLaw(5), 7, [-0.5, -0.9, -0.1], [0.2, 0.6, 0.9]),
    (mf.GaussianLaw(3), 20, [-0.7, 0.3, -0.2], [0.9, -0.4, 0.6]),
    (mf.BallLaw(4, 2.0), 2, [0.4], [0.1]),
]


def ring(n):
    angle = 2 * math.pi * (np.arange(n) + 0.5) / n
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@pytest.fixture(params=NETWORKS, ids=str)
def network(request):
    law, m1, w2, b2 = request.param
    rng = np.random.default_rng(m1)
    w1 = rng.standard_normal((m1, law.d)) * rng.lognormal(0, 0.5, (m1, 1))
    u = (
        ring(1000) if law.d == 2 else mf.random_directions(60, law.d, rng)
    )  # any directions: the law holds for their mean
    return law, w1, np.array(w2), np.array(b2), u


def difference(function, w1, velocity):
    """The derivative of a function of the first layer along a velocity."""
    h = 1e-6 * np.linalg.norm(w1) / np.linalg.norm(velocity)
    return (function(w1 + h * velocity) - function(w1 - h * velocity)) / (2 * h)


def test_rho_moves_as_the_exact_law_says(network):
    law, w1, w2, b2, u = network
    dw1 = mf.velocity(law, w1, w2, b2, u)[0]
    scale = np.linalg.norm(dw1) / np.linalg.norm(w1)
    found = rho_velocity(law, w1, w2, b2, u)
    assert found == pytest.approx(difference(mf.discretization_error, w1, dw1), abs=2e-9 * scale)
    start = torch.as_tensor(w1).requires_grad_()
    [gradient] = torch.autograd.grad(mf.discretization_error(start), start)
    assert found == pytest.approx(float(np.sum(gradient.numpy() * dw1)), abs=1e-12 * scale)


def test_the_error_moves_in_every_direction_as_the_exact_law_says(network):
    law, w1, w2, b2, u = network
    dw1 = mf.velocity(law, w1, w2, b2, u)[0]
    expected = difference(lambda w: relative_error(w, u), w1, dw1)
    off = np.abs(error_velocity(law, w1, w2, b2, u, (2.0, 1.0)) / 2 - expected)
    # where a neuron's edge passes a direction a difference sees half of each side
    assert np.quantile(off, 0.9) < 1e-8 * np.abs(expected).max()


def test_rho_moves_so_along_a_simulated_flow():
    law, rates = mf.BesselLaw(6), (1.5, 1.0)
    rng = np.random.default_rng(1)
    w1, w2, b2 = mf.init_first_layer(6, 24, 1.0, rng), np.array([-0.6, -0.2]), np.array([0.3, 0.5])
    u, h = mf.orthogonal_directions(600, 6, rng), 1e-3
    run = mf.finite_width(law, w1, w2, b2, [0, h, 2 * h], rates, directions=u, step=h, tolerance=1.0)
    slope = (4 * run.rho[1] - 3 * run.rho[0] - run.rho[2]) / (2 * h)
    assert rho_velocity(law, w1, w2, b2, u, rates) == pytest.approx(slope, rel=1e-4)


def test_what_all_directions_ask_alike_does_not_move_the_error(rng):
    u = ring(20_000)
    for m1 in (1, 2, 9):
        w1, x, y = rng.standard_normal((m1, 2)), rng.standard_normal(len(u)), rng.standard_normal(len(u))
        Nx, Ny = apply_operator(w1, x, u), apply_operator(w1, y, u)
        assert np.abs(apply_operator(w1, np.ones(len(u)), u)).max() < 2e-4  # N 1 = 0, up to the grid
        assert np.mean(x * Ny) == pytest.approx(np.mean(y * Nx), rel=1e-9)  # symmetric
        np.testing.assert_allclose(apply_operator(w1, np.stack([x, y]), u), [Nx, Ny], rtol=1e-9, atol=1e-12)
        assert np.mean(x * Nx) >= 0


def test_shifting_the_slope_of_the_loss_changes_nothing(network):
    # N 1 = 0 in the library's numbers: E_u[N e] = 0, whatever the neurons
    _, w1, _, _, _ = network
    if w1.shape[1] == 2:
        u = ring(4000)
        e = relative_error(w1, u)
        assert abs(np.mean(apply_operator(w1, e, u))) < 1e-4 * np.abs(e).max()


def test_the_contraction_is_its_mean_over_the_circle(rng):
    u = ring(40_000)
    for m1 in (1, 3, 12):
        w1 = rng.standard_normal((m1, 2))
        e = relative_error(w1, u)
        assert contraction(w1) == pytest.approx(np.mean(e * apply_operator(w1, e, u)), rel=2e-4, abs=1e-9)


def test_near_round_the_contraction_is_that_of_the_harmonics():
    # N at nu uniform has the eigenvalue (4 + l (l + d - 2)) lambda_l^2 on degree l
    w1 = mf.init_first_layer(3, 1500, 1.0, 0)
    degrees = np.arange(1, 31)
    eigenvalues = (4 + degrees * (degrees + 1)) * mf.relu_eigenvalues(3, 30)[1:] ** 2
    assert contraction(w1) == pytest.approx(mf.harmonic_errors(w1, 30) @ eigenvalues, rel=0.08)  # O(m1^-1/2)


def test_where_the_loss_is_quadratic_the_first_order_is_exact(rng):
    # inputs in a ball that every kink leaves alone: no smallness, two neurons far from round
    law, w1, u = mf.BallLaw(2, 0.5), np.array([[1.0, 0.2], [-0.3, 0.4]]), ring(100_000)
    w2, b2 = np.array([-0.2, -0.1]), np.array([0.4, 0.7])
    found, expected = rho_velocity(law, w1, w2, b2, u, (3.0, 1.0)), first_order(law, w1, w2, b2, u, (3.0, 1.0))
    assert mf.discretization_error(w1) > 0.7 and found < 0
    assert found == pytest.approx(expected.velocity, rel=1e-4)
    assert expected.remainder < 1e-7 * abs(expected.velocity)
    K, alpha = mf.stability(law, mf.first_layer_alpha(w1), w2, b2), mf.first_layer_alpha(w1)
    assert found == pytest.approx(-6 * alpha * K / mf.relu_mean(2) * contraction(w1), rel=1e-4)


@pytest.mark.parametrize("d", [2, 3, 10])
def test_the_bounds_of_the_lemma_hold(d, rng):
    u = mf.random_directions(400, d, rng)
    for m1 in (2, 5, 30):
        w1 = rng.standard_normal((m1, d)) * rng.lognormal(0, 1, (m1, 1))
        assert 0 <= contraction(w1) <= 4 * (1 / (2 * d) - mf.relu_mean(d) ** 2) * mf.discretization_error(w1)
        x = rng.standard_normal(len(u)) * rng.lognormal(0, 2, len(u))
        Nx = apply_operator(w1, x, u)
        square = np.mean(x * Nx)
        assert square <= 25 / 16 * np.mean(abs(x)) ** 2 and np.abs(Nx).max() <= 1.25 * math.sqrt(square)


def test_two_of_the_bounds_are_met_by_two_neurons():
    # three eighths of nu point at the one direction that is asked, the rest are orthogonal to it, but just active
    w1 = np.array([[3**0.5, 0.0], [5**0.5 * 1e-6, 5**0.5]])
    u, x = np.array([[1.0, 0.0], [0.0, -1.0]]), np.array([2.0, 0.0])
    Nx = apply_operator(w1, x, u)
    assert np.mean(x * Nx) == pytest.approx(25 / 16, rel=1e-5)
    assert Nx[0] == pytest.approx(1.25 * math.sqrt(np.mean(x * Nx)), rel=1e-5)


def test_the_first_order_is_off_by_less_than_its_remainder(rng):
    u, seen = ring(20_000), []
    for law in (mf.BesselLaw(2), mf.GaussianLaw(2)):
        for m1 in (2, 6, 20):
            w1 = rng.standard_normal((m1, 2))
            w2, b2 = -rng.uniform(0.1, 1, 2), rng.uniform(0.2, 1, 2)
            found, bound = rho_velocity(law, w1, w2, b2, u), first_order(law, w1, w2, b2, u)
            seen.append(abs(found - bound.velocity) / bound.remainder)
            alpha, rho = mf.first_layer_alpha(w1), mf.discretization_error(w1)
            by_hand = 2.5 * math.sqrt(math.pi**2 / 4 - 1) * bound.bending * alpha**2 * rho**1.5
            assert bound.remainder == pytest.approx(by_hand, rel=1e-12)
            fast = first_order(law, w1, w2, b2, u, (3.0, 1.0))
            assert fast.remainder == pytest.approx(3 * by_hand, rel=1e-12)
    assert 0.02 < max(seen) < 1


def test_the_bending_is_that_of_the_curvature_along_the_range_of_F(rng):
    # l'(F) - l'(alpha) is the integral of K, by Gauss's rule
    law, w1, u = mf.BesselLaw(4), mf.init_first_layer(4, 30, 1.0, rng), mf.random_directions(12, 4, rng)
    alpha, F = float(mf.first_layer_alpha(w1)), first_layer(w1, u)
    x, weights = np.polynomial.legendre.leggauss(40)
    a = (F + alpha) / 2 + (F - alpha) / 2 * x[:, None]
    K, at_alpha = (mf.stability(law, at, np.full_like(at, -0.3), np.full_like(at, 0.5)) for at in (a, np.array(alpha)))
    slope = weights @ (K - at_alpha) * (F - alpha) / 2
    bending = np.max(2 * np.abs(slope) / (F - alpha) ** 2)
    found = first_order(law, w1, np.array([-0.3]), np.array([0.5]), u)
    assert found.bending == pytest.approx(bending, rel=1e-6)
    small = first_order(law, 2.0**-10 * w1, 2.0**20 * np.array([-0.3]), np.array([0.5]), u)  # the same network
    assert small.bending * 2.0**-60 == pytest.approx(float(found.bending), rel=1e-9)
    assert small.stability * 2.0**-40 == pytest.approx(float(found.stability), rel=1e-9)


@pytest.mark.parametrize("power", [-500, -30, 30, 500])
def test_the_relative_error_does_not_depend_on_the_scale_of_the_weights(power, rng, kind):
    w1, u = rng.standard_normal((6, 4)), mf.random_directions(9, 4, rng)
    expected = first_layer(w1, u) / mf.first_layer_alpha(w1) - 1
    np.testing.assert_allclose(
        relative_error(kind(w1 * 10.0 ** (power * 0.6)), kind(u)), expected, rtol=1e-12, atol=1e-13
    )
    if abs(power) < 100:
        some = (kind(x.astype(np.float32)) for x in (w1 * 10.0**power, u))
        np.testing.assert_allclose(relative_error(*some), expected, rtol=1e-5, atol=1e-6)


def test_in_single_precision_a_tiny_first_layer_has_a_first_order():
    # alpha K = c b |w| in the limit, with p(r) = c/r^2 far out, so rho' is that of another tiny layer
    law, u = mf.BesselLaw(10), mf.orthogonal_directions(40, 10, 1)
    w1, second = mf.init_first_layer(10, 16, 1.0, 0), (np.array([-0.1]), np.array([0.5]))
    tiny, small = (first_order(law, (w1 * x).astype(np.float32), *second, u) for x in (1e-12, 1e-4))
    assert tiny.velocity == pytest.approx(float(small.velocity), rel=1e-4) and tiny.bending == np.inf
    assert np.isfinite(tiny.remainder) and tiny.stability == pytest.approx(1e16 * float(small.stability), rel=1e-4)


def test_a_positive_curvature_is_not_enough():
    # a kink inside, in high dimension: K > 0 at alpha, and yet rho grows
    law, rng = mf.BesselLaw(100), np.random.default_rng(4)
    w1, u = mf.init_first_layer(100, 256, 1.0, rng), mf.orthogonal_directions(20_000, 100, np.random.default_rng(0))
    w2, b2 = np.array([-0.5]), np.array([0.2])
    assert float(mf.stability(law, mf.first_layer_alpha(w1), -0.5, 0.2)) == pytest.approx(0.0120, abs=5e-5)
    found = rho_velocity(law, w1, w2, b2, u)
    assert found == pytest.approx(6.92e-5, rel=5e-3)  # 300,000 directions: 6.920e-5
    bound = first_order(law, w1, w2, b2, u)
    assert bound.velocity < 0 < found <= bound.velocity + bound.remainder


def test_nor_is_it_in_the_plane_with_three_neurons():
    law, w1 = mf.BesselLaw(2), np.array([[0.68, 1.27], [0.33, 2.43], [1.16, -0.14]])
    w2, b2, alpha = np.array([-0.148]), np.array([0.152]), mf.first_layer_alpha(w1)
    assert float(mf.stability(law, alpha, -0.148, 0.152)) == pytest.approx(0.00265, abs=5e-6)
    assert 0.152 / (0.148 * alpha) == pytest.approx(1.024, abs=5e-4)  # the kink at alpha lies beyond 1
    assert rho_velocity(law, w1, w2, b2, ring(20_000)) == pytest.approx(3.896e-4, rel=1e-3)
    run = mf.finite_width(law, w1, w2, b2, [0, 0.5, 1, 2], (1.0, 1e-12), directions=ring(2000), step=0.05)
    np.testing.assert_allclose(run.rho, [1.04680, 1.04698, 1.04713, 1.04734], atol=6e-6)
    assert np.all(mf.stability(law, run.alpha, run.w2[:, 0], run.b2[:, 0]) > 0)


def test_batches_and_kinds_come_back(rng, kind):
    law, w1 = mf.BesselLaw(4), rng.standard_normal((2, 3, 6, 4))
    w2, b2 = -rng.uniform(0.1, 1, (2, 3, 2)), rng.uniform(0.1, 1, (2, 3, 2))
    u = mf.random_directions(30, 4, rng)
    arrays = [kind(x) for x in (w1, w2, b2, u)]
    both, moved = rho_velocity(law, *arrays), error_velocity(law, *arrays)
    assert type(both) is type(kind(w1)) and both.shape == (2, 3) and moved.shape == (2, 3, 30)
    one = rho_velocity(law, w1[1, 2], w2[1, 2], b2[1, 2], u)
    assert float(both[1, 2]) == pytest.approx(one, rel=1e-12)
    np.testing.assert_allclose(moved[0, 1], error_velocity(law, w1[0, 1], w2[0, 1], b2[0, 1], u), rtol=1e-10)
    bound = first_order(law, *arrays)
    alone = first_order(law, w1[0, 1], w2[0, 1], b2[0, 1], u)
    assert float(bound.remainder[0, 1]) == pytest.approx(float(alone.remainder), rel=1e-9)
    assert contraction(kind(w1)).shape == (2, 3) and relative_error(kind(w1), kind(u)).shape == (2, 3, 30)


def test_neurons_at_zero_do_not_count(network):
    _, w1, _, _, u = network
    more = np.concatenate([w1, 0 * w1])
    # the same law of directions at half of alpha: the loss asks for something else, the operator is the same
    assert contraction(more) == pytest.approx(contraction(w1), rel=1e-12)
    np.testing.assert_allclose(apply_operator(more, u[:, 0], u), apply_operator(w1, u[:, 0], u), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: rho_velocity(mf.BesselLaw(3), np.eye(3), np.array([0.1]), np.ones(1), np.eye(3)),
            "w2 must be at most 0",
        ),
        (lambda: rho_velocity(mf.BesselLaw(3), np.eye(3), -np.ones(1), np.ones(1), np.eye(3), (0, 1)), r"rates\[0\]"),
        (lambda: rho_velocity(mf.BesselLaw(3), np.eye(2), -np.ones(1), np.ones(1), np.eye(3)), "w1 must have shape"),
        (lambda: apply_operator(np.eye(3), 1.0, np.eye(3)), "x must have at least 1 dimension"),
        (lambda: apply_operator(np.eye(3), np.ones((3, 4)), np.eye(3)), r"x must have shape \(..., n\), n = 3"),
        (lambda: relative_error(np.eye(3), np.eye(2)), r"directions must have shape \(n, d\) with d = 3"),
        (lambda: contraction(np.zeros((2, 2))), "w1 must have a neuron that is not zero"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("function", [rho_velocity, error_velocity, first_order])
def test_a_second_layer_that_is_flat_has_no_velocity(function):
    with pytest.raises(ValueError, match="w2 must be below 0 where b2 > 0"):
        function(mf.BesselLaw(3), np.eye(3), np.array([0.0]), np.array([0.5]), np.eye(3))
