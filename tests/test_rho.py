"""The loss around the symmetrized network: quadrature, autograd, differences, and simulations near symmetry."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import mfdepth as mf
from mfdepth.hinges import hinges
from mfdepth.starts import expected_harmonics

ONE = np.array([-0.5]), np.array([0.2])
MANY = np.array([-0.3, -1.2, -0.6, -0.4, 0.0]), np.array([0.5, 0.2, 0.4, -0.1, 0.05])
SIGNS = np.array([0.3, -1.2, 0.2, -0.4]), np.array([-0.4, 0.2, 0.4, -0.1])
CASES = [(mf.BesselLaw(5), ONE), (mf.BesselLaw(5), MANY), (mf.GaussianLaw(5), SIGNS), (mf.BallLaw(5, 2.5), SIGNS)]


def second_layer(w2, b2, F, r):
    """mean_j ReLU(w_j F r + b_j) for slopes F (n, 1) at radii r."""
    return np.mean([np.maximum(w * F * r + b, 0) for w, b in zip(w2, b2, strict=True)], axis=0)


def radial_mean(law, values, kinks, upper):
    """E[values(r)] by Gauss-Legendre on short panels between the kinks, for each row; the rest must be constant."""
    edges = np.unique(np.concatenate([np.linspace(0, upper, 400), kinks[(kinks > 0) & (kinks < upper)]]))
    x, w = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    r = (edges[:-1, None] + half * (1 + x)).ravel()
    beyond = values(np.array([2 * upper]))[:, 0] * (1 - float(law.cdf(upper)))
    return values(r) @ ((half * w).ravel() * law.pdf(r)) + beyond


def circle(n):
    phi = 2 * math.pi * (np.arange(n) + 0.5) / n
    return phi, np.stack([np.cos(phi), np.sin(phi)], axis=1)


@pytest.mark.parametrize("symmetrize", ["first layer", "output"])
@pytest.mark.parametrize(("law", "second"), CASES, ids=lambda x: str(x) if isinstance(x, mf.laws.RadialLaw) else "")
def test_each_term_is_its_integral(law, second, symmetrize, rng, kind):
    w1, u = rng.standard_normal((7, 5)), mf.random_directions(6, 5, rng)
    F, alpha = mf.first_layer(w1, u)[:, None], float(mf.first_layer_alpha(w1))
    w2, b2 = second
    steep = w2 != 0
    kinks = np.concatenate(
        [(-b2[steep] / (w2[steep] * np.append(F, alpha)[:, None])).ravel(), [1.0, 2.5]]
    )  # 2.5: the ball's

    def target(r):
        return np.maximum(1 - r, 0)

    def f(r):
        return second_layer(w2, b2, F, r)

    def symmetric(r):
        return f(r).mean(axis=0) if symmetrize == "output" else second_layer(w2, b2, np.array([[alpha]]), r)[0]

    def mean(values):
        upper = 12.0 if law.second_moment < math.inf else kinks.max() + 0.1
        return radial_mean(law, values, kinks, upper)

    def active(r):  # S of the symmetrized network
        return np.mean(w2[:, None] * (w2[:, None] * alpha * r + b2[:, None] > 0), axis=0)

    first = mean(lambda r: np.atleast_2d((target(r) - symmetric(r)) ** 2 / 2))[0]
    second_term = mean(lambda r: (f(r) - symmetric(r)) ** 2 / 2).mean()
    cross = mean(lambda r: (target(r) - symmetric(r)) * (f(r) - symmetric(r))).mean()
    whole = mean(lambda r: (target(r) - f(r)) ** 2 / 2).mean()
    if symmetrize == "first layer":
        pull = mean(lambda r: np.atleast_2d((target(r) - symmetric(r)) * active(r) * r))[0]
        linear = pull * (F.mean() - alpha)
        cross, whole = cross - linear, whole + linear
    parts = mf.decompose(law, kind(w1), kind(w2), kind(b2), kind(u), symmetrize=symmetrize)
    values = parts.infinite_width_loss, parts.discretization_loss, parts.cross, parts.loss
    np.testing.assert_allclose([float(v) for v in values], [first, second_term, cross, whole], rtol=1e-8, atol=1e-12)
    assert float(values[0] + values[1] - values[2]) == pytest.approx(float(values[3]), rel=1e-13)


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(
    law=st.sampled_from([mf.BesselLaw(2), mf.BesselLaw(7), mf.GaussianLaw(3), mf.BallLaw(4, 0.8)]),
    m1=st.integers(1, 6),
    m2=st.integers(1, 4),
    n=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
def test_any_network_obeys_the_identities(law, m1, m2, n, seed):
    rng = np.random.default_rng(seed)
    w1, u = rng.standard_normal((m1, law.d)), mf.random_directions(n, law.d, rng)
    w2, b2 = rng.standard_normal(m2), rng.standard_normal(m2)
    if law.second_moment == math.inf:
        w2 = -np.abs(w2)
    rotation = np.linalg.qr(rng.standard_normal((law.d, law.d)))[0]
    for symmetrize in ("first layer", "output"):
        found, moved = (
            mf.decompose(law, *network, symmetrize=symmetrize)
            for network in ((w1, w2, b2, u), (w1[::-1] @ rotation, w2[::-1], b2[::-1], u[::-1] @ rotation))
        )
        first, second, cross, whole = vars(found).values()
        assert first >= 0 and second >= -1e-13 * whole
        assert first + second - cross == pytest.approx(whole, rel=1e-11)
        assert symmetrize == "first layer" or abs(cross) <= 1e-11 * whole
        np.testing.assert_allclose(
            list(vars(moved).values()), list(vars(found).values()), rtol=1e-8, atol=1e-11 * whole
        )
    rho, parts = mf.discretization_error(w1), mf.harmonic_errors(w1, 20)
    assert np.all(parts >= -1e-13) and np.sum(parts) <= rho * (1 + 1e-12) + 1e-13


def test_the_cross_term_vanishes_for_the_averaged_output_alone(rng):
    law, w1, u = mf.BesselLaw(10), mf.init_first_layer(10, 2048, 1.0, rng), mf.orthogonal_directions(400, 10, rng)
    w1 = w1 / float(mf.first_layer_alpha(w1)) ** 0.5
    parts = mf.decompose(law, w1, *ONE, u, symmetrize="output")
    assert abs(parts.cross) < 1e-13 * parts.loss < 1e-8 * parts.discretization_loss
    assert parts.loss == pytest.approx(float(mf.loss(law, w1, *ONE, u)), rel=1e-12)
    # the other reading, with a kink inside the target's support: cross/T2 has the limit 1 - K/(w2^2 M_2(R)) = 8.8
    parts = mf.decompose(law, w1, *ONE, u)
    limit = 1 - mf.stability(law, 1.0, -0.5, 0.2) / (0.25 * law.partial_moment(2, 0.4))
    assert limit == pytest.approx(8.8, abs=0.05)
    assert parts.cross / parts.discretization_loss == pytest.approx(limit, rel=0.15)


def test_the_first_term_is_the_infinite_width_loss(rng):
    law, w1, u = mf.BesselLaw(4), rng.standard_normal((6, 4)), mf.random_directions(3, 4, rng)
    w2, b2 = MANY[0][:4], MANY[1][:4]  # the flow refuses w2 = 0 < b2
    parts = mf.decompose(law, w1, w2, b2, u)
    run = mf.infinite_width(law, float(mf.first_layer_alpha(w1)), w2, b2, [0])
    assert float(parts.infinite_width_loss) == pytest.approx(run.loss[0], rel=1e-13)


def test_over_all_directions_of_the_circle_nothing_is_left_out(rng):
    # the linear part has mean zero there, so that the loss is the loss
    law, w1, (_, u) = mf.BesselLaw(2), rng.standard_normal((5, 2)), circle(40_000)
    assert mf.decompose(law, w1, *ONE, u).loss == pytest.approx(float(mf.loss(law, w1, *ONE, u)), rel=1e-8)


def test_numpy_torch_float32_and_batches_agree(rng):
    law, w1, u = mf.BesselLaw(5), rng.standard_normal((3, 7, 5)), mf.random_directions(8, 5, rng)
    w2, b2 = (np.stack([x, 0.5 * x, 2 * x]) for x in MANY)
    for symmetrize in ("first layer", "output"):
        wanted = [vars(mf.decompose(law, *row, u, symmetrize=symmetrize)) for row in zip(w1, w2, b2, strict=True)]
        for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
            arrays = [torch.as_tensor(x, dtype=dtype) for x in (w1, w2, b2, u)]
            for name, value in vars(mf.decompose(law, *arrays, symmetrize=symmetrize)).items():
                assert value.shape == (3,) and value.dtype == dtype
                np.testing.assert_allclose(value, [row[name] for row in wanted], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("symmetrize", ["first layer", "output"])
def test_gradients_are_differences_of_the_terms(symmetrize, rng):
    law, w1, u = mf.BesselLaw(4), rng.standard_normal((5, 4)), mf.random_directions(6, 4, rng)
    found = mf.interference(law, w1, *MANY, u, symmetrize=symmetrize)
    along, h = rng.standard_normal((5, 4)), 1e-5

    def terms(w):
        parts = mf.decompose(law, w, *MANY, u, symmetrize=symmetrize)
        return {**vars(parts), "rho": mf.discretization_error(w)}

    ahead, behind = terms(w1 + h * along), terms(w1 - h * along)
    for name, gradient in vars(found).items():
        assert isinstance(gradient, np.ndarray)
        assert np.sum(gradient * along) == pytest.approx(float(ahead[name] - behind[name]) / (2 * h), rel=1e-6), name


def test_the_infinite_width_gradient_rescales_the_neurons_and_leaves_rho(rng):
    # <grad rho, grad T1> = 0 exactly; the two terms of the loss do interfere, less as the network grows
    law, u, cosines = mf.BesselLaw(10), mf.orthogonal_directions(1000, 10, rng), []
    for m1 in (32, 512):
        w1 = torch.as_tensor(np.stack([mf.init_first_layer(10, m1, 1.0, rng) for _ in range(4)]))
        second = torch.full((4, 1), -0.1, dtype=torch.float64), torch.full((4, 1), 0.5, dtype=torch.float64)
        found = mf.interference(law, w1, *second, torch.as_tensor(u))
        assert isinstance(found.rho, torch.Tensor) and not found.rho.requires_grad
        assert float(found.cosine("rho", "infinite_width_loss").abs().max()) < 1e-12
        ratio = found.infinite_width_loss / w1
        torch.testing.assert_close(ratio, ratio[:, :1, :1].expand_as(ratio), rtol=1e-9, atol=0)
        one = mf.interference(law, w1[1], second[0][1], second[1][1], torch.as_tensor(u))
        for pair in (("infinite_width_loss", "discretization_loss"), ("rho", "discretization_loss")):
            assert float(found.cosine(*pair)[1]) == pytest.approx(float(one.cosine(*pair)), rel=1e-9)
        cosines.append(float(found.cosine("infinite_width_loss", "discretization_loss").mean()))
    assert -0.35 < cosines[0] < -0.15 and 2.5 < cosines[0] / cosines[1] < 6  # 1/sqrt(m1): about 4


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
    few, many = (float(predict([30.0], degree=degree)[0]) for degree in (4, 60))
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


def test_predictions_take_batches_of_the_callers_kind(rng, kind):
    law, w1 = mf.BesselLaw(4), rng.standard_normal((2, 3, 6, 4))
    both = mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=kind(w1))
    assert both.shape == (2, 2, 3) and type(both) is type(kind(w1))
    one = mf.predict_rho(law, 1.0, np.array([-0.3, -0.3]), np.array([0.5, 0.5]), 6, [0, 3], w1=w1[1, 2])
    np.testing.assert_allclose(both[:, 1, 2], one, rtol=1e-7)
    single = mf.predict_rho(law, 1.0, -0.3, 0.5, 6, [0, 3], w1=torch.as_tensor(w1, dtype=torch.float32))
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single, both, rtol=1e-4)


LAW, GOOD = (
    mf.BesselLaw(3),
    {"w1": np.ones((3, 3)), "w2": np.array([-0.1]), "b2": np.array([0.5]), "directions": np.eye(3)},
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"symmetrize": "both"}, r"symmetrize must be one of \('first layer', 'output'\); got 'both'"),
        ({"w2": np.array([0.1])}, "w2 must be at most 0"),
        ({"directions": 2 * np.eye(3)}, "directions must be unit rows"),
        ({"w1": np.ones((3, 2))}, r"w1 must have shape \(..., m1, d\)"),
    ],
)
def test_bad_networks_are_named(change, words):
    for function in (mf.decompose, mf.interference):
        with pytest.raises(ValueError, match=words):
            function(LAW, **(GOOD | change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "alpha must be positive; got 0.0"),
        ({"alpha": math.nan}, "alpha must be finite"),
        ({"w2": 0.1}, "w2 must be at most 0"),
        ({"b2": math.inf}, "b2 must be finite"),
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
        ({"m1": 0}, "m1 must be a whole number, at least 1; got 0"),
        ({"alpha": -1.0}, "alpha must be a positive"),
        ({"t": [2, 1]}, "t must be"),
        ({"rates": (0, 1)}, r"rates\[0\] must be"),
        ({"degree": 0}, "degree must be a whole number, at least 1"),
        ({"tolerance": 0}, "tolerance must be a positive"),
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


def test_a_flow_that_cannot_be_followed_is_an_error(monkeypatch):
    stopped = SimpleNamespace(success=False, message="too stiff")
    monkeypatch.setattr(mf.rho, "solve_ivp", lambda *arguments, **options: stopped)
    with pytest.raises(RuntimeError, match="the infinite-width flow could not be followed to t = 20: too stiff"):
        mf.harmonic_decay(mf.BesselLaw(5), 1.0, -0.1, 0.5, [0, 10, 20])


def test_a_decay_of_no_degree_is_refused():
    with pytest.raises(ValueError, match="degree must be a whole number, at least 1; got 0"):
        mf.harmonic_decay(LAW, 1.0, -0.1, 0.5, [1.0], degree=0)


def test_a_constant_second_layer_has_no_curvature():
    assert mf.stability(LAW, 1.0, 0.0, 0.5) == 0  # its loss is finite, though its velocity is not


def test_hinges_of_a_batch_are_those_of_each_run(rng):
    F, w2, b2 = rng.uniform(size=(3, 4)), np.array([0.4, -0.8]) * rng.uniform(size=(3, 2)), rng.standard_normal((3, 2))
    for i in range(3):
        for batch, alone in zip(hinges(F, w2, b2), hinges(F[i], w2[i], b2[i]), strict=True):
            np.testing.assert_allclose(batch[i], alone, rtol=1e-14)
