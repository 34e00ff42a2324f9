"""Any second layer at infinite width, against the exact flow of the learner and against autograd at finite width."""

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.networks import homogeneous_neuron


def hill(r):
    return np.maximum(1 - abs(r - 2), 0)


@pytest.fixture
def neurons(rng):
    return np.stack([rng.choice([-1.0, 1.0], 6), rng.standard_normal(6), rng.standard_normal(6)], axis=1)


def test_with_the_talks_second_layer_it_is_the_exact_flow():
    law, t = mf.BesselLaw(10), [0, 20, 60]
    run = mf.radial_flow(law, lambda r: np.maximum(1 - r, 0), 1.0, [[1.0, -0.1, 0.5]], t, train_a=False)
    exact = mf.infinite_width(law, 1.0, -0.1, 0.5, t)
    np.testing.assert_allclose(run.alpha, exact.alpha, rtol=2e-4)
    np.testing.assert_allclose(run.neurons[:, 0, 1], exact.w2, rtol=5e-3)
    np.testing.assert_allclose(run.neurons[:, 0, 2], exact.b2, rtol=5e-3)
    np.testing.assert_allclose(run.loss, exact.loss, rtol=2e-2)
    np.testing.assert_allclose(run.curvature, mf.stability(law, exact.alpha, exact.w2, exact.b2), rtol=5e-2)
    np.testing.assert_array_equal(run.neurons[:, 0, 0], 1)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_first_moments_are_those_of_autograd_over_a_round_layer(activation, neurons, rng):
    # one short step of a wide finite network with the same second layer
    law, h = mf.GaussianLaw(3), 0.01
    w1 = mf.init_first_layer(3, 4000, 0.8, rng)
    w1 = w1 * (0.8 / mf.first_layer_alpha(w1)) ** 0.5
    layers = (mf.MeanFieldLayer(homogeneous_neuron, w1), mf.MeanFieldLayer(mf.radial_neuron(activation), neurons))
    x = law.sample(4000, rng)
    nets, _ = mf.sampled_flow(mf.MeanFieldNetwork(layers), x, lambda x: (1 - (x.norm(dim=-1) - 2).abs()).clamp(min=0), [h], step=h)  # fmt: skip
    run = mf.radial_flow(law, hill, 0.8, neurons, [0, h], activation=activation)
    moved = nets[0].weights[1].numpy() - neurons
    np.testing.assert_allclose(moved / h, (run.neurons[1] - neurons) / h, atol=0.04)
    speed = (float(mf.first_layer_alpha(nets[0].weights[0])) - 0.8) / h
    assert speed == pytest.approx((run.alpha[1] - 0.8) / h, abs=0.04)
    assert np.abs(moved / h).max() > 0.1


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_conserved_number_and_the_loss(activation, neurons):
    run = mf.radial_flow(
        mf.GaussianLaw(5), hill, 0.5, neurons, np.linspace(0, 20, 9), (0.5, 2.0), activation=activation
    )
    kept = run.alpha - 2 * mf.relu_mean(5) * 0.25 * np.mean(run.neurons[:, :, 1] ** 2, axis=1)
    assert np.ptp(kept) < 1e-4 < np.ptp(run.alpha)
    assert np.all(np.diff(run.loss) < 1e-6) and run.status == "reached t = 20"


def test_a_profile_is_the_network_on_a_ray(neurons):
    run = mf.radial_flow(mf.GaussianLaw(3), hill, 0.5, neurons, [0, 1], activation="tanh")
    a, w, b = run.neurons[1].T
    assert run.profile(1, [1.5])[0] == pytest.approx(np.mean(a * np.tanh(w * run.alpha[1] * 1.5 + b)), rel=1e-12)


def test_the_neuron_is_its_formula(neurons, kind):
    layer = mf.MeanFieldLayer(mf.radial_neuron("tanh"), kind(neurons))
    a, w, b = neurons.T
    expected = [np.mean(a * np.tanh(w * z + b)) for z in (0.3, 2.0)]
    np.testing.assert_allclose(layer(kind(np.array([[0.3], [2.0]])))[:, 0], expected, rtol=1e-12)


def test_the_curvature_is_that_of_a_smooth_loss(neurons):
    # tanh: by autograd, through alpha
    law = mf.GaussianLaw(4)
    run = mf.radial_flow(law, hill, 0.6, neurons, [0], activation="tanh")
    r = torch.as_tensor(law.ppf((np.arange(500) + 0.5) / 500))
    a, w, b = torch.as_tensor(neurons).T

    def loss(alpha):
        return (
            (torch.as_tensor(hill(r.numpy())) - (a * torch.tanh(w * alpha * r[:, None] + b)).mean(-1)) ** 2
        ).mean() / 2

    exact = torch.autograd.functional.hessian(loss, torch.tensor(0.6, dtype=torch.float64))
    assert run.curvature[0] == pytest.approx(float(exact), rel=2e-2, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": 0.0}, "alpha must be"),
        ({"neurons": np.ones((2, 2))}, "neurons must have shape"),
        ({"neurons": np.ones(3)}, "neurons must have at least 2"),
        ({"t": [1, 0]}, "t must be"),
        ({"activation": "sine"}, "activation must be one of"),
        ({"target": lambda r: r[:3]}, "must have shape"),
        ({"tolerance": 0.0}, "tolerance must be"),
    ],
)
def test_bad_input_is_named(change, words, neurons):
    good = {"law": mf.GaussianLaw(3), "target": hill, "alpha": 1.0, "neurons": neurons, "t": [1.0]}
    with pytest.raises(ValueError, match=words):
        mf.radial_flow(**(good | change))
    with pytest.raises(ValueError, match="activation must be one of"):
        mf.radial_neuron("sine")
