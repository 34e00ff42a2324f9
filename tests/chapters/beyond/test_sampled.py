"""Sampled training of any mean-field network, against the fast flow and against steps written by hand."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import beyond, bottleneck
from mfdepth.networks import vector_neuron


def small_learner(d, m1, rng):
    return mf.init_first_layer(d, m1, 1.0, rng), np.array([-0.3, -0.2]), np.array([0.6, 0.5])


def test_one_step_is_the_mean_field_velocity_within_its_error_bar(rng):
    # autograd on samples and the fast flow with the radius exact: the same velocity, by two roads
    law, (w1, w2, b2) = mf.GaussianLaw(3), small_learner(3, 4, rng)
    moves = []
    for seed in range(40):
        networks, _ = beyond.sampled_flow(mf.learner(w1, w2, b2), law, mf.tent, [0.01], step=0.01, batch=4000, rng=seed)
        first, second = (w.numpy() for w in networks[0].weights)
        moves.append(np.concatenate([(first - w1).ravel(), second[:, 0] - w2, second[:, 1] - b2]) / 0.01)
    dw1, dw2, db2 = mf.velocity(law, w1, w2, b2, mf.orthogonal_directions(60_000, 3, rng))
    exact, mean = np.concatenate([dw1.ravel(), dw2, db2]), np.mean(moves, axis=0)
    assert np.all(np.abs(mean - exact) < 4.5 * np.std(moves, axis=0) / math.sqrt(40) + 1e-4)
    assert np.abs(exact).max() > 0.01


def test_the_learner_trains_alike_by_both_flows(rng):
    law, weights = mf.GaussianLaw(3), small_learner(3, 32, rng)
    networks, losses = beyond.sampled_flow(mf.learner(*weights), law, mf.tent, [0, 5], batch=4000, step=0.1)
    fast = mf.finite_width(law, *weights, [0, 5], step=0.1)
    slope, bias = networks[1].weights[1].T
    np.testing.assert_allclose(slope, fast.w2[1], atol=3e-3)
    np.testing.assert_allclose(bias, fast.b2[1], atol=3e-3)
    assert losses[0] == pytest.approx(float(fast.loss[0]), rel=0.2)  # of the start, on inputs apart
    assert losses[1] == pytest.approx(float(fast.loss.mean()), rel=0.5)


def test_rates_and_widths_scale_the_step_on_fixed_inputs(rng):
    # one neuron a ReLU(w x + b), one input x = 2, target 1: by hand, gradient (f - 1) (ReLU, a x, a)
    w = np.array([[0.5, 1.0, 0.0], [0.25, 1.0, -0.5]])
    net = mf.MeanFieldNetwork([mf.MeanFieldLayer(vector_neuron(1), w)])
    networks, losses = beyond.sampled_flow(
        net, torch.tensor([[2.0]]), lambda x: 1 + 0 * x[:, 0], [0.1], rates=[3.0], step=0.1
    )
    f = np.mean([0.5 * 2, 0.25 * 1.5])
    move = -0.1 * 3 * (f - 1) * np.array([[2, 0.5 * 2, 0.5], [1.5, 0.25 * 2, 0.25]])
    np.testing.assert_allclose(networks[0].weights[0], w + move, rtol=1e-12)
    assert losses[0] == pytest.approx((f - 1) ** 2 / 2)


def test_deep_networks_and_the_subspace_target_train_too(rng):
    columns = torch.eye(4, dtype=torch.float64)[:, :2]
    net = mf.learner(mf.init_first_layer(4, 50, 1.0, rng), np.full(8, -0.3), 0.5 + 0.1 * rng.random(8))
    _, losses = beyond.sampled_flow(
        net, mf.BallLaw(4, radius=1.5), beyond.subspace_tent(columns), [1, 30], batch=500, step=0.2
    )
    assert losses[1] < 0.7 * losses[0]


def test_runs_are_reproducible_and_leave_the_start_alone(rng):
    law, net = mf.GaussianLaw(3), mf.learner(*small_learner(3, 5, rng))
    before = [w.copy() for w in net.weights]
    (one,), _ = beyond.sampled_flow(net, law, mf.tent, [1], batch=10, rng=3)
    (two,), _ = beyond.sampled_flow(net, law, mf.tent, [1], batch=10, rng=3)
    assert all(torch.equal(a, b) for a, b in zip(one.weights, two.weights, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, net.weights, strict=True))


def deep(rng, **more):
    return bottleneck.bottleneck_network((3, 2, 1), (30, 20), rng, **more)


@pytest.mark.parametrize("step", [2.0, 10.0, 1e4])
def test_a_step_that_kills_every_neuron_is_told(step, rng):
    net = mf.learner(mf.init_first_layer(3, 32, 1.0, np.random.default_rng(0)), np.full(8, -0.1), np.full(8, 0.5))
    run = beyond.sampled_flow(net, mf.GaussianLaw(3), mf.tent, [0, step, 100 * step], step=step)
    assert "every neuron is dead" in run.status and len(run.t) == 2 and np.isfinite(run.loss).all()
    given = beyond.sampled_flow(net, mf.GaussianLaw(3).sample(50, 0), mf.tent, [0, 100 * step], step=step)
    assert "every neuron is dead" in given.status and len(given.t) == 1


@pytest.mark.parametrize("step", [30.0, 100.0, 1e4])
@pytest.mark.parametrize("t", [[0, 5], [7]])
def test_too_long_a_step_ends_with_finite_weights(step, t, rng):
    run = beyond.sampled_flow(
        deep(np.random.default_rng(0)), mf.GaussianLaw(3), mf.tent, np.multiply(t, step), step=step
    )
    assert run.status.startswith("stopped at t = ") and run.status.endswith("take a shorter step")
    assert len(run.t) == len(run.networks) == len(run.loss) < len(t) + 1
    assert all(torch.isfinite(w).all() for net in run.networks for w in net.weights) and np.isfinite(run.loss).all()


def test_a_loss_that_rose_is_told_though_it_is_finite(rng):
    run = beyond.sampled_flow(deep(np.random.default_rng(0)), mf.GaussianLaw(3), mf.tent, [0, 10, 20], step=10.0)
    assert run.t.tolist() == [0] and run.status.startswith("stopped at t = 0: the loss rose to 0.")


def test_an_interrupt_keeps_the_networks_before_it(rng):
    calls = iter(range(30))

    def target(x):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return mf.tent(x)

    run = beyond.sampled_flow(deep(rng), mf.GaussianLaw(3), target, [0, 1, 2, 3], batch=64)
    networks, losses = run
    assert run.status.startswith("interrupted at t = 2.") and len(networks) == len(losses) == len(run.t) == 3


def test_networks_side_by_side_are_the_networks_alone(rng):
    nets, x = deep(rng, batch=(3,)), rng.standard_normal((40, 3))
    together = beyond.sampled_flow(nets, x, mf.tent, [0, 1])
    assert together.loss.shape == (2, 3)
    for i in range(3):
        alone = beyond.sampled_flow(nets.with_weights([w[i] for w in nets.weights]), x, mf.tent, [0, 1])
        np.testing.assert_allclose(together.loss[:, i], alone.loss, rtol=1e-12)
        for w, one in zip(together.networks[1].weights, alone.networks[1].weights, strict=True):
            np.testing.assert_allclose(w[i], one, rtol=1e-10)


def test_what_the_caller_hands_over_may_be_of_any_kind(rng):
    net, law = mf.learner(*small_learner(3, 5, rng)), mf.GaussianLaw(3)
    x = law.sample(40, rng)
    first = beyond.sampled_flow(net, x, mf.tent, [1])
    leaves = mf.learner(*(torch.as_tensor(w).requires_grad_() for w in (net.weights[0], *net.weights[1].T)))

    def in_numpy(z):
        return np.maximum(1 - np.linalg.norm(np.asarray(z), axis=1), 0)

    def in_place(z):
        return mf.tent(z.mul_(-1))

    for network, inputs, target in (
        (leaves, x, mf.tent),
        (net, torch.as_tensor(x), in_numpy),
        (net, x.tolist(), lambda z: mf.tent(z).numpy().astype(">f8")[::-1][::-1]),
        (net, x, in_place),
    ):
        run = beyond.sampled_flow(network, inputs, target, [1])
        for w, expected in zip(run.networks[0].weights, first.networks[0].weights, strict=True):
            np.testing.assert_allclose(w, expected, rtol=1e-13)
            assert not w.requires_grad and w.dtype == torch.float64
    drawn = [beyond.sampled_flow(net, law, mf.tent, [1], rng=np.random.default_rng(1)).loss for _ in range(2)]
    assert drawn[0] == drawn[1] != beyond.sampled_flow(net, law, mf.tent, [1], rng=1).loss


class Few:
    def sample(self, n, rng):
        return np.ones((5, 3))


def one_layer(neuron, shape):
    return mf.MeanFieldNetwork([mf.MeanFieldLayer(neuron, np.ones(shape))])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"t": [2, 1]}, ValueError, "t must be"),
        ({"step": -0.1}, ValueError, "step must be a positive"),
        ({"batch": 0}, ValueError, "batch must be a whole number"),
        ({"rates": [1.0]}, ValueError, "rates must hold one number for each of the 2 layers; got 1"),
        ({"rates": [1.0, 0.0]}, ValueError, "rates must be a positive"),
        ({"law": torch.ones(3)}, ValueError, "law must have at least 2 dimension"),
        (
            {"target": lambda x: mf.tent(x)[:, None]},
            ValueError,
            r"target\(x\) must have shape \(1024,\); got shape \(1024, 1\)",
        ),
        ({"target": lambda x: 1.0}, ValueError, r"target\(x\) must have shape"),
        ({"target": lambda x: math.inf + x[:, 0]}, ValueError, r"target\(x\) must be finite"),
        (
            {"target": lambda x: mf.tent(x) + 0j},
            TypeError,
            r"target\(x\) must hold real numbers; got dtype .*complex128",
        ),
        (
            {"target": lambda x: mf.tent(x)[:, None], "law": np.ones((5, 3))},
            ValueError,
            r"target\(x\) must have shape \(5,\)",
        ),
        ({"target": lambda x: 1e200 * x[:, 0]}, ValueError, "network, target must leave the loss finite; got inf"),
        ({"law": np.full((4, 3), math.nan)}, ValueError, "law must be finite"),
        ({"law": mf.GaussianLaw(4)}, ValueError, r"network must take inputs of shape \(n, 4\), those of law"),
        ({"law": Few()}, ValueError, r"law.sample\(n, rng\) must have shape \(1024, 3\); got shape \(5, 3\)"),
        (
            {"network": one_layer(vector_neuron(2), (4, 6))},
            ValueError,
            r"network must return a Tensor of shape \(1024,\)",
        ),
        (
            {"network": one_layer(lambda z, w: z.detach().numpy()[:, None, :1], (4, 6))},
            ValueError,
            "neuron must return an array of the kind of z",
        ),
        (
            {"network": one_layer(lambda z, w: z[:, None, :1].repeat(1, 4, 1), (4, 6))},
            ValueError,
            "network must be a function of its weights",
        ),
        ({"law": mf.BesselLaw(3), "target": lambda x: x[:, 0]}, ValueError, r"target\(x\) must not grow with |x|"),
        (
            {"law": mf.BesselLaw(3), "network": one_layer(vector_neuron(1), (4, 5))},
            ValueError,
            r"network must not grow with |x|",
        ),
        (
            {"law": mf.BesselLaw(3), "network": mf.learner(np.eye(3), np.ones(2), np.ones(2))},
            ValueError,
            "w2 must be at most 0 under",
        ),
    ],
)
def test_bad_input_is_named(change, error, words, rng):
    good = {"network": mf.learner(*small_learner(3, 4, rng)), "law": mf.GaussianLaw(3), "target": mf.tent, "t": [1.0]}
    with pytest.raises(error, match=words):
        beyond.sampled_flow(**(good | change))
