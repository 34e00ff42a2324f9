"""How rho shrinks to first order: decay against the integrated rates and trained layers, prediction against runs."""

import math

import numpy as np
import pytest
import torch
from references import circle

import mfdepth as mf
from mfdepth.chapters.discretization.decay import AT_ONCE
from mfdepth.chapters.discretization.harmonics import expected_harmonics

LAW = mf.BesselLaw(3)


def test_the_decay_under_a_law_without_density_is_that_of_its_curvature():
    # f = f* exactly, the kink on the sphere: K of the active side, and nothing moves
    decay = mf.harmonic_decay(mf.SphereLaw(3), 1.0, -1.0, 1.0, [0, 2], degree=2)
    gamma = np.array([6 / 36, 10 / 256]) / 0.25  # (4 + l (l + 1)) lambda_l^2/C_3, K = alpha = 1
    np.testing.assert_allclose(decay[1], np.exp(-4 * gamma), rtol=1e-9)


def test_a_decay_across_a_corner_of_the_loss_is_refused():
    # the mean of two neurons falls towards the target, and takes the second one through zero on the way
    law, second = mf.SphereLaw(4, radius=0.5), (np.array([-0.2, -0.4]), np.array([2.0, 0.3]))
    run = mf.infinite_width(law, 1.0, *second, [0, 3], tolerance=1e-6)
    kinks = -run.b2[:, 1] / (run.w2[:, 1] * run.alpha)
    assert kinks[0] > 0.5 > kinks[1]
    with pytest.raises(ValueError, match="w2, b2 must not take a kink through the radius of SphereLaw"):
        mf.harmonic_decay(law, 1.0, *second, [0, 3])
    assert np.all(np.isfinite(mf.harmonic_decay(law, 1.0, *second, [0, 0.01])))  # before that
    dead = [mf.harmonic_decay(law, 1.0, np.array([-0.2, w]), np.array([2.0, b]), [0, 3])
            for w, b in ((-0.3, -0.1), (-0.3, -0.9), (-0.3, 0.1), (0.0, -0.1))]  # fmt: skip
    for decay in dead[1:]:  # a neuron that ends before the radius is dead, whatever its weights
        np.testing.assert_allclose(decay, dead[0], rtol=1e-6)


def test_a_kink_may_end_at_the_radius_of_a_law():
    # f falls to f* = 0 on the unit sphere: the kink comes down to 1, and beyond it K = w2^2 in
    # rho_1' = -2 (alpha K/C_3) (4 + 1 * 2) lambda_1^2 rho_1, with lambda_1 = 1/6
    law, t = mf.SphereLaw(3), [5.5, 6.5]
    run = mf.infinite_width(law, 1.0, -0.5, 0.8, t)
    kinks = -run.b2 / (run.w2 * run.alpha)
    assert np.all((kinks > 1) & (kinks < 1 + 1e-6))
    decay = mf.harmonic_decay(law, 1.0, -0.5, 0.8, t, degree=1)[:, 0]
    assert decay[1] / decay[0] == pytest.approx(math.exp(-2 * run.alpha[1] * run.w2[1] ** 2 / 0.25 * 6 / 36), rel=1e-5)


def polygon(m, amplitudes):
    """Neurons of d = 2 at equal angles with |w|^2 = 1 + sum_l a_l cos(l phi): alpha = C_d, harmonics known."""
    phi, u = circle(m)
    n = 1 + sum(a * np.cos(order * phi) for order, a in amplitudes.items())
    return np.sqrt(n)[:, None] * u


def test_the_loss_is_the_infinite_width_loss_and_half_rho_alpha_squared_K(kind):
    law, (_, u) = mf.BesselLaw(2), circle(4000)
    for w2, b2 in ((-0.5, 0.5), (-2.0, 0.2)):
        gaps = []
        for size in (0.02, 0.01):
            w1 = polygon(200, {1: size, 2: size, 4: size})
            alpha, rho = mf.first_layer_alpha(w1), mf.discretization_error(w1)
            parts = mf.decompose(law, w1, np.array([w2]), np.array([b2]), u)
            quadratic = rho * alpha**2 * mf.stability(law, alpha, w2, b2) / 2
            gaps.append(abs((parts.loss - parts.infinite_width_loss) / quadratic - 1))
        assert gaps[1] < 0.02 and gaps[1] < 0.7 * gaps[0]


@pytest.mark.parametrize(
    ("w2", "b2", "rates"), [(-0.1, 0.5, (1.0, 1.0)), (-0.1, 0.5, (2.0, 0.5)), (-1.0, 0.2, (1.0, 1.0))]
)
def test_each_harmonic_decays_at_its_own_rate(w2, b2, rates):
    # a nearly symmetric first layer on the circle, trained; parts of rho against the integrated rates
    law, t = mf.BesselLaw(2), [0, 2, 12]
    w1 = polygon(64, {1: 4e-3, 2: 4e-3, 4: 4e-3}) * 1.5
    alpha = float(mf.first_layer_alpha(w1))
    run = mf.finite_width(
        law, w1, np.array([w2]), np.array([b2]), t, rates, directions=circle(256)[1], step=0.1, save_w1=True
    )
    parts = mf.harmonic_errors(run.w1, 4)
    decay = mf.harmonic_decay(law, alpha, w2, b2, t, rates, degree=4)
    assert decay.shape == (3, 4)
    for order in (1, 2, 4):
        measured = parts[:, order - 1] / parts[0, order - 1]
        assert np.ptp(measured) > 0.01
        np.testing.assert_allclose(measured, decay[:, order - 1], rtol=0.01)
    np.testing.assert_allclose(decay[:, 2], 1, rtol=1e-15)


def test_decay_is_the_integral_of_the_rates_along_the_flow():
    law, rates, second = mf.BesselLaw(6), (1.5, 1.0), (np.array([-0.3, -1.5]), np.array([0.5, 0.3]))
    x, w = np.polynomial.legendre.leggauss(12)
    nodes, weights = ((np.arange(8)[:, None] + (1 + x) / 2) / 2).ravel(), np.tile(w / 4, 8)  # of [0, 4]
    run = mf.infinite_width(law, 0.9, *second, nodes, rates)
    pull = weights @ (run.alpha * mf.stability(law, run.alpha, run.w2, run.b2)) / mf.relu_mean(6)
    eigenvalues = mf.relu_eigenvalues(6, 2)
    exponents = 1.5 * pull * np.array([9 * eigenvalues[1] ** 2, 16 * eigenvalues[2] ** 2])
    found = mf.harmonic_decay(law, 0.9, *second, [4], rates, degree=2)[0]
    np.testing.assert_allclose(found, np.exp(-2 * exponents), rtol=1e-8)


def test_the_rates_of_many_neurons_are_taken_some_times_at_once():
    asked = []

    class Seen(mf.BesselLaw):
        def pdf(self, r):
            asked.append(r.shape)
            return super().pdf(r)

    weights = np.linspace(-0.5, -0.6, 120), np.linspace(0.6, 0.5, 120)
    mf.harmonic_decay(Seen(10), 1.0, *weights, [0, 3], degree=1, tolerance=1e-4)
    times, total = [n for n, _ in asked], sum(n for n, _ in asked) * 241**2
    assert total > 2 * AT_ONCE and {m2 for _, m2 in asked} == {120}
    assert max(times) * 241**2 <= AT_ONCE and (len(times) - 1) * AT_ONCE <= total  # no less, no more often than needed


def test_at_the_start_nothing_has_decayed():
    law = mf.BesselLaw(6)
    assert mf.harmonic_decay(law, 1.0, -0.1, 0.5, 0.0).tolist() == [[1.0] * 30]
    # one neuron: F = |w|^2 ReLU(u_1), so rho = E ReLU^2/(E ReLU)^2 - 1
    start = mf.predict_rho(law, 1.0, -0.1, 0.5, 1, [0.0, 1.0])
    assert start[0] == pytest.approx(1 / (12 * mf.relu_mean(6) ** 2) - 1, rel=1e-13) and start[1] < start[0]


def test_prediction_starts_at_the_closed_forms(rng):
    law, m1 = mf.BesselLaw(10), 40
    total = 1 / (20 * mf.relu_mean(10) ** 2) - 1
    for degree in (1, 7, 200):
        start = mf.predict_rho(law, 1.0, -0.1, 0.5, m1, [0.0], degree=degree)
        assert start == pytest.approx(total / m1, rel=1e-13)
    assert mf.predict_rho(law, 1.0, -0.1, 0.5, m1, [0.0], lengths="gaussian") == pytest.approx(
        total * 12 / 402, rel=1e-13
    )
    w1 = mf.init_first_layer(10, m1, 1.0, rng)
    assert mf.predict_rho(law, 1.0, -0.1, 0.5, m1, [0.0], w1=w1) == pytest.approx(mf.discretization_error(w1))


def test_a_start_in_pairs_or_bases_decays_by_its_own_degrees():
    # pairs leave out degree 1, bases degree 2 as well; what is left decays at the rates of its degrees
    def predict(directions, t):
        return mf.predict_rho(mf.BesselLaw(10), 1.0, -0.1, 0.5, 40, t, directions=directions, tolerance=1e-6)

    decay = mf.harmonic_decay(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 60], degree=30, tolerance=1e-6)
    for directions in ("pairs", "bases"):
        start, end = predict(directions, [0, 60])
        parts = expected_harmonics(10, 40, directions, "equal", 30)
        assert start == pytest.approx(mf.expected_rho(10, 40, directions, "equal"), rel=1e-12)
        assert start - end == pytest.approx(parts @ (1 - decay[1]), rel=1e-9)
    assert predict("bases", [60])[0] > 0.97 * predict("bases", [0])[0] and end < start


def test_predictions_shrink_alike_for_all_lengths_and_by_the_low_degrees():
    def predict(t, **options):
        return mf.predict_rho(mf.BesselLaw(10), 1.0, -0.1, 0.5, 40, t, tolerance=1e-6, **options)

    gaussian, equal = (predict([0.0, 5.0], lengths=lengths) for lengths in ("gaussian", "equal"))
    np.testing.assert_allclose(gaussian / gaussian[0], equal / equal[0], rtol=1e-12)
    few, default, many = (float(predict([30.0], degree=degree)[0]) for degree in (4, 30, 60))
    assert default == float(predict([30.0])[0]) != many
    assert few == pytest.approx(many, rel=1e-3) and few < 0.8 * equal[0]  # far degrees hardly move


def test_prediction_follows_a_simulated_seed_without_a_free_parameter():
    law, t = mf.BesselLaw(10), [0, 20, 60, 150]
    w1 = mf.init_first_layer(10, 512, 1.0, np.random.default_rng(0))
    run = mf.finite_width(law, w1, np.array([-0.1]), np.array([0.5]), t, rng=1)
    predicted = mf.predict_rho(law, float(mf.first_layer_alpha(w1)), -0.1, 0.5, 512, t, w1=w1)
    np.testing.assert_allclose(run.rho, predicted, rtol=0.03)
    assert run.rho[-1] < 0.2 * run.rho[0]


def test_rho_grows_where_the_curvature_is_negative():
    # the second layer held, its kink at r = 0.4: "errors never grow" needs its condition
    law, t, rates = mf.BesselLaw(10), [0, 2, 16], (1.0, 1e-12)
    w1 = mf.init_first_layer(10, 512, 1.0, np.random.default_rng(0))
    w1 = w1 / float(mf.first_layer_alpha(w1)) ** 0.5
    run = mf.finite_width(law, w1, np.array([-0.5]), np.array([0.2]), t, rates, rng=1)
    predicted = mf.predict_rho(law, 1.0, -0.5, 0.2, 512, t, rates, w1=w1)
    assert run.rho[1] > 1.05 * run.rho[0] and run.rho[2] > 1.15 * run.rho[0]
    np.testing.assert_allclose(run.rho, predicted, rtol=0.04)


def test_predictions_take_batches_of_the_callers_kind(rng, kind):
    law, w1 = mf.BesselLaw(4), rng.standard_normal((2, 3, 6, 4))
    listed = mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=w1[0, 0].tolist())
    assert listed.tolist() == mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=w1[0, 0]).tolist()
    both = mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=kind(w1))
    assert both.shape == (2, 2, 3) and type(both) is type(kind(w1))
    one = mf.predict_rho(law, 1.0, np.array([-0.3, -0.3]), np.array([0.5, 0.5]), 6, [0, 3], w1=w1[1, 2])
    np.testing.assert_allclose(both[:, 1, 2], one, rtol=1e-7)
    single = mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=torch.as_tensor(w1, dtype=torch.float32))
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, both, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"t": [2, 1]}, "t must be"),
        ({"rates": (0, 1)}, r"rates\[0\] must be"),
        ({"lengths": "uniform"}, r"lengths must be one of \('gaussian', 'equal'\); got 'uniform'"),
        ({"directions": "bases"}, "m1 must be a multiple of 6 for bases in dimension 3; got 4"),
        ({"w1": np.ones((5, 3))}, r"w1 must have shape \(..., m1, d\) = \(..., 4, 3\); got shape \(5, 3\)"),
        ({"w1": np.ones((3, 3))}, r"w1 must have shape \(..., m1, d\) = \(..., 4, 3\); got shape \(3, 3\)"),
        ({"w1": np.zeros((4, 3))}, "w1 must have a neuron that is not zero"),
    ],
)
def test_bad_predictions_are_named(change, words):
    good = {"alpha": 1.0, "w2": -0.1, "b2": 0.5, "m1": 4, "t": [1.0]}
    with pytest.raises(ValueError, match=words):
        mf.predict_rho(LAW, **(good | change))


def test_a_flow_that_cannot_be_followed_is_an_error():
    with pytest.raises(RuntimeError, match="stopped at t = 0: no step is short enough"):
        mf.harmonic_decay(mf.BesselLaw(5), 1.0, -1e-200, 0.5, [0, 10])


def test_a_start_that_drives_w2_to_the_edge_is_followed():
    # where the flow itself goes through the logarithm of w2
    decay = mf.harmonic_decay(mf.BesselLaw(3), 2.0, -0.01, 0.02, [0, 0.05, 5], degree=2, tolerance=1e-6)
    path = mf.infinite_width(mf.BesselLaw(3), 2.0, -0.01, 0.02, np.linspace(0, 5, 2001), tolerance=1e-7)
    K = mf.stability(mf.BesselLaw(3), path.alpha, path.w2, path.b2)
    whole = np.trapezoid(path.alpha * K / mf.relu_mean(3), path.t)
    speed = (4 + 2 * (2 + 3 - 2)) * mf.relu_eigenvalues(3, 2)[2] ** 2
    assert decay[2, 1] == pytest.approx(np.exp(-2 * whole * speed), abs=1e-5) and decay[2, 1] < 0.99


def test_a_law_of_no_dimension_has_no_harmonics():
    with pytest.raises(TypeError, match="d must be a whole number, at least 2; got inf"):
        mf.harmonic_decay(mf.LimitLaw(), 1.0, -0.1, 0.5, [1.0])


def test_a_decay_of_no_degree_is_refused():
    with pytest.raises(ValueError, match="degree must be a whole number, at least 1; got 0"):
        mf.harmonic_decay(LAW, 1.0, -0.1, 0.5, [1.0], degree=0)
