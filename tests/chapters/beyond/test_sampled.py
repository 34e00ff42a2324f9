"""Sampled training of any mean-field network, against the fast flow and against steps written by hand."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.networks import hinge_neuron


def small_learner(d, m1, rng):
    return mf.init_first_layer(d, m1, 1.0, rng), np.array([-0.3, -0.2]), np.array([0.6, 0.5])


def test_one_step_is_the_mean_field_velocity_within_its_error_bar(rng):
    # autograd on samples and the fast flow with the radius exact: the same velocity, by two roads
    law, (w1, w2, b2) = mf.GaussianLaw(3), small_learner(3, 4, rng)
    moves = []
    for seed in range(40):
        networks, _ = mf.sampled_flow(mf.learner(w1, w2, b2), law, mf.tent, [0.01], step=0.01, batch=4000, rng=seed)
        first, second = (w.numpy() for w in networks[0].weights)
        moves.append(np.concatenate([(first - w1).ravel(), second[:, 0] - w2, second[:, 1] - b2]) / 0.01)
    dw1, dw2, db2 = mf.velocity(law, w1, w2, b2, mf.orthogonal_directions(60_000, 3, rng))
    exact, mean = np.concatenate([dw1.ravel(), dw2, db2]), np.mean(moves, axis=0)
    assert np.all(np.abs(mean - exact) < 4.5 * np.std(moves, axis=0) / math.sqrt(40) + 1e-4)
    assert np.abs(exact).max() > 0.01


def test_the_learner_trains_alike_by_both_flows(rng):
    law, weights = mf.GaussianLaw(3), small_learner(3, 32, rng)
    networks, losses = mf.sampled_flow(mf.learner(*weights), law, mf.tent, [0, 5], batch=4000, step=0.1)
    fast = mf.finite_width(law, *weights, [0, 5], step=0.1)
    slope, bias = networks[1].weights[1].T
    np.testing.assert_allclose(slope, fast.w2[1], atol=3e-3)
    np.testing.assert_allclose(bias, fast.b2[1], atol=3e-3)
    assert math.isnan(losses[0]) and losses[1] == pytest.approx(float(fast.loss.mean()), rel=0.5)


def test_rates_and_widths_scale_the_step_on_fixed_inputs(rng):
    # one neuron a ReLU(w x - b), one input x = 2, target 1: by hand, gradient (f - 1) (ReLU, a x, -a)
    w = np.array([[0.5, 1.0, 0.0], [0.25, 1.0, 0.5]])
    net = mf.MeanFieldNetwork([mf.MeanFieldLayer(hinge_neuron, w)])
    networks, losses = mf.sampled_flow(
        net, torch.tensor([[2.0]]), lambda x: 1 + 0 * x[:, 0], [0.1], rates=[3.0], step=0.1
    )
    f = np.mean([0.5 * 2, 0.25 * 1.5])
    move = -0.1 * 3 * (f - 1) * np.array([[2, 0.5 * 2, -0.5], [1.5, 0.25 * 2, -0.25]])
    np.testing.assert_allclose(networks[0].weights[0], w + move, rtol=1e-12)
    assert losses[0] == pytest.approx((f - 1) ** 2 / 2)


def test_deep_networks_and_the_subspace_target_train_too(rng):
    columns = torch.eye(4, dtype=torch.float64)[:, :2]
    net = mf.learner(mf.init_first_layer(4, 50, 1.0, rng), np.full(8, -0.3), 0.5 + 0.1 * rng.random(8))
    _, losses = mf.sampled_flow(net, mf.BallLaw(4, radius=1.5), mf.subspace_tent(columns), [1, 30], batch=500, step=0.2)
    assert losses[1] < 0.7 * losses[0]


def test_runs_are_reproducible_and_leave_the_start_alone(rng):
    law, net = mf.GaussianLaw(3), mf.learner(*small_learner(3, 5, rng))
    before = [w.copy() for w in net.weights]
    (one,), _ = mf.sampled_flow(net, law, mf.tent, [1], batch=10, rng=3)
    (two,), _ = mf.sampled_flow(net, law, mf.tent, [1], batch=10, rng=3)
    assert all(torch.equal(a, b) for a, b in zip(one.weights, two.weights, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, net.weights, strict=True))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"t": [2, 1]}, ValueError, "t must be"),
        ({"step": -0.1}, ValueError, "step must be a positive"),
        ({"batch": 0}, ValueError, "batch must be a whole number"),
        ({"rates": [1.0]}, ValueError, "rates must hold one number for each of the 2 layers; got 1"),
        ({"rates": [1.0, 0.0]}, ValueError, "rates must be a positive"),
        ({"law": torch.ones(3)}, ValueError, "law must have at least 2 dimension"),
        ({"target": lambda x: math.inf + x[:, 0]}, FloatingPointError, "take a shorter step"),
    ],
)
def test_bad_input_is_named(change, error, words, rng):
    good = {"network": mf.learner(*small_learner(3, 4, rng)), "law": mf.GaussianLaw(3), "target": mf.tent, "t": [1.0]}
    with pytest.raises(error, match=words):
        mf.sampled_flow(**(good | change))
