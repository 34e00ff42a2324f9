"""The infinite-width flow against quadrature, the conserved quantity, and the values of the note."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import references
import torch

import mfdepth as mf
from mfdepth.infinite import many_neurons, one_neuron, packed
from mfdepth.radius import radial_averages

STARTS = [(10, 1.0, -0.1, 0.5, (1.0, 1.0)), (3, 0.4, -1.5, 0.3, (0.5, 2.0)), (2, 2.0, -0.4, 1.4, (3.0, 1.0))]


@pytest.mark.parametrize(("d", "alpha", "w2", "b2", "rates"), STARTS)
def test_trajectory_is_that_of_a_tight_independent_solve(d, alpha, w2, b2, rates):
    t = np.array([0.0, 1.0, 4.0, 9.0])
    run = mf.infinite_width(mf.BesselLaw(d), alpha, w2, b2, t, rates)
    expected = references.one_neuron_flow(d, alpha, w2, b2, t, rates)
    np.testing.assert_allclose([run.alpha, run.w2, run.b2], expected, rtol=1e-8)
    assert run.status == "reached t = 9" and run.stats["evaluations"] > 0


def test_standard_start_has_the_values_of_the_note():
    run = mf.infinite_width(mf.BesselLaw(100), 1.0, -0.1, 0.5, [5, 60])
    np.testing.assert_allclose(run.alpha, [1.005790, 1.050411], atol=5e-7)
    np.testing.assert_allclose(run.w2, [-0.287022, -0.800144], atol=5e-7)
    np.testing.assert_allclose(run.b2, [0.618271, 0.922645], atol=5e-7)
    np.testing.assert_allclose(run.loss, [9.5611e-3, 3.1054e-4], rtol=2e-5)


@pytest.mark.parametrize("rates", [(1.0, 1.0), (0.3, 2.0)])
def test_the_conserved_quantity_does_not_move(rates, rng):
    law = mf.BesselLaw(10)
    w2, b2 = -0.3 + 0.1 * rng.standard_normal(5), 0.5 + 0.1 * rng.standard_normal(5)
    run = mf.infinite_width(law, 0.8, w2, b2, np.linspace(0, 40, 9), rates)
    conserved = run.alpha - 2 * mf.relu_mean(10) * rates[0] / rates[1] * np.mean(run.w2**2, axis=1)
    np.testing.assert_allclose(conserved, conserved[0], atol=1e-10)
    assert np.ptp(run.alpha) > 0.01


def test_the_loss_falls_at_the_rate_of_the_squared_velocity(rng):
    # dL/dt = -(|dalpha|^2-part + ...): along a gradient flow the loss can only fall, and reaches the target
    run = mf.infinite_width(mf.BesselLaw(5), 1.0, -0.1, 0.5, np.linspace(0, 400, 60))
    assert np.all(np.diff(run.loss) < 1e-15)
    assert run.loss[-1] < 1e-9
    assert run.w2[-1] * run.alpha[-1] == pytest.approx(-1, abs=1e-3)
    assert run.b2[-1] == pytest.approx(1, abs=1e-3)


def test_no_loss_is_negative():
    # at the end f = f* to rounding, and the sum of the terms of 1/2 E g^2 is rounded to either side
    run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, np.concatenate([[0.0], np.linspace(1000, 20_000, 40)]))
    assert np.all(run.loss >= 0) and np.all(run.loss[1:] < 1e-15)


def test_a_small_balanced_start_ends_at_the_cube_root():
    c = mf.relu_mean(10)
    run = mf.infinite_width(mf.BesselLaw(10), 2 * c * 0.2**2, -0.2, 0.2, [0, 1000])
    assert run.alpha[-1] == pytest.approx((2 * c) ** (1 / 3), rel=1e-6)


def test_a_start_that_drives_w2_to_the_edge_comes_back():
    # the kink runs far out and returns; the conserved number tells that nothing was lost on the way
    run = mf.infinite_width(mf.BesselLaw(10), 3.0, -0.06, 0.2, [0, 0.2, 5])
    assert run.status == "reached t = 5" and run.w2[1] > -0.02 > run.w2[2]
    conserved = run.alpha - 2 * mf.relu_mean(10) * run.w2**2
    np.testing.assert_allclose(conserved, conserved[0], atol=1e-9)


def test_a_small_bias_drives_w2_to_almost_nothing_and_it_comes_back():
    # the slope of 0.01 falls to 1e-12: followed through its logarithm, or rounding would carry it across zero
    run = mf.infinite_width(mf.BesselLaw(3), 2.0, -0.01, 0.02, [0, 0.05, 0.1, 5], tolerance=1e-6)
    assert run.status == "reached t = 5" and -1e-8 < run.w2.max() < 0 and run.w2[-1] < -0.1
    conserved = run.alpha - 2 * mf.relu_mean(3) * run.w2**2
    np.testing.assert_allclose(conserved, conserved[0], rtol=1e-5)


def test_one_neuron_is_many_equal_ones():
    law, t = mf.BesselLaw(4), [0, 2, 7]
    one = mf.infinite_width(law, 1.0, -0.2, 0.6, t)
    many = mf.infinite_width(law, 1.0, np.full(3, -0.2), np.full(3, 0.6), t)
    assert one.w2.shape == (3,) and many.w2.shape == (3, 3)
    np.testing.assert_allclose(many.w2, np.repeat(one.w2[:, None], 3, axis=1), rtol=1e-9)
    np.testing.assert_allclose(many.loss, one.loss, rtol=1e-9)


def test_neurons_with_the_same_active_region_keep_their_difference():
    # b2/w2 equal: one region, one gradient (SCIENCE: the second layer behaves like one neuron)
    run = mf.infinite_width(mf.BesselLaw(6), 1.0, np.array([-0.2, -0.4]), np.array([0.4, 0.8]), [0, 1e-3])
    assert np.diff(run.w2[1] - run.w2[0]) == pytest.approx(0, abs=1e-12)


def test_laws_with_moments_take_neurons_of_both_signs(rng):
    for law in (mf.GaussianLaw(4), mf.BallLaw(4, radius=2.0)):
        w2, b2 = np.array([0.4, -0.8, 0.2]), np.array([0.2, 0.7, -0.1])
        run = mf.infinite_width(law, 0.9, w2, b2, np.linspace(0, 5, 6))
        assert np.all(np.diff(run.loss) < 0)
        conserved = run.alpha - 2 * mf.relu_mean(4) * np.mean(run.w2**2, axis=1)
        np.testing.assert_allclose(conserved, conserved[0], atol=1e-10)


LAW = mf.BesselLaw(3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"alpha": 0.0}, "alpha must be a positive finite number; got 0.0"),
        ({"alpha": math.nan}, "alpha must be a positive"),
        ({"w2": math.nan}, "w2 must be finite"),
        ({"b2": math.inf}, "b2 must be finite"),
        ({"w2": np.array([-1.0, -1.0])}, "w2 and b2 must be numbers or have one shape"),
        ({"w2": 0.1}, "w2 must be at most 0 under .* the loss is infinite; got 0.1"),
        ({"w2": 0.0}, "w2 must be below 0 where b2 > 0"),
        ({"b2": -0.5}, "every second-layer neuron is dead"),
        ({"b2": 0.0}, "every second-layer neuron is dead"),
        ({"w2": 0.0, "b2": -0.5}, "every second-layer neuron is dead"),
        ({"b2": np.array([0.5, 0.5])}, "w2 and b2 must be numbers or have one shape"),
        ({"w2": -np.ones((2, 2)), "b2": np.ones((2, 2))}, "w2 and b2 must be numbers or have one shape"),
        ({"t": [0, 2, 1]}, "t must be one-dimensional, finite, not negative and strictly increasing"),
        ({"t": [-1, 2]}, "t must be"),
        ({"t": [0, math.inf]}, "t must be"),
        ({"t": []}, "t must be"),
        ({"rates": (1.0, 0.0)}, r"rates\[1\] must be a positive finite number; got 0.0"),
        ({"rates": 1.0}, "rates must be a pair"),
        ({"tolerance": -1e-9}, "tolerance must be a positive"),
    ],
)
def test_bad_input_is_named(arguments, words):
    good = {"alpha": 1.0, "w2": -0.1, "b2": 0.5, "t": [0.0, 1.0]}
    with pytest.raises(ValueError, match=words):
        mf.infinite_width(LAW, **(good | arguments))


def test_dead_neurons_beside_a_live_one_are_accepted_and_do_not_move():
    run = mf.infinite_width(LAW, 1.0, np.array([-0.3, -0.3]), np.array([0.5, -0.2]), [0, 5])
    assert run.w2[1, 1] == -0.3 and run.b2[1, 1] == -0.2
    assert run.w2[1, 0] != -0.3


def test_a_neuron_may_live_by_its_slope_alone():
    # f = 0.4 r - 0.2 beyond its kink at r = 0.5: quadrature of E g^2/2 over the ball
    run = mf.infinite_width(mf.BallLaw(3), 1.0, 0.4, -0.2, 0)
    r, w = np.polynomial.legendre.leggauss(20)
    r = np.concatenate([(1 + r) / 4, (3 + r) / 4])
    squares = (1 - r - np.maximum(0.4 * r - 0.2, 0)) ** 2 / 2
    assert run.loss[0] == pytest.approx(np.tile(w / 4, 2) @ (3 * r**2 * squares), rel=1e-13)


@pytest.mark.parametrize("m2", [1, 3])
def test_a_law_may_be_wide_beyond_all_kinks(m2):
    # where f* is nothing: f = r/R + .3 has the loss 1/2 E f^2, s = r/R having the moments 3/4 and 3/5
    law, wide = mf.BallLaw(3, radius=1e45), np.full(m2, 1e-45)
    run = mf.infinite_width(law, 1.0, wide, np.full(m2, 0.3), 0)
    assert run.loss[0] == pytest.approx((3 / 5 + 0.6 * 3 / 4 + 0.09) / 2, rel=1e-13)
    start, velocity, _ = packed(law, 1.0, wide, np.full(m2, 0.3), (1.0, 1.0))
    np.testing.assert_allclose(velocity(0.0, start)[-m2:], -0.3 - 3 / 4, rtol=1e-13)


def test_a_slope_may_cross_zero_under_a_law_with_moments():
    run = mf.infinite_width(mf.BallLaw(3, radius=0.5), 1.0, -0.01, 0.1, [0, 1, 200])
    assert run.w2[1] > 0 > run.w2[0] and run.w2[2] < 0
    conserved = run.alpha - 2 * mf.relu_mean(3) * run.w2**2
    np.testing.assert_allclose(conserved, conserved[0], atol=1e-10)


def test_a_dead_neuron_without_slope_stays_so_beside_a_live_one():
    run = mf.infinite_width(LAW, 1.0, np.array([-0.3, 0.0]), np.array([0.5, -0.2]), [0, 5])
    assert run.w2[1, 1] == 0 and run.b2[1, 1] == -0.2
    silent = mf.infinite_width(LAW, 1.0, np.array([-0.3, 0.0]), np.array([0.5, 0.0]), [0, 5])  # on the edge of life
    assert silent.w2[1, 1] == silent.b2[1, 1] == 0 and silent.alpha[1] == pytest.approx(run.alpha[1], rel=1e-9)
    # dead is dead, whatever the weights
    other = mf.infinite_width(LAW, 1.0, np.array([-0.3, -1.0]), np.array([0.5, -1.0]), [0, 5])
    np.testing.assert_allclose(run.loss, other.loss, rtol=1e-9)


def test_a_kink_crosses_the_radius_of_the_sphere_and_the_run_goes_on():
    # the velocity jumps there, and LSODA keeps the step of 1e-12 that carried it across: once 200,000 were not enough
    law, start, t = mf.SphereLaw(3, radius=1.9), (1.0, np.array([1.0, 0.6]), np.array([1.2, 0.1])), [0.2, 0.4, 10]
    run = mf.infinite_width(law, *start, t, evaluations=6000)
    z = run.w2 * run.alpha[:, None] * 1.9 + run.b2
    assert run.status == "reached t = 10" and np.any((z[0] > 0) & (z[1] < 0)) and run.loss[2] < 1e-9
    np.testing.assert_allclose(run.w2, mf.infinite_width(law, *start, t, tolerance=1e-7).w2, rtol=1e-5)
    conserved = run.alpha - 2 * mf.relu_mean(3) * np.mean(run.w2**2, axis=1)
    np.testing.assert_allclose(conserved, conserved[0], atol=1e-9)


def test_a_slope_below_all_floats_is_none():
    run = mf.infinite_width(LAW, 1.0, -1e-100, 1e-150, [0, 1], evaluations=300)
    assert run.status.startswith("stopped at t = 0")


def test_the_logarithm_of_a_slope_may_be_any_float():
    # a trial step of the solver may take it anywhere; the slope itself stays one that a float holds
    _, velocity, _ = packed(LAW, 1.0, -0.1, 0.5, (1.0, 1.0))
    for far, farther in ((-701.0, -1e3), (701.0, 1e3)):
        one, two = (velocity(0.0, np.array([1.0, log, 0.5])) for log in (far, farther))
        assert np.all(np.isfinite(one)) and np.array_equal(one, two)


def test_weights_come_back_in_the_shape_they_were_given():
    for w2, b2, shape in (
        (-0.1, 0.5, (2,)),
        ([-0.1], 0.5, (2, 1)),
        (-0.1, [0.5], (2, 1)),
        ([-0.1] * 3, [0.5] * 3, (2, 3)),
    ):
        run = mf.infinite_width(LAW, 1.0, *(np.array(x) if isinstance(x, list) else x for x in (w2, b2)), [0, 1])
        assert run.w2.shape == run.b2.shape == shape and run.alpha.shape == run.loss.shape == (2,)
    with pytest.raises(AttributeError):
        run.w2 = run.b2  # a record, not a place to work in


def test_a_solver_that_gives_up_says_why():
    run = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 1, 2], tolerance=1e-17)
    assert run.status == "stopped at t = 0: no step is short enough"
    assert run.t.tolist() == [0] and len(run.alpha) == len(run.w2) == len(run.loss) == 1


@pytest.mark.parametrize("d", [2, 10, 100])
def test_the_end_of_time_is_reached(d):
    # where nothing moves any more but rounding, the steps grow without limit: 15 s were not enough once
    run = mf.infinite_width(mf.BesselLaw(d), 1.0, -0.1, 0.5, [0, 200, 1e12], tolerance=1e-8)
    assert run.status == "reached t = 1e+12" and run.stats["evaluations"] < 5000
    np.testing.assert_allclose([run.w2[-1] * run.alpha[-1], run.b2[-1]], [-1, 1], rtol=1e-7)


def test_a_run_that_ends_early_holds_what_it_reached_and_says_when_and_why():
    run = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 1, 2, 3000], evaluations=300)
    assert run.t.tolist() == [0, 1, 2] and len(run.alpha) == len(run.w2) == len(run.loss) == 3
    assert run.status.endswith(": 300 evaluations of the velocity were not enough")
    assert 2 < float(run.status.split()[4].strip(":")) < 3000 and run.stats["evaluations"] == 300
    whole = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 1, 2, 3000])
    np.testing.assert_array_equal(run.alpha, whole.alpha[:3])
    with pytest.raises(ValueError, match="evaluations must be a whole number, at least 1; got 0"):
        mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 1], evaluations=0)


@pytest.mark.parametrize("start", [(1.0, -0.1, 1e200), (1.0, [-0.1, -0.1], [0.5, 1e200]), (1.0, -1e200, 0.5)])
def test_a_start_that_the_arrays_cannot_hold_is_refused(start):
    with pytest.raises(ValueError, match="alpha, w2, b2 must leave the loss finite; got "):
        mf.infinite_width(LAW, *start, [0, 1])


def test_rates_of_a_million_are_a_million_times_the_time():
    fast = mf.infinite_width(mf.GaussianLaw(5), 1.0, -0.1, 0.5, [0, 1e-4, 10], (1e6, 1e6), tolerance=1e-9)
    slow = mf.infinite_width(mf.GaussianLaw(5), 1.0, -0.1, 0.5, [0, 100], tolerance=1e-9)
    assert fast.status == "reached t = 10" and fast.loss[2] < 1e-12
    np.testing.assert_allclose(
        [fast.alpha[1], fast.w2[1], fast.b2[1]], [slow.alpha[1], slow.w2[1], slow.b2[1]], rtol=1e-6
    )


def test_the_start_alone_needs_no_solver():
    run = mf.infinite_width(LAW, 0.7, -0.2, [0.5], 0.0)
    assert run.status == "reached t = 0" and run.stats["evaluations"] == 0 and 0 <= run.stats["seconds"] < 600
    assert run.t.tolist() == [0] and run.alpha == [0.7] and run.w2.tolist() == [[-0.2]] and run.b2.tolist() == [[0.5]]
    assert run.rho is None and run.w1 is None


LAWS = [mf.BesselLaw(2), mf.BesselLaw(100), mf.GaussianLaw(4), mf.BallLaw(4, radius=2.0), mf.SphereLaw(3, radius=0.8)]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_one_neuron_in_floats_and_many_in_few_calls_are_the_plain_averages(law, rng):
    # the two fast paths against `radial_averages`: to rounding, at both signs, at kinks near and far, dead or alive
    heavy = law.second_moment == math.inf
    a = rng.standard_normal(40) * 10 ** rng.uniform(-3, 2, 40)
    b = rng.standard_normal(40) * 10 ** rng.uniform(-3, 1, 40)
    a = -np.abs(a) if heavy else a
    forces = one_neuron(law)
    for slope, offset in [*zip(a.tolist(), b.tolist(), strict=True), *([] if heavy else [(0.0, 0.3), (0.0, -0.3)])]:
        plain = radial_averages(law, np.ones(1), np.array([slope]), np.array([offset]))
        size = abs(offset) + abs(slope) * (10 if heavy else law.second_moment) + 1
        np.testing.assert_allclose(forces(slope, offset), [plain.h0[0], plain.h1[0]], rtol=1e-12, atol=1e-13 * size)
    for slopes in (a, -np.abs(a)):
        plain, found = radial_averages(law, np.ones(1), slopes, b), many_neurons(law)(slopes, b)
        np.testing.assert_allclose(found, [plain.h0, plain.h1], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("law", [mf.BesselLaw(7), mf.GaussianLaw(7)], ids=str)  # log(-w2) is followed, or w2
@pytest.mark.parametrize("m2", [1, 5])
def test_the_velocity_is_the_gradient_of_the_loss(m2, law, rng):
    rates, h = (0.7, 1.3), 1e-6
    weights = np.r_[0.9, -0.5 - 0.2 * rng.random(m2), 0.6 + 0.2 * rng.random(m2)]
    second = slice(1, m2 + 1)
    start, velocity, unpacked = packed(law, weights[0], weights[second], weights[m2 + 1 :], rates)
    np.testing.assert_allclose(np.concatenate([x.ravel() for x in unpacked(start[None])]), weights, rtol=1e-15)

    def loss(state):
        return float(radial_averages(law, state[:1], state[second], state[m2 + 1 :]).loss[0])

    slopes = np.array([(loss(weights + h * e) - loss(weights - h * e)) / (2 * h) for e in np.eye(len(start))])
    expected = -slopes * np.r_[4 * rates[0] * mf.relu_mean(7) * weights[0], np.full(2 * m2, m2 * rates[1])]
    if law.second_moment == math.inf:
        expected[second] /= weights[second]
    np.testing.assert_allclose(velocity(0.0, start), expected, rtol=1e-6, atol=1e-8)


def test_flows_may_be_followed_at_once_in_threads():
    def ended(_):
        start = np.full(16, -0.1), np.linspace(0.4, 0.6, 16)
        return mf.infinite_width(mf.BesselLaw(10), 1.0, *start, np.linspace(0, 100, 200)).status

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(ended, range(6))) == {"reached t = 100"}


@pytest.mark.parametrize("w2", [-0.1, [-0.1, -0.2]])
def test_the_second_layer_may_be_of_torch_and_in_a_graph(w2):
    law, b2 = mf.BesselLaw(10), np.asarray(w2) + 0.6
    tensors = (torch.tensor(np.asarray(x), requires_grad=True) for x in (w2, b2))
    np.testing.assert_array_equal(
        mf.infinite_width(law, 1.0, *tensors, [9]).loss, mf.infinite_width(law, 1.0, w2, b2, [9]).loss
    )
