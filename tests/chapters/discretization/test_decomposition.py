"""The loss split around the symmetrized network: quadrature, autograd, differences."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from references import circle

import mfdepth as mf
from mfdepth.radius import hinges

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


@pytest.mark.parametrize("symmetrize", ["layer 2 on F~", "mean of f"])
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
        return f(r).mean(axis=0) if symmetrize == "mean of f" else second_layer(w2, b2, np.array([[alpha]]), r)[0]

    def mean(values):
        upper = 12.0 if law.second_moment < math.inf else kinks.max() + 0.1
        return radial_mean(law, values, kinks, upper)

    def active(r):  # S of the symmetrized network
        return np.mean(w2[:, None] * (w2[:, None] * alpha * r + b2[:, None] > 0), axis=0)

    first = mean(lambda r: np.atleast_2d((target(r) - symmetric(r)) ** 2 / 2))[0]
    second_term = mean(lambda r: (f(r) - symmetric(r)) ** 2 / 2).mean()
    cross = mean(lambda r: (target(r) - symmetric(r)) * (f(r) - symmetric(r))).mean()
    whole = mean(lambda r: (target(r) - f(r)) ** 2 / 2).mean()
    if symmetrize == "layer 2 on F~":
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
    for symmetrize in ("layer 2 on F~", "mean of f"):
        found, moved = (
            mf.decompose(law, *network, symmetrize=symmetrize)
            for network in ((w1, w2, b2, u), (w1[::-1] @ rotation, w2[::-1], b2[::-1], u[::-1] @ rotation))
        )
        first, second, cross, whole = vars(found).values()
        assert first >= 0 and second >= -1e-13 * whole
        assert first + second - cross == pytest.approx(whole, rel=1e-11)
        assert symmetrize == "layer 2 on F~" or abs(cross) <= 1e-11 * whole
        np.testing.assert_allclose(
            list(vars(moved).values()), list(vars(found).values()), rtol=1e-8, atol=1e-11 * whole
        )
    rho, parts = mf.discretization_error(w1), mf.harmonic_errors(w1, 20)
    assert np.all(parts >= -1e-13) and np.sum(parts) <= rho * (1 + 1e-12) + 1e-13


def test_the_cross_term_vanishes_for_the_averaged_output_alone(rng):
    law, w1, u = mf.BesselLaw(10), mf.init_first_layer(10, 2048, 1.0, rng), mf.orthogonal_directions(400, 10, rng)
    w1 = w1 / float(mf.first_layer_alpha(w1)) ** 0.5
    parts = mf.decompose(law, w1, *ONE, u, symmetrize="mean of f")
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
    for symmetrize in ("layer 2 on F~", "mean of f"):
        wanted = [vars(mf.decompose(law, *row, u, symmetrize=symmetrize)) for row in zip(w1, w2, b2, strict=True)]
        for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
            arrays = [torch.as_tensor(x, dtype=dtype) for x in (w1, w2, b2, u)]
            for name, value in vars(mf.decompose(law, *arrays, symmetrize=symmetrize)).items():
                assert value.shape == (3,) and value.dtype == dtype
                np.testing.assert_allclose(value, [row[name] for row in wanted], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("symmetrize", ["layer 2 on F~", "mean of f"])
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


FORMS = {
    "reversed": lambda x: x[::-1].copy()[::-1],
    "read-only": lambda x: np.broadcast_to(x, (1, *x.shape))[0],
    "foreign bytes": lambda x: x.astype(">f8"),
    "long double": lambda x: x.astype(np.longdouble),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_gradients_take_arrays_of_any_form(rng, form):
    arrays = rng.standard_normal((5, 4)), *ONE, mf.random_directions(6, 4, rng)
    found = mf.interference(mf.BesselLaw(4), *map(form, arrays))
    assert mf.interference(mf.BesselLaw(4), *(x.astype(np.float32) for x in arrays)).rho.dtype == np.float32
    for name, gradient in vars(mf.interference(mf.BesselLaw(4), *arrays)).items():
        np.testing.assert_allclose(getattr(found, name), gradient, rtol=1e-12)


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


LAW, GOOD = (
    mf.BesselLaw(3),
    {"w1": np.ones((3, 3)), "w2": np.array([-0.1]), "b2": np.array([0.5]), "directions": np.eye(3)},
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"symmetrize": "both"}, r"symmetrize must be one of \('layer 2 on F~', 'mean of f'\); got 'both'"),
        ({"w2": np.array([0.1])}, "w2 must be at most 0"),
        ({"directions": 2 * np.eye(3)}, "directions must be unit rows"),
        ({"w1": np.ones((3, 2))}, r"w1 must have shape \(..., m1, d\)"),
    ],
)
def test_bad_networks_are_named(change, words):
    for function in (mf.decompose, mf.interference):
        with pytest.raises(ValueError, match=words):
            function(LAW, **(GOOD | change))


def test_hinges_of_a_batch_are_those_of_each_run(rng):
    F, w2, b2 = rng.uniform(size=(3, 4)), np.array([0.4, -0.8]) * rng.uniform(size=(3, 2)), rng.standard_normal((3, 2))
    for i in range(3):
        for batch, alone in zip(hinges(F, w2, b2), hinges(F[i], w2[i], b2[i]), strict=True):
            np.testing.assert_allclose(batch[i], alone, rtol=1e-14)


def test_a_cosine_of_gradients_does_not_depend_on_their_scale(rng):
    found = mf.interference(mf.BesselLaw(4), rng.standard_normal((6, 4)), *ONE, np.eye(4))
    for exponent in (-300, -150, -12):
        faint = type(found)(*(10.0**exponent * x for x in vars(found).values()))
        assert faint.cosine("rho", "discretization_loss") == pytest.approx(
            found.cosine("rho", "discretization_loss"), rel=1e-9
        )


def test_gradients_are_named(rng):
    found = mf.interference(mf.BesselLaw(4), rng.standard_normal((6, 4)), *ONE, np.eye(4))
    for names, words in ((("rho", "x"), "second"), (("x", "rho"), "first"), ((None, "rho"), "first")):
        with pytest.raises(ValueError, match=rf"^{words} must be one of \('infinite_width_loss', .*; got"):
            found.cosine(*names)
