"""The finite-width flow: loss and velocity against autograd, quadrature and Monte Carlo; the integrator; refusals."""

import itertools
import math

import numpy as np
import pytest
import references
import torch

import mfdepth as mf

LAWS = [mf.BesselLaw(5), mf.GaussianLaw(5), mf.BallLaw(5, radius=2.5)]


@pytest.fixture
def weights(rng):
    """Neurons with kinks on both sides of 1, one of them dead."""
    return rng.standard_normal((7, 5)), np.array([-0.3, -1.2, -0.01, -0.4]), np.array([0.5, 0.2, 0.4, -0.1])


@pytest.fixture
def both_signs(weights):
    w1, w2, b2 = weights
    return w1, w2 * np.array([1, -1, 1, -1]), b2 * np.array([1, 1, 1, -1])


def monte_carlo_loss(law, w1, w2, b2, u, r):
    """1/2 E g^2 with the radius sampled: (mean, standard error) over r, directions averaged."""
    slope = mf.first_layer(w1, u)[:, None]
    f = np.mean([np.maximum(w * slope * r + b, 0) for w, b in zip(w2, b2, strict=True)], axis=0)
    values = np.mean((np.maximum(1 - r, 0) - f) ** 2 / 2, axis=0)
    return values.mean(), values.std() / math.sqrt(len(r))


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_loss_is_its_monte_carlo_mean(law, weights, both_signs, rng):
    u = mf.random_directions(6, 5, rng)
    r = law.ppf(rng.random(200_000))
    for w1, w2, b2 in [weights] if law.second_moment == math.inf else [weights, both_signs]:
        mean, error = monte_carlo_loss(law, w1, w2, b2, u, r)
        assert abs(float(mf.loss(law, w1, w2, b2, u)) - mean) < 4 * error


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_velocity_is_autograd_of_the_loss(law, weights, both_signs, rng):
    u = torch.as_tensor(mf.random_directions(9, 5, rng))
    for arrays in [weights] if law.second_moment == math.inf else [weights, both_signs]:
        w1, w2, b2 = (torch.as_tensor(x).requires_grad_() for x in arrays)
        gradients = torch.autograd.grad(mf.loss(law, w1, w2, b2, u), (w1, w2, b2))
        velocities = mf.velocity(law, w1.detach(), w2.detach(), b2.detach(), u)
        for v, gradient, width in zip(velocities, gradients, (7, 4, 4), strict=True):
            torch.testing.assert_close(v, -width * gradient, rtol=1e-10, atol=1e-10 * float(v.abs().max()))


def test_velocity_is_an_independent_integral_over_the_circle(rng):
    # d = 2, one neuron in the second layer, all directions: angular panels between the kinks of ReLU(w_k.u)
    law, w1, w2, b2 = mf.BesselLaw(2), np.array([[1.0, 0.2], [-0.5, 0.9], [-0.4, -0.8]]), -0.9, 0.7
    perpendicular = np.arctan2(w1[:, 1], w1[:, 0])[:, None] + np.array([0.5, 1.5]) * math.pi
    kinks = np.sort(np.mod(perpendicular, 2 * math.pi).ravel())
    edges = np.concatenate([kinks, kinks[:1] + 2 * math.pi])
    edges = np.unique(np.concatenate([np.linspace(a, b, 9) for a, b in itertools.pairwise(edges)]))
    x, w = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    phi, weight = (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel() / (2 * math.pi)
    u = np.stack([np.cos(phi), np.sin(phi)], axis=1)

    length = np.linalg.norm(w1, axis=1)
    slope = np.maximum(u @ w1.T, 0) @ length / 3
    h0, h1 = np.array([references.one_neuron_averages(2, F, w2, b2) for F in slope]).T
    pull = weight[:, None] * (w2 * h1)[:, None] * (u @ w1.T > 0)
    toward = pull.T @ u
    dw1 = w1 / length[:, None] * np.sum(toward * w1, axis=1, keepdims=True) + length[:, None] * toward
    expected = dw1, [weight @ (slope * h1)], [weight @ h0]

    # the library on the same nodes: one direction a batch row, so that rows can be weighted
    n = len(phi)
    rows = mf.velocity(law, np.tile(w1, (n, 1, 1)), np.full((n, 1), w2), np.full((n, 1), b2), u[:, None, :])
    for row, value in zip(rows, expected, strict=True):
        np.testing.assert_allclose(np.tensordot(weight, row, 1), value, rtol=1e-8, atol=1e-10)
    # and on very many equally spaced directions, as a user would call it; the jumps of 1{w.u > 0} leave O(1/n)
    phi = 2 * math.pi * (np.arange(20_000) + 0.5) / 20_000
    many = mf.velocity(law, w1, np.array([w2]), np.array([b2]), np.stack([np.cos(phi), np.sin(phi)], axis=1))
    for value, wanted in zip(many, expected, strict=True):
        np.testing.assert_allclose(value, wanted, atol=5e-6)


def test_numpy_torch_float32_and_batches_agree(weights, rng):
    law, u = mf.BesselLaw(5), mf.random_directions(8, 5, rng)
    reference = (mf.loss(law, *weights, u), *mf.velocity(law, *weights, u))
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 2e-5)):
        arrays = [torch.as_tensor(x, dtype=dtype) for x in weights]
        v = torch.as_tensor(u, dtype=dtype)
        values = (mf.loss(law, *arrays, v), *mf.velocity(law, *arrays, v))
        for value, wanted in zip(values, reference, strict=True):
            assert value.dtype == dtype
            np.testing.assert_allclose(value, wanted, rtol=tolerance, atol=tolerance)
    batch = [np.stack([x, 2 * x]) for x in weights]
    both = (mf.loss(law, *batch, u), *mf.velocity(law, *batch, u))
    second = (mf.loss(law, *(2 * x for x in weights), u), *mf.velocity(law, *(2 * x for x in weights), u))
    for value, first, last in zip(both, reference, second, strict=True):
        np.testing.assert_allclose(value, np.stack([first, last]), rtol=1e-12, atol=1e-15)


def test_the_second_layer_takes_the_kind_of_the_first_and_keeps_its_graph(weights, rng):
    law, u, (w1, w2, b2) = mf.BesselLaw(5), mf.random_directions(8, 5, rng), weights
    first, second = torch.as_tensor(w1, dtype=torch.float32), torch.as_tensor(w2).requires_grad_()
    loss = mf.loss(law, first, second, b2.tolist(), u)
    assert loss.dtype == torch.float32 and loss.item() == pytest.approx(mf.loss(law, *weights, u), rel=1e-5)
    loss.backward()
    dw2 = mf.velocity(law, *weights, u)[1]
    np.testing.assert_allclose(-len(w2) * second.grad.numpy(), dw2, rtol=1e-4, atol=1e-6)
    run = mf.finite_width(law, w1.astype("f"), second, b2, [0, 1])
    assert run.status == "reached t = 1" and {x.dtype for x in (run.alpha, run.w2, run.b2)} == {np.dtype("f")}


@pytest.mark.parametrize("kind", ["numpy", "torch"])
@pytest.mark.parametrize("d", [2, 3, 5])
def test_no_loss_is_negative_and_every_slope_stays(d, kind):
    # on the axes F is one number, so f = f* can be met; the sum of the terms of 1/2 E g^2 is rounded to either side
    law, u = mf.BesselLaw(d), np.eye(d)
    w1 = 0.3 * np.concatenate([u, -u])
    w2, b2 = np.array([-1 / mf.first_layer(w1, u)[0]]), np.ones(1)
    if kind == "torch":
        w1, w2, b2, u = (torch.as_tensor(x).requires_grad_(x is b2) for x in (w1, w2, b2, u))
    loss = mf.loss(law, w1, w2, b2, u)
    assert 0 <= loss.item() < 1e-15
    assert mf.finite_width(law, w1, w2, b2, [0], directions=u).loss[0] == 0
    if kind == "torch":  # the second derivative in b, which is P(r <= 1), although rounding went below 0
        (slope,) = torch.autograd.grad(loss, b2, create_graph=True)
        assert torch.autograd.grad(slope, b2)[0].item() == pytest.approx(law.cdf(1.0), rel=1e-9)


def test_the_order_of_neurons_does_not_matter(weights, rng):
    law, u, (w1, w2, b2) = mf.BesselLaw(5), mf.random_directions(8, 5, rng), weights
    p1, p2 = rng.permutation(7), rng.permutation(4)
    first, mixed = mf.velocity(law, w1, w2, b2, u), mf.velocity(law, w1[p1], w2[p2], b2[p2], u)
    for value, wanted in zip(mixed, (first[0][p1], first[1][p2], first[2][p2]), strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-11, atol=1e-14)


def test_a_direction_without_first_layer_has_its_kink_at_infinity():
    # F = 0 at u = -e_1: there f = b2 everywhere, and the loss is 1/2 E (f* - b2)^2
    law, w1, u = mf.BesselLaw(3), np.array([[1.0, 0, 0]]), np.array([[-1.0, 0, 0]])
    m0, m1, m2 = (float(law.partial_moment(k, 1.0)) for k in range(3))
    b2 = 0.4
    exact = (m0 - 2 * m1 + m2 - 2 * b2 * (m0 - m1) + b2**2) / 2
    assert float(mf.loss(law, w1, np.array([-0.5]), np.array([b2]), u)) == pytest.approx(exact, rel=1e-12)
    dw1, dw2, db2 = mf.velocity(law, w1, np.array([-0.5]), np.array([b2]), u)
    assert np.all(np.isfinite(dw1)) and dw2[0] == pytest.approx(0, abs=1e-12)
    assert db2[0] == pytest.approx(m0 - m1 - b2, rel=1e-12)


@pytest.fixture(scope="module")
def paper():
    """The size of the paper, from the standard start."""
    rng = np.random.default_rng(0)
    w1 = mf.init_first_layer(100, 512, 1.0, rng)
    return mf.BesselLaw(100), w1, -0.1 + 0.02 * rng.standard_normal(128), 0.5 + 0.02 * rng.standard_normal(128)


def test_the_default_flow_follows_the_exact_one_at_the_papers_size(paper):
    # a shorter step and 1000 directions a step, over the fast part of the run; benchmarks/ holds the whole of it
    t = [5, 12]
    run = mf.finite_width(*paper, t, rng=1)
    reference = mf.finite_width(*paper, t, step=0.25, directions=1000, rng=2)
    for name in ("alpha", "w2", "b2", "rho"):
        np.testing.assert_allclose(getattr(run, name), getattr(reference, name), rtol=1e-3, err_msg=name)


def test_the_finite_flow_tracks_the_infinite_one(paper):
    law, w1, w2, b2 = paper
    run = mf.finite_width(law, w1, w2, b2, [30, 60], rng=1)
    ideal = mf.infinite_width(law, float(mf.first_layer_alpha(w1)), w2, b2, [30, 60])
    np.testing.assert_allclose(run.alpha, ideal.alpha, rtol=0.01)
    np.testing.assert_allclose(run.w2.mean(axis=1), ideal.w2.mean(axis=1), rtol=0.03)
    # SCIENCE: sqrt(rho) near .068, .065, .053 at t = 0, 20, 60; one seed scatters by some percent
    assert np.sqrt(run.rho[1]) == pytest.approx(0.053, rel=0.1)


@pytest.mark.parametrize("rates", [(1.0, 1.0), (0.5, 2.0)])
def test_the_conserved_quantity_does_not_move(start, rates, kind):
    # exact for every set of directions; Heun leaves h^2/4 |v2 - v1|^2 a step: O(h^3) in all where both stages have the
    # same directions; with fresh ones |v2 - v1|^2 holds their sampling variance
    law, arrays = mf.BesselLaw(5), [kind(x) for x in start]

    def drift(step, directions):
        run = mf.finite_width(law, *arrays, [0, 1, 2, 3], rates, step=step, directions=directions, rng=0)
        conserved = run.alpha - 2 * mf.relu_mean(5) * rates[0] / rates[1] * (run.w2**2).mean(-1)
        return float(abs(conserved - conserved[0]).max())

    fixed = kind(mf.orthogonal_directions(200, 5, np.random.default_rng(0)))
    short, long = drift(0.02, fixed), drift(0.04, fixed)
    assert short < 1e-6 and long / short == pytest.approx(8, rel=0.2)
    assert drift(0.02, None) < 2e-6


def test_runs_are_reproducible_and_saved_where_asked(start):
    law, t = mf.BesselLaw(5), [0, 0.5, 2]
    run, again, other = (mf.finite_width(law, *start, t, rng=seed, save_w1=True) for seed in (0, 0, 1))
    assert np.array_equal(run.w1, again.w1) and not np.array_equal(run.w1, other.w1)
    assert run.w1.shape == (3, 7, 5)
    np.testing.assert_allclose(run.w1[0], start[0], rtol=1e-12, atol=1e-14)
    assert list(run.t) == t and run.w2.shape == (3, 4) and run.rho.shape == (3,)
    assert run.status == "reached t = 2" and run.stats["steps"] >= 3
    plain = mf.finite_width(law, *start, t, (1.0, 1.0), rng=0)  # the rates if none are given
    assert plain.w1 is None and np.array_equal(plain.w2, run.w2)


def test_what_is_not_said_has_a_default(start):
    plain = mf.finite_width(mf.BesselLaw(5), *start, [0, 9])
    said = mf.finite_width(mf.BesselLaw(5), *start, [0, 9], (1.0, 1.0), directions=200, step=1.25, tolerance=0.003,
                           rng=0, save_w1=False, progress=False)  # fmt: skip
    assert plain.stats["rejected"] == said.stats["rejected"] > 0  # so the tolerance counts
    assert np.array_equal(plain.b2, said.b2) and plain.w1 is said.w1 is None
    calm = mf.finite_width(mf.BesselLaw(5), *start, [2.6], tolerance=9.0).stats  # and the longest step
    assert calm["steps"] == 3 and calm["rejected"] == 0


def test_batches_of_runs_go_side_by_side(start, kind):
    law, u = mf.BesselLaw(5), kind(mf.orthogonal_directions(10, 5, np.random.default_rng(0)))
    batch = [kind(np.stack([x, 0.8 * x])) for x in start]
    run = mf.finite_width(law, *batch, [0, 3], directions=u, step=0.1, tolerance=1.0)
    alone = mf.finite_width(law, *(kind(0.8 * x) for x in start), [0, 3], directions=u, step=0.1, tolerance=1.0)
    for name in ("alpha", "b2", "loss", "rho"):
        np.testing.assert_allclose(getattr(run, name)[:, 1], getattr(alone, name), rtol=1e-12, err_msg=name)
    assert type(run.alpha) is type(batch[0])


def test_a_run_that_is_dead_and_zero_does_not_hold_up_the_other(start, kind):
    w1, w2, b2 = start
    batch = [kind(np.stack([x, y])) for x, y in ((w1, w1), (w2, 0 * w2), (b2, 0 * b2))]
    run, alone = (mf.finite_width(mf.BesselLaw(5), *x, [0, 3], rng=np.random.default_rng(0)) for x in (batch, start))
    assert run.status == "reached t = 3" and not np.any(np.asarray(run.w2)[:, 1])
    np.testing.assert_allclose(np.asarray(run.w2)[:, 0], alone.w2, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(run.alpha)[1, 1], np.asarray(run.alpha)[0, 1], rtol=1e-12)


def test_a_run_beside_itself_sees_the_same_fresh_directions(start, kind):
    alone = mf.finite_width(mf.BesselLaw(5), *start, [0, 5], rng=3)
    both = mf.finite_width(
        mf.BesselLaw(5), *(kind(np.stack([x, x])) for x in start), [0, 5], rng=np.random.default_rng(3)
    )
    for name in ("alpha", "loss", "rho"):
        twice = np.stack([getattr(alone, name)] * 2, axis=1)
        np.testing.assert_allclose(np.asarray(getattr(both, name)), twice, rtol=1e-11)


class Disturbed(mf.BesselLaw):
    """A law whose moments, after some calls, raise an interrupt, or are not finite."""

    left, value = 10**9, None

    def moments(self, r, orders):
        object.__setattr__(self, "left", self.left - 1)
        if self.left < 0 and self.value is None:
            raise KeyboardInterrupt
        found = super().moments(r, orders)
        return [m * self.value for m in found] if self.left < 0 else found


def disturbed(left, value=None):
    law = Disturbed(5)
    mf.loss(law, np.ones((1, 5)), np.array([-0.1]), np.array([0.5]), UNIT)  # moments that are computed once
    for name, x in (("left", left), ("value", value)):
        object.__setattr__(law, name, x)
    return law


@pytest.mark.parametrize("step", [1.0, 2**-7])
def test_a_run_that_cannot_go_on_says_so(start, step):
    run = mf.finite_width(disturbed(6, math.nan), *start, [0, 1], step=step)
    assert list(run.t) == [0] and run.status.endswith(": the weights are no longer finite")
    assert run.stats["rejected"] > 0
    never = mf.finite_width(disturbed(1, math.nan), *start, [0, 1], step=step)
    short = mf.finite_width(disturbed(1, math.nan), *start, [0, 1e-5], step=step)
    assert never.stats["rejected"] == short.stats["rejected"] == 30  # halved to below 1e-9 of the longest


@pytest.mark.parametrize("calls", [3, 9])
def test_an_interrupt_keeps_what_was_saved(start, calls):
    run = mf.finite_width(disturbed(calls), *start, [0, 1, 2, 50])
    assert run.status.startswith("interrupted at t = ") and 0 < len(run.t) < 4
    assert len(run.alpha) == len(run.t) == len(run.loss)


def test_progress_is_shown_when_asked(start, capsys):
    mf.finite_width(mf.BesselLaw(5), *start, [0, 2])
    assert capsys.readouterr().err == ""
    mf.finite_width(mf.BesselLaw(5), *start, [0, 2], progress=True)
    assert "gradient flow" in capsys.readouterr().err


UNIT = np.eye(5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"w1": np.zeros((3, 5))}, "w1 must have a neuron that is not zero"),
        ({"w1": np.ones(5)}, "w1 must have at least 2 dimension"),
        ({"w1": np.ones((0, 5))}, "w1 must not be empty"),
        ({"w1": np.ones((3, 4))}, r"w1 must have shape \(..., m1, d\) with d = 5"),
        ({"w1": np.ones((3, 6))}, r"w1 must have shape \(..., m1, d\) with d = 5"),
        ({"w1": np.full((3, 5), math.nan)}, "w1 must be finite"),
        ({"w2": np.array([-0.1, -0.1])}, "b2 must have shape"),
        ({"w2": np.float64(-0.1)}, "w2 must have at least 1 dimension"),
        (
            {"w2": np.array([[-0.1]]), "b2": np.array([[0.5]])},
            r"w2 must have the batch dimensions of w1, \(\); got \(1,\)",
        ),
        ({"w1": np.ones((2, 3, 5))}, r"w2 must have the batch dimensions of w1, \(2,\); got \(\)"),
        ({"w2": np.array([0.2])}, "w2 must be at most 0"),
        ({"w2": np.array([math.inf])}, "w2 must be finite"),
        ({"b2": np.array([math.nan])}, "b2 must be finite"),
        ({"directions": np.eye(4)}, r"directions must have shape \(n, d\) with d = 5"),
        ({"directions": np.eye(6)}, r"directions must have shape \(n, d\) with d = 5"),
        ({"directions": 2 * UNIT}, "directions must be unit rows"),
        ({"directions": UNIT[0]}, "directions must have at least 2 dimension"),
        ({"directions": np.ones((0, 5))}, "directions must not be empty"),
    ],
)
def test_bad_input_is_named(change, words):
    good = {"w1": np.ones((3, 5)), "w2": np.array([-0.1]), "b2": np.array([0.5]), "directions": UNIT}
    for function in (mf.loss, mf.velocity):
        with pytest.raises(ValueError, match=words):
            function(LAWS[0], **(good | change))
    with pytest.raises(ValueError, match=words):
        mf.finite_width(LAWS[0], t=[1.0], **(good | change))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"t": [1, 0]}, ValueError, "t must be"),
        ({"step": 0.0}, ValueError, "step must be a positive"),
        ({"step": 1e-6}, ValueError, "step must be at least 2e-06, for t = 1 within 500000 steps; got 1e-06"),
        ({"tolerance": 0.0}, ValueError, "tolerance must be a positive"),
        ({"rates": (-1, 1)}, ValueError, r"rates\[0\] must be a positive"),
        ({"directions": 0}, ValueError, "directions must be a whole number, at least 2; got 0"),
        ({"directions": np.array(40.0)}, TypeError, "directions must be a whole number, at least 2; got array"),
        ({"directions": "40"}, TypeError, "directions must be a whole number, at least 2; got '40'"),
        ({"directions": UNIT[None]}, ValueError, r"directions must have shape \(n, d\), or the batch .* got \(1, "),
        ({"directions": 3}, ValueError, "directions must be even"),
        ({"law": "bessel"}, TypeError, r"law must be a radial law, such as mf.BesselLaw\(10\); got 'bessel'"),
        ({"law": mf.BesselLaw}, TypeError, "law must be a radial law"),
        ({"rng": "seed"}, TypeError, "rng must be"),
        ({"b2": np.array([-0.5])}, ValueError, "every second-layer neuron is dead"),
        ({"w2": np.array([0.0])}, ValueError, "w2 must be below 0 where b2 > 0"),
    ],
)
def test_bad_runs_are_refused_before_any_work(change, error, words):
    good = {"law": LAWS[0], "w1": np.ones((3, 5)), "w2": np.array([-0.1]), "b2": np.array([0.5]), "t": [1.0]}
    with pytest.raises(error, match=words):
        mf.finite_width(**(good | change))


@pytest.mark.parametrize("n", [np.int64(10), np.array(10), torch.tensor(10), UNIT.tolist(), list(UNIT)], ids=type)
def test_directions_are_a_number_or_rows_of_any_kind(start, n):
    run = mf.finite_width(LAWS[0], *start, [1], directions=n)
    same = mf.finite_width(LAWS[0], *start, [1], directions=UNIT if isinstance(n, list) else 10)
    np.testing.assert_array_equal(run.rho, same.rho)


@pytest.mark.parametrize(("dtype", "sizes"), [("float32", (1e-30, 1e10, 1e19)), ("float64", (1e-170, 1e80, 1e200))])
def test_weights_whose_squares_leave_the_range_of_their_dtype_are_refused(dtype, sizes, kind):
    second = np.array([-0.1], dtype), np.array([0.5], dtype), kind(UNIT.astype(dtype))
    for size in sizes:
        w1 = kind(np.stack([np.ones((3, 5)), np.full((3, 5), size)]).astype(dtype))
        for call in (mf.loss, mf.velocity, lambda *x: mf.finite_width(*x[:4], [1])):
            with pytest.raises(ValueError, match=rf"w1 must be such that its largest .* in .*{dtype}; got [19]"):
                call(LAWS[0], w1, *(np.stack([x, x]) for x in second[:2]), second[2])
    for size in (1e-6, 1e6):
        assert mf.finite_width(LAWS[0], kind(np.full((3, 5), size, dtype)), *second[:2], [1]).status == "reached t = 1"


def test_dead_neurons_have_no_velocity_and_the_loss_of_nothing():
    dead = np.ones((3, 5)), np.array([-0.1, -0.2]), np.array([-0.5, 0.0]), UNIT
    assert not any(np.any(v) for v in mf.velocity(LAWS[0], *dead))
    m0, m1, m2 = (float(LAWS[0].partial_moment(k, 1.0)) for k in range(3))
    assert float(mf.loss(LAWS[0], *dead)) == pytest.approx((m0 - 2 * m1 + m2) / 2, rel=1e-12)


def test_a_flat_second_layer_has_a_loss_but_no_velocity():
    flat = np.ones((3, 5)), np.array([0.0]), np.array([0.5]), UNIT
    m0, m1, m2 = (float(LAWS[0].partial_moment(k, 1.0)) for k in range(3))
    assert float(mf.loss(LAWS[0], *flat)) == pytest.approx((m0 - 2 * m1 + m2 - (m0 - m1) + 0.25) / 2, rel=1e-12)
    with pytest.raises(ValueError, match="w2 must be below 0 where b2 > 0"):
        mf.velocity(LAWS[0], *flat)


def test_a_neuron_of_length_zero_or_across_the_direction_has_no_velocity():
    # 1{w.u > 0} is 0 on the boundary, and w = 0 stays: its velocity is proportional to |w|
    w1, second = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 0]]), (np.array([-0.5]), np.array([0.4]))
    dw1, _, _ = mf.velocity(mf.BesselLaw(3), w1, *second, np.array([[1.0, 0, 0]]))
    assert dw1[0, 0] != 0 and np.all(dw1[1:] == 0) and np.all(dw1[0, 1:] == 0)


def test_a_seed_may_be_any_whole_number_and_a_generator_goes_on(start, kind):
    arrays = [kind(x) for x in start]
    seeded, same = (mf.finite_width(mf.BesselLaw(5), *arrays, [1], rng=seed).w2 for seed in (3, np.int64(3)))
    rng = mf.random.generator(3, arrays[0])
    first, second = (mf.finite_width(mf.BesselLaw(5), *arrays, [1], rng=rng).w2 for _ in range(2))
    assert bool((seeded == same).all()) and bool((seeded == first).all()) and bool((first != second).any())


def test_directions_may_be_off_unit_length_by_rounding_only(start):
    def loss(length):
        return mf.loss(mf.BesselLaw(5), *start, length * UNIT)

    assert loss(1 + 5e-5) == pytest.approx(float(loss(1)), rel=1e-3) == pytest.approx(float(loss(1 - 5e-5)), rel=1e-3)
    for length in (1 + 3e-4, 1 - 3e-4):
        with pytest.raises(ValueError, match="directions must be unit rows"):
            loss(length)


def test_fewer_directions_do_not_cost_more_steps(paper):
    law, w1, w2, b2 = paper
    steps = [mf.finite_width(law, w1, w2[:1], b2[:1], [20], directions=n, rng=1).stats for n in (20, 200)]
    assert steps[0]["steps"] + steps[0]["rejected"] <= 1.1 * (steps[1]["steps"] + steps[1]["rejected"])


def test_a_parameter_is_moved_without_its_graph(start):
    leaf, *second = (torch.as_tensor(x).requires_grad_() for x in start)
    run = mf.finite_width(mf.BesselLaw(5), leaf, *second, [0, 1], save_w1=True)
    assert not any(x.requires_grad for x in (run.alpha, run.w1, run.w2, run.b2, run.loss, run.rho))
    assert not any(x.requires_grad for x in mf.velocity(mf.BesselLaw(5), leaf, *second, torch.eye(5)))
    assert leaf.detach().numpy() == pytest.approx(start[0], abs=0)  # and stays where it was


def test_directions_come_in_the_dtype_of_the_weights(start):
    u = mf.orthogonal_directions(20, 5, torch.Generator().manual_seed(0))
    single = [torch.as_tensor(x, dtype=torch.float32) for x in start]
    for found, wanted in ((mf.loss(LAWS[0], *single, u), mf.loss(LAWS[0], *start, u.numpy())),
                          (mf.velocity(LAWS[0], *single, u)[0], mf.velocity(LAWS[0], *start, u.numpy())[0])):  # fmt: skip
        assert found.dtype == torch.float32
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


def test_a_numpy_generator_moves_torch_weights_as_it_moves_numpys(start):
    one, two = (mf.finite_width(mf.BesselLaw(5), *(kind(x) for x in start), [1, 3], rng=np.random.default_rng(0))
                for kind in (np.asarray, torch.as_tensor))  # fmt: skip
    np.testing.assert_allclose(two.b2, one.b2, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e5, 1e-12])
def test_a_start_out_of_all_proportion_ends_with_a_sentence(start, scale, kind):
    w1, w2, b2 = start
    for state in ((scale * w1, w2, b2), (w1, scale * w2, b2), (w1, w2, scale * b2)):
        run = mf.finite_width(mf.BesselLaw(5), *(kind(x) for x in state), [0, 0.01])
        assert run.status.startswith(("reached t = 0.01", "stopped at t = ")) and np.all(
            np.isfinite(np.asarray(run.b2))
        )
