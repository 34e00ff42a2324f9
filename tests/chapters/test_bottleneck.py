"""Bottleneck networks against sums written by hand, and Adam against steps of torch's own on one weight."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import bottleneck


def test_a_layer_writes_the_mean_of_its_neurons_to_the_bottleneck(rng, kind):
    w, z = rng.standard_normal((5, 2 + 3 + 1)), rng.standard_normal((4, 3))
    by_hand = [np.mean([row[:2] * max(row[2:5] @ point + row[5], 0) for row in w], axis=0) for point in z]
    layer = mf.MeanFieldLayer(bottleneck.vector_neuron(2), kind(w))
    np.testing.assert_allclose(layer(kind(z)), by_hand, rtol=1e-12)


def test_without_bias_a_layer_is_homogeneous(rng):
    network = bottleneck.bottleneck_network((3, 2), (7,), rng, bias=False)
    x = rng.standard_normal((5, 3))
    np.testing.assert_allclose(network(2.5 * x), 2.5 * network(x), rtol=1e-12)
    assert network.weights[0].shape == (7, 2 + 3)


def test_only_the_first_layer_loses_its_bias(rng):
    network = bottleneck.bottleneck_network((4, 2, 3, 1), (5, 6, 7), rng, bias=False)
    assert [w.shape for w in network.weights] == [(5, 6), (6, 6), (7, 5)]
    zero = np.zeros((1, 4))
    inner = network.layers[1](np.zeros((1, 2)))
    np.testing.assert_allclose(network(zero), network.layers[2](inner)[..., 0], rtol=1e-12)
    assert abs(float(network(zero)[0])) > 1e-3


def test_the_learner_is_a_bottleneck_of_one_number(rng):
    # rows (|w|, w) and (1, w2, b2): the talk's learner, neuron for neuron
    w1, w2, b2 = rng.standard_normal((6, 4)), rng.standard_normal(3), rng.standard_normal(3)
    first = np.hstack([np.linalg.norm(w1, axis=1)[:, None], w1])
    second = np.stack([np.ones(3), w2, b2], axis=1)
    network = mf.MeanFieldNetwork(
        [
            mf.MeanFieldLayer(bottleneck.vector_neuron(1, bias=False), first),
            mf.MeanFieldLayer(bottleneck.vector_neuron(1), second),
        ]
    )
    x = rng.standard_normal((8, 4))
    np.testing.assert_allclose(network(x), mf.learner(w1, w2, b2)(x), rtol=1e-12)


def test_one_step_of_adam_moves_each_weight_by_the_rate(rng):
    # the first step of Adam is the rate times the sign of the gradient
    network, x = bottleneck.bottleneck_network((2, 1, 1), (4, 3), rng), rng.standard_normal((20, 2))
    fit = bottleneck.fit_network(network, x, mf.tent(x), [0, 1, 100], rate=0.01)
    for start, before, after in zip(network.weights, fit.networks[0].weights, fit.networks[1].weights, strict=True):
        np.testing.assert_array_equal(before, start)
        moved = np.abs(after.numpy() - start)
        assert np.all((np.abs(moved - 0.01) < 1e-3) | (moved == 0)) and moved.max() > 0
    values = mf.tent(torch.as_tensor(x))
    for network, loss in zip(fit.networks, fit.losses, strict=True):
        assert float(((values - network(torch.as_tensor(x))) ** 2).mean() / 2) == pytest.approx(loss, rel=1e-12)
    assert fit.losses[2] < fit.losses[0] and fit.steps.tolist() == [0, 1, 100]


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x[::-1].copy()[::-1],
        lambda x: np.broadcast_to(x, (1, *x.shape))[0],
        lambda x: x.astype(">f8"),
        lambda x: x.astype(np.longdouble),
        lambda x: x.tolist(),
        lambda x: torch.as_tensor(x).requires_grad_(),
    ],
    ids=["reversed", "read-only", "foreign bytes", "long double", "list", "tensor with a graph"],
)
def test_inputs_and_values_come_in_any_form(rng, form):
    network, x = bottleneck.bottleneck_network((2, 2, 1), (5, 4), rng), rng.standard_normal((30, 2))
    losses = bottleneck.fit_network(network, form(x), form(mf.tent(x)), [0, 2]).losses
    np.testing.assert_allclose(losses, bottleneck.fit_network(network, x, mf.tent(x), [0, 2]).losses, rtol=1e-12)


def test_seeds_side_by_side_train_as_they_do_alone(rng):
    x = rng.standard_normal((30, 2))
    both = bottleneck.bottleneck_network((2, 2, 1), (5, 4), rng, batch=(2,))
    alone = [both.with_weights([w[s] for w in both.weights]) for s in (0, 1)]
    np.testing.assert_allclose(both(x), [network(x) for network in alone], rtol=1e-12)
    together = bottleneck.fit_network(both, x, mf.tent(x), [20])
    for s, network in enumerate(alone):
        fit = bottleneck.fit_network(network, x, mf.tent(x), [20])
        assert fit.losses[0] == pytest.approx(together.losses[0, s], rel=1e-6)


def test_the_difference_of_tents_is_that_of_both_halves(rng, kind):
    x = rng.standard_normal((9, 6))
    p, q = np.linalg.norm(x[:, :3], axis=1), np.linalg.norm(x[:, 3:], axis=1)
    expected = np.maximum(1 - p, 0) - np.maximum(1 - q, 0)
    np.testing.assert_allclose(bottleneck.tent_difference(kind(x)), expected, rtol=1e-12)
    assert np.abs(expected).max() > 0.01


def test_three_numbers_fit_what_one_does_not():
    rng = np.random.default_rng(0)
    x = np.hstack([mf.BallLaw(2, 1.5).sample(400, rng) for _ in range(2)])
    ends = []
    for size in (1, 3):
        network = bottleneck.bottleneck_network((4, size, 1), (32, 32), np.random.default_rng(1), bias=False)
        ends.append(bottleneck.fit_network(network, x, bottleneck.tent_difference(x), [300]).losses[0])
    assert ends[1] < 0.1 * ends[0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda r: bottleneck.bottleneck_network((4, 1), (3, 3), r),
            ValueError,
            "sizes must hold one number more than widths",
        ),
        (
            lambda r: bottleneck.bottleneck_network((4,), (), r),
            ValueError,
            "sizes must hold one number more than widths",
        ),
        (lambda r: bottleneck.bottleneck_network(3, (2,), r), TypeError, "sizes must be a list of whole .*; got 3"),
        (lambda r: bottleneck.bottleneck_network((3, 1), 2, r), TypeError, "widths must be a list of whole .*; got 2"),
        (lambda r: fit(r, steps=[0.5]), ValueError, "steps must be whole numbers"),
        (lambda r: fit(r, x=np.full((5, 4), math.nan)), ValueError, "x must be finite"),
        (lambda r: fit(r, values=np.zeros(4)), ValueError, "values must have shape"),
        (
            lambda r: bottleneck.fit_network(
                bottleneck.bottleneck_network((4, 5), (3,), r), np.ones((5, 4)), np.ones(5), [0]
            ),
            ValueError,
            r"network must return a Tensor of shape \(5,\); got Tensor of shape \(5, 5\)",  # as many outputs as inputs
        ),
        (lambda r: bottleneck.tent_difference(np.zeros((2, 3))), ValueError, "x must have an even last dimension"),
    ],
)
def test_bad_input_is_named(call, error, words, rng):
    with pytest.raises(error, match=words):
        call(rng)


def fit(rng, x=None, values=None, steps=(1,), rate=0.1):
    x, values = np.zeros((5, 4)) if x is None else x, np.zeros(5) if values is None else values
    return bottleneck.fit_network(bottleneck.bottleneck_network((4, 1), (3,), rng), x, values, steps, rate=rate)
