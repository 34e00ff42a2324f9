"""rho in closed form against averages and Fourier series, K against differences, decay and prediction against runs."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.rho import AT_ONCE
from mfdepth.starts import expected_harmonics

ONE = np.array([-0.5]), np.array([0.2])
MANY = np.array([-0.3, -1.2, -0.6, -0.4, 0.0]), np.array([0.5, 0.2, 0.4, -0.1, 0.05])
SIGNS = np.array([0.3, -1.2, 0.2, -0.4]), np.array([-0.4, 0.2, 0.4, -0.1])


@pytest.fixture
def w1(rng):
    return rng.standard_normal((6, 4))


def circle(n):
    phi = 2 * math.pi * (np.arange(n) + 0.5) / n
    return phi, np.stack([np.cos(phi), np.sin(phi)], axis=1)


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
def test_rho_and_its_parts_do_not_depend_on_the_scale_of_the_weights(w1, kind, dtype, reach):
    rho, parts = mf.discretization_error(w1), mf.harmonic_errors(w1, 4)
    for exponent in (-reach, -reach // 2, -12, 9, reach // 2, reach):
        scaled = kind((w1 * 10.0**exponent).astype(dtype))
        np.testing.assert_allclose(mf.discretization_error(scaled), rho, rtol=2e-5)
        np.testing.assert_allclose(mf.harmonic_errors(scaled, 4), parts, rtol=2e-5, atol=1e-12)
        gradient = mf.interference(mf.BesselLaw(4), w1, *ONE, np.eye(4))
        faint = type(gradient)(*(10.0 ** min(exponent, 0) * x for x in vars(gradient).values()))
        assert faint.cosine("rho", "discretization_loss") == pytest.approx(
            gradient.cosine("rho", "discretization_loss"), rel=1e-9
        )


def test_rho_is_never_negative(kind):
    for m1 in (3, 20, 150):  # rings, symmetric but for 1/m1^4
        ring = circle(m1)[1]
        for dtype in (np.float32, np.float64):
            rho = float(mf.discretization_error(kind((0.7 * ring).astype(dtype))))
            exact = np.mean((mf.first_layer(ring, circle(9973)[1]) / mf.first_layer_alpha(ring) - 1) ** 2)
            assert 0 <= rho == pytest.approx(exact, rel=1e-2, abs=5e-7 if dtype == np.float32 else 1e-11)
            assert bool((mf.harmonic_errors(kind(ring.astype(dtype)), 30) >= 0).all())


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
    # f = f* exactly, the kink on the sphere: K of the active side, and nothing moves
    assert mf.stability(mf.SphereLaw(3), 1.0, -1.0, 1.0) == 1
    decay = mf.harmonic_decay(mf.SphereLaw(3), 1.0, -1.0, 1.0, [0, 2], degree=2)
    gamma = np.array([6 / 36, 10 / 256]) / 0.25  # (4 + l (l + 1)) lambda_l^2/C_3, K = alpha = 1
    np.testing.assert_allclose(decay[1], np.exp(-4 * gamma), rtol=1e-9)
    with pytest.raises(ValueError, match=r"unless f = f\* there: the loss has a corner in alpha.* got .f. - f. = 0.2"):
        mf.stability(law, 1.0, -0.5, 0.4)


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


def test_the_curvature_far_from_every_kink_is_that_of_a_parabola():
    # l(alpha) = 1/2 E (f* - w2 alpha r - b2)^2, with E r^2 = d, down to the smallest alpha
    for alpha in (1e-20, 1e-3):
        assert mf.stability(mf.GaussianLaw(4), alpha, -0.5, 0.2) == pytest.approx(0.25 * 4, rel=1e-12)


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


def test_harmonic_errors_are_the_fourier_coefficients_on_the_circle(rng, kind):
    w1 = rng.standard_normal((5, 2))
    F = mf.first_layer(w1, circle(4096)[1])
    power = np.abs(np.fft.rfft(F) / len(F)) ** 2
    found = mf.harmonic_errors(kind(w1), 12)
    np.testing.assert_allclose(found, 2 * power[1:13] / power[0], rtol=1e-4, atol=1e-7)
    assert np.all(np.asarray(found)[2::2] == 0)  # odd degrees from 3 on


def test_a_neuron_of_length_zero_leaves_the_harmonics_as_they_are(rng, kind):
    w1 = rng.standard_normal((5, 4))
    longer = np.concatenate([w1, np.zeros((2, 4))])
    np.testing.assert_allclose(mf.harmonic_errors(kind(longer), 6), mf.harmonic_errors(w1, 6), rtol=1e-12, atol=1e-16)


def test_harmonic_errors_sum_to_rho_and_have_the_expected_mean(rng):
    w1 = mf.random_directions(300 * 8, 6, rng).reshape(300, 8, 6)
    parts = mf.harmonic_errors(w1, 100)
    np.testing.assert_allclose(mf.harmonic_errors(w1, 1), parts[:, :1], rtol=1e-12)
    np.testing.assert_allclose(parts.sum(axis=-1), mf.discretization_error(w1), rtol=1e-3)
    mean, error = parts.mean(axis=0), parts.std(axis=0) / math.sqrt(300)
    dimensions, eigenvalues = mf.harmonic_dimension(6, 100), mf.relu_eigenvalues(6, 100)
    expected = np.array(dimensions, dtype=float) * (eigenvalues / eigenvalues[0]) ** 2 / 8
    assert np.all(np.abs(mean - expected[1:])[:10] <= 4 * error[:10])


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
    run = mf.finite_width(law, w1, *ONE, t, rates, rng=1)
    predicted = mf.predict_rho(law, 1.0, -0.5, 0.2, 512, t, rates, w1=w1)
    assert run.rho[1] > 1.05 * run.rho[0] and run.rho[2] > 1.15 * run.rho[0]
    np.testing.assert_allclose(run.rho, predicted, rtol=0.04)


def test_numbers_beside_a_tensor_become_its_kind():
    alpha = torch.tensor(1.0, requires_grad=True)
    K = mf.stability(mf.BesselLaw(10), alpha, -0.1, np.float64(0.5))
    assert K.dtype == torch.float32 and not K.requires_grad  # the density is not differentiated
    assert K.item() == pytest.approx(mf.stability(mf.BesselLaw(10), 1.0, -0.1, 0.5), rel=1e-5)
    K = mf.stability(mf.BesselLaw(10), np.ones(2), torch.full((2,), -0.1), [0.5, 0.5])
    assert K.shape == (2,) and K.dtype == torch.float32


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


LAW = mf.BesselLaw(3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "alpha must be positive; got 0.0"),
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


def test_a_decay_of_no_degree_is_refused():
    with pytest.raises(ValueError, match="degree must be a whole number, at least 1; got 0"):
        mf.harmonic_decay(LAW, 1.0, -0.1, 0.5, [1.0], degree=0)


def test_a_constant_second_layer_has_no_curvature():
    assert mf.stability(LAW, 1.0, 0.0, 0.5) == 0  # its loss is finite, though its velocity is not
