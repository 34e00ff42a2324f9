"""Any second layer at infinite width, against the exact flow of the learner and against autograd at finite width."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import beyond
from mfdepth.chapters.beyond.radial_flow import ACTIVATIONS, refuse_growth
from mfdepth.networks import homogeneous_neuron


def hill(r):
    return np.maximum(1 - abs(r - 2), 0)


@pytest.fixture
def neurons(rng):
    return np.stack([rng.choice([-1.0, 1.0], 6), rng.standard_normal(6), rng.standard_normal(6)], axis=1)


def test_fewer_radii_change_little_and_more_radii_less(neurons):
    runs = {nodes: beyond.radial_flow(mf.BallLaw(3, 3.0), hill, 1.0, neurons, [0, 5], nodes=nodes) for nodes in (25, 100, 1600)}  # fmt: skip
    coarse, fine = (np.abs(runs[nodes].neurons - runs[1600].neurons).max() for nodes in (25, 100))
    assert 0 < 3 * fine < coarse < 0.1  # the rule of the middles is of second order


@pytest.mark.parametrize("m2", [1, 5])
def test_the_kinks_of_a_start_lie_apart(m2):
    a, w, b = beyond.spread_neurons(m2, 3, reach=2.0).T
    kinks = -b / w
    part = 2.0 / m2
    assert np.all(np.abs(kinks - part * (np.arange(m2)[::-1] + 0.5)) < part / 4)
    assert np.all(a == [2, -2, 2, -2, 2][:m2]) and np.all(w == -1.5)
    assert np.any(beyond.spread_neurons(m2, 4, reach=2.0) != np.stack([a, w, b], axis=1))
    with pytest.raises(ValueError, match="m2 must be a whole number"):
        beyond.spread_neurons(0, 0)


def test_with_the_talks_second_layer_it_is_the_exact_flow():
    law, t = mf.BesselLaw(10), [0, 20, 60]
    run = beyond.radial_flow(law, lambda r: np.maximum(1 - r, 0), 1.0, [[1.0, -0.1, 0.5]], t, train_a=False)
    exact = mf.infinite_width(law, 1.0, -0.1, 0.5, t)
    np.testing.assert_allclose(run.alpha, exact.alpha, rtol=2e-4)
    np.testing.assert_allclose(run.neurons[:, 0, 1], exact.w2, rtol=5e-3)
    np.testing.assert_allclose(run.neurons[:, 0, 2], exact.b2, rtol=5e-3)
    np.testing.assert_allclose(run.loss, exact.loss, rtol=2e-2)
    np.testing.assert_allclose(run.stability, mf.stability(law, exact.alpha, exact.w2, exact.b2), rtol=5e-2)
    np.testing.assert_array_equal(run.neurons[:, 0, 0], 1)


def test_the_curvature_at_a_kink_is_that_of_the_exact_flow():
    for d in (3, 10, 100):
        for alpha, w, b in ((1.0, -0.1, 0.5), (1.0, -0.5, 0.2), (0.7, -1.0, 0.5)):  # at d = 100 the density oscillates
            law = mf.BesselLaw(d)
            run = beyond.radial_flow(law, lambda r: np.maximum(1 - r, 0), alpha, [[1.0, w, b]], [0])
            assert run.stability[0] == pytest.approx(mf.stability(law, alpha, w, b), rel=1e-2, abs=3e-4)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_first_moments_are_those_of_autograd_over_a_round_layer(activation, neurons, rng):
    # one short step of a wide finite network with the same second layer
    law, h = mf.GaussianLaw(3), 0.01
    w1 = mf.init_first_layer(3, 4000, 0.8, rng)
    w1 = w1 * (0.8 / mf.first_layer_alpha(w1)) ** 0.5
    layers = (mf.MeanFieldLayer(homogeneous_neuron, w1), mf.MeanFieldLayer(beyond.radial_neuron(activation), neurons))
    x = law.sample(4000, rng)
    nets, _ = beyond.sampled_flow(mf.MeanFieldNetwork(layers), x, lambda x: (1 - (x.norm(dim=-1) - 2).abs()).clamp(min=0), [h], step=h)  # fmt: skip
    run = beyond.radial_flow(law, hill, 0.8, neurons, [0, h], activation=activation)
    moved = nets[0].weights[1].numpy() - neurons
    np.testing.assert_allclose(moved / h, (run.neurons[1] - neurons) / h, atol=0.04)
    speed = (float(mf.first_layer_alpha(nets[0].weights[0])) - 0.8) / h
    assert speed == pytest.approx((run.alpha[1] - 0.8) / h, abs=0.04)
    assert np.abs(moved / h).max() > 0.1


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_conserved_number_and_the_loss(activation, neurons):
    run = beyond.radial_flow(
        mf.GaussianLaw(5), hill, 0.5, neurons, np.linspace(0, 20, 9), (0.5, 2.0), activation=activation
    )
    kept = run.alpha - 2 * mf.relu_mean(5) * 0.25 * np.mean(run.neurons[:, :, 1] ** 2, axis=1)
    assert np.ptp(kept) < 1e-4 < np.ptp(run.alpha)
    assert np.all(np.diff(run.loss) < 1e-6) and run.status == "reached t = 20"


def test_a_profile_is_the_network_on_a_ray(neurons):
    run = beyond.radial_flow(mf.GaussianLaw(3), hill, 0.5, neurons, [0, 1], activation="tanh")
    a, w, b = run.neurons[1].T
    assert run.profile(1, [1.5])[0] == pytest.approx(np.mean(a * np.tanh(w * run.alpha[1] * 1.5 + b)), rel=1e-12)


def test_the_neuron_is_its_formula(neurons, kind):
    layer = mf.MeanFieldLayer(beyond.radial_neuron("tanh"), kind(neurons))
    a, w, b = neurons.T
    expected = [np.mean(a * np.tanh(w * z + b)) for z in (0.3, 2.0)]
    np.testing.assert_allclose(layer(kind(np.array([[0.3], [2.0]])))[:, 0], expected, rtol=1e-12)


def test_the_curvature_is_that_of_a_smooth_loss(neurons):
    # tanh: by autograd, through alpha
    law = mf.GaussianLaw(4)
    run = beyond.radial_flow(law, hill, 0.6, neurons, [0], activation="tanh")
    r = torch.as_tensor(law.ppf((np.arange(500) + 0.5) / 500))
    a, w, b = torch.as_tensor(neurons).T

    def loss(alpha):
        return (
            (torch.as_tensor(hill(r.numpy())) - (a * torch.tanh(w * alpha * r[:, None] + b)).mean(-1)) ** 2
        ).mean() / 2

    exact = torch.autograd.functional.hessian(loss, torch.tensor(0.6, dtype=torch.float64))
    assert run.stability[0] == pytest.approx(float(exact), rel=2e-2, abs=1e-3)


@pytest.mark.parametrize(
    ("height", "rates"), [(1e4, (1.0, 1.0)), (1e6, (1.0, 1.0)), (1.0, (1e9, 1e9)), (1.0, (1e6, 1.0))]
)
def test_a_stiff_flow_arrives(height, rates):
    run = beyond.radial_flow(mf.GaussianLaw(3), lambda r: height * r, 1.0, [[1.0, 0.1, 0.5]], [0, 1], rates)
    assert run.status == "reached t = 1" and run.loss[1] < 0.05 * run.loss[0]
    kept = run.alpha - 2 * mf.relu_mean(3) * rates[0] / rates[1] * run.neurons[:, 0, 1] ** 2
    assert abs(kept[1] - kept[0]) < 1e-4 * np.max(run.alpha)


def test_kinks_that_many_neurons_drive_through_the_quadrature_do_not_hold_it_up(rng):
    neurons = np.stack([2 * rng.choice([-1.0, 1.0], 16), rng.standard_normal(16), 2 * rng.standard_normal(16)], axis=1)
    run = beyond.radial_flow(mf.GaussianLaw(10), lambda r: np.maximum(1 - abs(r - 3), 0), 0.3, neurons, [300])
    assert run.status == "reached t = 300"
    limited = beyond.radial_flow(mf.GaussianLaw(10), hill, 0.3, neurons, [0, 0.01, 300], evaluations=100)
    assert limited.t.tolist() == [0, 0.01] and limited.status.endswith(
        "100 evaluations of the velocity were not enough"
    )
    assert limited.neurons.shape == (2, 16, 3) and limited.stability.shape == limited.loss.shape == (2,)


def test_a_relu_on_a_cell_is_its_mean_there():
    z, h = np.array([-0.3, -0.1, 0.0, 0.15, 0.3]), 0.2
    inside = z[:, None] + h * (2 * (np.arange(10_000) + 0.5) / 10_000 - 1)
    value, slope = ACTIVATIONS["relu"](z, h)
    np.testing.assert_allclose(value, np.maximum(inside, 0).mean(axis=1), atol=1e-8)
    np.testing.assert_allclose(slope, (inside > 0).mean(axis=1), atol=1e-4)


HEAVY = mf.BesselLaw(10)


def test_a_heavy_tail_refuses_the_second_layer_in_the_words_of_the_exact_flow():
    for w in (0.1, 0.0):
        with pytest.raises(ValueError) as exact:
            mf.infinite_width(HEAVY, 1.0, w, 0.5, [0, 10])
        with pytest.raises(ValueError) as ours:
            beyond.radial_flow(HEAVY, lambda r: np.maximum(1 - r, 0), 1.0, [[1.0, w, 0.5]], [0, 10])
        assert str(ours.value) == str(exact.value).replace("w2", "w").replace("b2", "b")
    with pytest.raises(ValueError, match="w must not be 0 under BesselLaw"):
        beyond.radial_flow(HEAVY, np.cos, 1.0, [[1.0, 0.0, 0.5]], [0, 10], activation="tanh")


def test_a_neuron_that_comes_to_grow_under_a_heavy_tail_ends_the_run():
    run = beyond.radial_flow(HEAVY, lambda r: 3 + 0 * r, 1.0, [[1.0, -0.001, 0.5]], [0, 1e-6, 1.0])
    assert run.t.tolist() == [0, 1e-6] and "w must be at most 0 under BesselLaw" in run.status


@pytest.mark.parametrize("target", [lambda r: r, np.sqrt, np.exp, lambda r: -(r**3)])
def test_a_target_that_grows_under_a_heavy_tail_is_refused(target):
    with pytest.raises(ValueError, match=r"target\(r\) must not grow with |x|, whose second moment is infinite"):
        beyond.radial_flow(HEAVY, target, 1.0, [[1.0, -0.1, 0.5]], [0, 1])


def test_what_a_heavy_tail_can_bear_is_not_refused():
    for target in (np.cos, lambda r: 1 / (1 + r), lambda r: 0 * r, lambda r: np.log(1 + r)):
        assert beyond.radial_flow(HEAVY, target, 1.0, [[1.0, -0.5, 0.5]], [0]).status == "reached t = 0"
    assert beyond.radial_flow(HEAVY, hill, 1.0, [[1.0, 0.1, 0.5]], [0, 1], activation="tanh").status == "reached t = 1"
    assert (
        beyond.radial_flow(mf.GaussianLaw(3), lambda r: r**2, 1.0, [[1.0, 0.1, 0.5]], [0, 1]).status == "reached t = 1"
    )


def test_a_function_and_a_tensor_of_the_caller_are_left_alone(neurons):
    def doubling(r):
        r *= 2
        return hill(r)

    law = mf.GaussianLaw(3)
    ours, plain = (beyond.radial_flow(law, f, 0.5, neurons, [1]) for f in (doubling, lambda r: hill(2 * r)))
    np.testing.assert_array_equal(ours.alpha, plain.alpha)
    leaf = torch.as_tensor(neurons).requires_grad_()
    tensors = beyond.radial_flow(law, lambda r: torch.as_tensor(hill(2 * r)), 0.5, leaf, [1])
    np.testing.assert_array_equal(tensors.alpha, plain.alpha)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"neurons": np.ones((2, 2))}, "neurons must have shape"),
        ({"neurons": np.ones(3)}, "neurons must have at least 2"),
        ({"t": [1, 0]}, "t must be"),
        ({"target": lambda r: r[:3]}, r"target\(r\) must have shape \(500,\); got shape \(3,\)"),
        ({"target": lambda r: r[:, None]}, r"target\(r\) must have shape \(500,\); got shape \(500, 1\)"),
        ({"target": lambda r: 1.0}, r"target\(r\) must have shape"),
        ({"target": lambda r: r * math.nan}, r"target\(r\) must be finite"),
        ({"target": lambda r: 1e160 * r}, r"alpha, neurons, target\(r\) must leave the loss finite; got inf at t = 0"),
        ({"alpha": 1e200, "neurons": [[1.0, 1.0, 0.0]]}, r"alpha, neurons, target\(r\) must leave the loss finite"),
    ],
)
def test_bad_input_is_named(change, words, neurons):
    good = {"law": mf.GaussianLaw(3), "target": hill, "alpha": 1.0, "neurons": neurons, "t": [1.0]}
    with pytest.raises(ValueError, match=words):
        beyond.radial_flow(**(good | change))
    with pytest.raises(ValueError, match="activation must be one of"):
        beyond.radial_neuron("sine")


@pytest.mark.parametrize("power", [0.5, 0.6, 2.0, 400.0])
def test_a_function_whose_square_has_no_mean_is_refused(power):
    # under Bessel laws P(|x| > r) falls as 1/r, so the square of r^p has a mean for p < 1/2
    law = mf.BesselLaw(10)
    r = float(law.ppf(1 - 1e-7))
    with np.errstate(over="ignore"), pytest.raises(ValueError) as refused:
        refuse_growth("target(r)", lambda r: r**power, law)
    assert str(refused.value).startswith("target(r) must not grow with |x|")
    assert str(refused.value).endswith(
        f"got {np.float64(r) ** power if power < 400 else math.inf:.3g} at |x| = {r:.3g}"
    )


def test_a_function_that_grows_only_far_out_is_refused():
    with pytest.raises(ValueError, match="must not grow"):
        refuse_growth("target(r)", lambda r: np.maximum(r - 1e5, 0), mf.BesselLaw(10))


def test_a_function_whose_square_has_a_mean_is_not():
    law = mf.BesselLaw(10)
    for f in (lambda r: r**0.4, np.ones_like, np.zeros_like, lambda r: np.maximum(1 - r, 0), lambda r: 5 - 1 / r):
        refuse_growth("target(r)", f, law)
    refuse_growth("target(r)", lambda r: np.exp(3 * r), mf.GaussianLaw(3))  # where E|x|^2 is finite nothing is asked
    with pytest.raises(ValueError, match=r"target\(r\) must have shape \(6,\)"):
        refuse_growth("target(r)", lambda r: 1.0, law)
