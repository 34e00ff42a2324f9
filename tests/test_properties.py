"""Properties of everything that is drawn: laws, dimensions, widths, weights of both signs, directions, scales.

Weights and directions come from a seeded generator, the rest from hypothesis; the draws are the same in every run.
"""

import math
from dataclasses import astuple

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import mfdepth as mf
from mfdepth.infinite import packed
from mfdepth.radius import hinges, pieces

SEEDS = st.integers(0, 2**32 - 1)
DIMENSIONS = st.sampled_from([2, 3, 4, 7, 10])  # few: a Bessel law's table is built once a dimension
SCALES = st.floats(0.4, 2.5)
DENSE = st.one_of(
    st.builds(mf.BesselLaw, DIMENSIONS, SCALES),
    st.builds(mf.GaussianLaw, DIMENSIONS),
    st.builds(mf.BallLaw, DIMENSIONS, SCALES),
)
LAWS = st.one_of(DENSE, st.builds(mf.SphereLaw, DIMENSIONS, SCALES))
READINGS = st.sampled_from(["layer 2 on F~", "mean of f"])


def check(examples):
    """The same draws each time, as many as the file can afford."""
    return settings(max_examples=examples, deadline=None, database=None, derandomize=True)


@st.composite
def first_layers(draw, dimensions=DIMENSIONS, least=1):
    """(m1, d): Gaussian neurons, some of them dead or doubled, of any overall size."""
    d, m1 = draw(dimensions), draw(st.integers(least, 9))
    w1 = draw(SCALES) * np.random.default_rng(draw(SEEDS)).standard_normal((m1, d))
    w1[1:][draw(st.lists(st.booleans(), min_size=m1 - 1, max_size=m1 - 1))] = draw(st.sampled_from([0.0, 1.0])) * w1[0]
    return w1


@st.composite
def networks(draw, laws=LAWS):
    """(law, w1, w2, b2, directions): a start that the flow accepts; w2 of both signs where the law allows it."""
    law = draw(laws)
    w1 = draw(first_layers(st.just(law.d)))
    rng, m2 = np.random.default_rng(draw(SEEDS)), draw(st.integers(1, 6))
    w2, b2 = draw(SCALES) * rng.standard_normal(m2), rng.standard_normal(m2)
    if law.second_moment == math.inf:
        w2 = -np.abs(w2)
    w2[0], b2[0] = -abs(w2[0]), abs(b2[0])  # alive
    return law, w1, w2, b2, mf.random_directions(draw(st.integers(1, 12)), law.d, rng)


def assert_close(value, wanted, size=1.0, relative=1e-9):
    np.testing.assert_allclose(value, wanted, rtol=relative, atol=relative * size)


def largest(*velocity):
    """The size to compare a velocity with: where it vanishes, only rounding is left of it."""
    return 1e-3 + max(np.max(np.abs(v)) for v in velocity)


# --- symmetries -----------------------------------------------------------------------------------------------------


@check(60)
@given(networks(), SEEDS)
def test_turning_everything_turns_the_velocity_and_nothing_else(network, seed):
    law, w1, w2, b2, u = network
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((law.d, law.d)))[0]
    turned = law, w1 @ turn, w2, b2, u @ turn
    assert_close(mf.first_layer(w1 @ turn, 3 * u @ turn), 3 * mf.first_layer(w1, u))
    assert_close(mf.first_layer_alpha(w1 @ turn), mf.first_layer_alpha(w1))
    assert_close(mf.discretization_error(w1 @ turn), mf.discretization_error(w1))
    assert_close(mf.loss(*turned), mf.loss(*network))
    (dw1, *rest), (dw1_turned, *rest_turned) = mf.velocity(*network), mf.velocity(*turned)
    size = largest(dw1, *rest)
    assert_close(dw1_turned, dw1 @ turn, size)
    for value, wanted in zip(rest_turned, rest, strict=True):
        assert_close(value, wanted, size)


@check(60)
@given(networks(), SEEDS)
def test_the_order_of_neurons_and_of_directions_means_nothing(network, seed):
    law, w1, w2, b2, u = network
    rng = np.random.default_rng(seed)
    first, second, rows = (rng.permutation(len(x)) for x in (w1, w2, u))
    mixed = law, w1[first], w2[second], b2[second], u[rows]
    assert_close(mf.discretization_error(w1[first]), mf.discretization_error(w1))
    assert_close(mf.loss(*mixed), mf.loss(*network))
    velocity, moved = mf.velocity(*network), mf.velocity(*mixed)
    size = largest(*velocity)
    for value, wanted, order in zip(moved, velocity, (first, second, second), strict=True):
        assert_close(value, wanted[order], size)


@check(60)
@given(networks(), st.integers(2, 4))
def test_a_network_is_a_measure_copies_of_its_neurons_change_nothing(network, copies):
    law, w1, w2, b2, u = network
    many = law, np.tile(w1, (copies, 1)), np.tile(w2, copies), np.tile(b2, copies), u
    assert_close(mf.discretization_error(many[1]), mf.discretization_error(w1))
    assert_close(mf.loss(*many), mf.loss(*network))
    velocity = mf.velocity(*network)
    size = largest(*velocity)
    for value, wanted in zip(mf.velocity(*many), velocity, strict=True):
        assert_close(value, np.tile(wanted, (copies,) + (1,) * (wanted.ndim - 1)), size)


@check(60)
@given(networks(), SCALES)
def test_the_first_layer_is_homogeneous(network, s):
    law, w1, w2, b2, u = network
    F = mf.first_layer(w1, u)
    assert_close(mf.first_layer(s * w1, u), s**2 * F)
    assert_close(mf.first_layer(w1, s * u), s * F)
    assert_close(mf.first_layer_alpha(s * w1), s**2 * mf.first_layer_alpha(w1))
    assert_close(mf.discretization_error(s * w1), mf.discretization_error(w1))
    # what F gains the second layer can give back; then w1 feels a force 1/s as large, and w2 one s^2 as large
    other = law, s * w1, w2 / s**2, b2, u
    assert_close(mf.loss(*other), mf.loss(*network))
    (dw1, dw2, db2), moved = mf.velocity(*network), mf.velocity(*other)
    size = largest(dw1, dw2, db2)
    for value, wanted in zip(moved, (dw1 / s, dw2 * s**2, db2), strict=True):
        assert_close(value, wanted, size * max(s**2, 1 / s))


# --- the flow -------------------------------------------------------------------------------------------------------


@check(80)
@given(networks(), SCALES, SCALES)
def test_the_conserved_number_has_no_velocity(network, eta_1, eta_2):
    # d/dt (alpha - 2 C_d (eta_1/eta_2) E w2^2), for any weights and any set of directions
    law, w1, w2, _, _ = network
    dw1, dw2, _ = mf.velocity(*network)
    growth = 2 * mf.relu_mean(law.d) * np.mean(np.sum(w1 * dw1, axis=1)) * eta_1
    paid = 2 * mf.relu_mean(law.d) * eta_1 / eta_2 * np.mean(2 * w2 * dw2) * eta_2
    assert_close(growth, paid, np.max(np.abs(w1)) * np.max(np.abs(dw1)) + np.max(np.abs(w2 * dw2)), 1e-11)


@check(80)
@given(networks(), SCALES, SCALES)
def test_the_conserved_number_has_no_velocity_at_infinite_width(network, eta_1, eta_2):
    law, w1, w2, b2, _ = network
    alpha = mf.first_layer_alpha(w1)
    start, velocity, _ = packed(law, alpha, w2, b2, (eta_1, eta_2))
    speed, second = velocity(0.0, start), slice(1, len(w2) + 1)
    if np.any(start[second] != w2):  # log(-w2) is followed
        speed[second] *= w2
    paid = 4 * mf.relu_mean(law.d) * eta_1 / eta_2 * np.mean(w2 * speed[second])
    whole = alpha + np.sum(np.abs(w2)) + np.sum(np.abs(b2))
    rounding = 1e-4 * eta_1 * alpha * np.max(np.abs(w2)) * whole  # where the velocity is zero
    assert_close(speed[0], paid, np.max(np.abs(speed)) + rounding, 1e-11)


DEAD = np.array([[0.1, -0.2], [0.0, 0.0]]), np.array([-0.1, -0.1, 0.6]), np.array([0.1, -0.5, 0.4]), np.eye(2)


@check(60)
@given(networks())
@example((mf.GaussianLaw(2), *DEAD))  # neurons that are dead, or active everywhere, have their kink at 0
@example((mf.BesselLaw(2), DEAD[0], -np.abs(DEAD[1]), *DEAD[2:]))
def test_the_velocity_is_autograd_of_the_loss(network):
    law, *arrays, u = network
    tensors = [torch.as_tensor(x).requires_grad_() for x in arrays]
    gradients = torch.autograd.grad(mf.loss(law, *tensors, torch.as_tensor(u)), tensors)
    velocity = mf.velocity(*network)
    size = largest(*velocity)
    for value, gradient in zip(velocity, gradients, strict=True):
        assert_close(value, -len(value) * gradient.numpy(), size)


@check(60)
@given(networks(DENSE))
def test_along_the_flow_the_loss_falls_at_the_rate_of_the_speed_squared(network):
    law, *arrays, u = network
    velocity = mf.velocity(*network)
    speed = np.mean(np.sum(velocity[0] ** 2, axis=1)) + np.mean(velocity[1] ** 2) + np.mean(velocity[2] ** 2)
    h = 1e-6 / max(1.0, *(np.max(np.abs(v)) for v in velocity))
    ahead, behind = (
        mf.loss(law, *(x + sign * h * v for x, v in zip(arrays, velocity, strict=True)), u) for sign in (1, -1)
    )
    assert_close((ahead - behind) / (2 * h), -speed, max(1.0, float(mf.loss(*network))), 1e-5)


# --- the loss split, and the discretization error -------------------------------------------------------------------


@check(60)
@given(networks(), READINGS)
def test_the_terms_sum_to_the_loss(network, reading):
    law, w1, w2, b2, u = network
    first, second, cross, whole = astuple(mf.decompose(*network, symmetrize=reading))
    size = first + second
    assert first >= 0 and second >= -1e-13 * size
    assert_close(first + second - cross, whole, size, 1e-12)
    if reading == "mean of f":
        assert abs(cross) <= 1e-11 * size
        assert_close(whole, mf.loss(*network), size, 1e-11)
        return
    # the linear part that this reading leaves out, from the speed of alpha: alpha' = 4 C_d alpha E[g S r]
    alpha = float(mf.first_layer_alpha(w1))
    start, velocity, _ = packed(law, alpha, w2, b2, (1.0, 1.0))
    pull = velocity(0.0, start)[0] / (4 * mf.relu_mean(law.d) * alpha)
    linear = pull * (np.mean(mf.first_layer(w1, u)) - alpha)
    assert_close(whole - linear, mf.loss(*network), size + abs(linear), 1e-11)
    run = mf.infinite_width(law, alpha, w2, b2, [0])
    assert_close(first, run.loss[0], size, 1e-11)


@check(100)
@given(first_layers())
def test_rho_is_at_least_zero_and_at_most_that_of_one_neuron(w1):
    d, rho = w1.shape[1], float(mf.discretization_error(w1))
    most = 1 / (2 * d * mf.relu_mean(d) ** 2) - 1
    assert -1e-13 <= rho <= most * (1 + 1e-12)
    assert_close(mf.discretization_error(w1[:1]), most)


@check(25)
@given(first_layers(st.just(2)))
def test_rho_is_the_variance_of_F_around_the_circle(w1):
    phi = 2 * math.pi * (np.arange(4096) + 0.5) / 4096
    F = mf.first_layer(w1, np.stack([np.cos(phi), np.sin(phi)], axis=1))
    assert_close(mf.first_layer_alpha(w1), F.mean(), relative=1e-5)
    assert_close(mf.discretization_error(w1), F.var() / F.mean() ** 2, relative=1e-5)


# --- the prediction at the start --------------------------------------------------------------------------------------

STARTS = st.tuples(st.floats(0.5, 2.0), st.floats(-1.0, -0.05), st.floats(0.1, 1.0))


@check(40)
@given(DENSE, STARTS, st.integers(1, 500), st.integers(1, 40))
def test_the_prediction_starts_at_the_exact_expectation(law, start, m1, degree):
    # whatever the degree: what is beyond it comes from the closed form of the total
    d = law.d
    one = 1 / (2 * d * mf.relu_mean(d) ** 2) - 1
    for lengths, factor in (("equal", 1 / m1), ("gaussian", (d + 2) / (d * m1 + 2))):
        [value] = mf.predict_rho(law, *start, m1, [0], degree=degree, lengths=lengths)
        assert value == pytest.approx(one * factor, rel=1e-13)


@check(6)
@given(DIMENSIONS, st.integers(1, 12), SEEDS)
def test_that_expectation_is_the_mean_of_drawn_first_layers(d, m1, seed):
    rng, n = np.random.default_rng(seed), 4000
    gaussian = rng.standard_normal((n, m1, d))
    layers = {"gaussian": gaussian, "equal": gaussian / np.linalg.norm(gaussian, axis=-1, keepdims=True)}
    for lengths, w1 in layers.items():
        rho = mf.discretization_error(w1)
        [expected] = mf.predict_rho(mf.GaussianLaw(d), 1.0, -0.1, 0.5, m1, [0], lengths=lengths)
        assert abs(rho.mean() - expected) <= 4.5 * rho.std() / math.sqrt(n) + 1e-12


@check(40)
@given(networks(), st.integers(1, 30))
def test_the_prediction_for_given_neurons_starts_at_their_own_rho(network, degree):
    law, w1, w2, b2, _ = network
    assume(not isinstance(law, mf.SphereLaw))  # its flow jumps where a kink meets the sphere
    alpha = float(mf.first_layer_alpha(w1))
    [value] = mf.predict_rho(law, alpha, w2, b2, len(w1), [0], w1=w1, degree=degree)
    assert_close(value, mf.discretization_error(w1), relative=1e-13)


# --- partial moments --------------------------------------------------------------------------------------------------

RADII = st.floats(0.05, 3.0)


def quadrature(law, values, edges):
    """E[values(r); edges[0] <= r <= edges[-1]] by Gauss-Legendre on short panels between the edges."""
    fine = np.unique(np.concatenate([edges, np.linspace(edges[0], edges[-1], 120)]))
    x, w = np.polynomial.legendre.leggauss(20)
    half = np.diff(fine)[:, None] / 2
    r = fine[:-1, None] + half * (1 + x)
    return float(np.sum(half * w * law.pdf(r) * values(r)))


def splits(law, *points):
    """Those points in order, with the end of a ball between them."""
    end = [law.radius] if isinstance(law, mf.BallLaw) and min(points) < law.radius < max(points) else []
    return np.unique([*points, *end])


@check(80)
@given(DENSE, RADII, RADII, st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_partial_moments_integrate_polynomials_exactly(law, a, b, coefficients):
    a, b = sorted((a, b))
    moments = np.array([[float(law.partial_moment(k, r)) for k in range(4)] for r in (a, b)])

    def polynomial(r):
        return np.polynomial.polynomial.polyval(r, coefficients)

    size = float(np.abs(coefficients) @ moments[1])
    for low, high, found in ((0.0, b, moments[1]), (a, b, moments[1] - moments[0])):  # split at a, and whole
        expected = quadrature(law, polynomial, splits(law, low, high))
        assert float(found @ coefficients) == pytest.approx(expected, abs=1e-11 * (size + 1e-3))


@check(80)
@given(LAWS, RADII, RADII)
def test_partial_moments_are_those_of_a_measure(law, a, b):
    a, b = sorted((a, b))
    low, high = ([float(law.partial_moment(k, r)) for k in range(4)] for r in (a, b))
    for k in range(4):
        assert -1e-15 <= low[k] <= high[k] + 1e-14  # monotone
    slack = 1e-13
    between = np.subtract(high, low)
    for k in range(3):
        assert a * between[k] - slack <= between[k + 1] <= b * between[k] + slack  # r lies between a and b
    assert between[1] ** 2 <= between[0] * between[2] + slack and between[2] ** 2 <= between[1] * between[3] + slack
    assert high[0] <= 1 + 1e-14 and float(law.cdf(b)) == high[0]
    assert float(law.cdf(law.ppf(high[0]))) >= high[0] - 1e-12


@check(40)
@given(networks(DENSE))
def test_products_of_piecewise_linear_functions_are_integrated_exactly(network):
    law, w1, w2, b2, u = network
    F, r_max = mf.first_layer(w1, u[:1]), 3.0
    (f, cut), inner = pieces(
        law, (hinges(F, w2, b2), (np.ones((1, 1)), -np.ones((1, 1)) / r_max, np.full((1, 1), r_max)))
    )
    with np.errstate(divide="ignore"):
        kinks = -b2 / (w2 * F)
    kinks = kinks[(kinks > 0) & (kinks < r_max)]

    def tent(r):
        return 1 - r / r_max

    def network_at(r):
        return np.mean(np.maximum(w2 * F * r[..., None] + b2, 0), axis=-1)

    edges = splits(law, 0.0, r_max, *kinks)
    size = 1 + float(inner(cut, cut)[0]) + np.max(np.abs(w2)) * F[0] * r_max
    for found, values in (
        (inner(f, cut), lambda r: network_at(r) * tent(r)),
        (inner(cut, cut), lambda r: tent(r) ** 2),
    ):
        assert float(found[0]) == pytest.approx(quadrature(law, values, edges), abs=1e-11 * size)
