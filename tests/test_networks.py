"""Networks as empirical measures, and the first layer's closed forms against averages over directions."""

import math
import pickle

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import bottleneck
from mfdepth.networks import affine_neuron, homogeneous_neuron, vector_neuron


@pytest.fixture
def w1(rng):
    return rng.standard_normal((6, 4))


def deep(rng, widths=(9, 8, 7), bottlenecks=(4, 3, 2, 1)):
    """Three mean-field layers with bottlenecks 3 and 2 wide: a neuron is a row (a_1 .. a_out, w, b)."""
    sizes = zip(widths, bottlenecks[:-1], bottlenecks[1:], strict=True)
    return mf.MeanFieldNetwork(
        mf.MeanFieldLayer(vector_neuron(out), rng.standard_normal((m, out + into + 1))) for m, into, out in sizes
    )


def test_a_two_layer_network_is_the_mean_of_its_neurons(rng, kind):
    w, x = rng.standard_normal((5, 6)), rng.standard_normal((3, 4))
    for name, sigma in (("relu", lambda z: max(z, 0)), ("tanh", math.tanh)):
        net = mf.MeanFieldNetwork([mf.MeanFieldLayer(vector_neuron(1, activation=name), kind(w))])
        by_hand = [np.mean([a * sigma(v @ row + b) for a, *v, b in w]) for row in x]
        np.testing.assert_allclose(net(kind(x)), by_hand, rtol=1e-12)


def test_the_learner_is_its_formula(w1, rng, kind):
    w2, b2, x = rng.standard_normal(5), rng.standard_normal(5), rng.standard_normal((8, 4))
    F = mf.first_layer(w1, x)
    by_hand = np.maximum(w2 * F[:, None] + b2, 0).mean(axis=1)
    np.testing.assert_allclose(mf.learner(kind(w1), kind(w2), kind(b2))(kind(x)), by_hand, rtol=1e-12)


@pytest.mark.parametrize("of", [np.int8, np.uint8, list, lambda x: torch.tensor(x, dtype=torch.int8)])
def test_integers_and_lists_are_taken_as_numbers(of):
    numbers = [[100, 3], [90, 4]]
    given, exact = of(numbers), np.array(numbers, dtype=float)
    net = mf.learner(np.eye(2), [-0.1], [0.5])
    for f in (mf.tent, bottleneck.tent_difference, lambda x: mf.first_layer(x, x)):
        np.testing.assert_allclose(f(given), f(exact), rtol=1e-14)
    if not isinstance(given, torch.Tensor):
        np.testing.assert_array_equal(net(given), net(exact))


def test_a_deep_network_knows_neurons_only_as_measures(rng):
    net, x = deep(rng), rng.standard_normal((5, 4))
    value = net(x)
    assert value.shape == (5,)
    shuffled = net.with_weights([rng.permutation(w) for w in net.weights])
    np.testing.assert_allclose(shuffled(x), value, rtol=1e-12)
    doubled = net.with_weights([np.concatenate([w, w]) for w in net.weights])
    np.testing.assert_allclose(doubled(x), value, rtol=1e-12)


def test_a_drawn_network_comes_near_the_measure_it_is_drawn_from(rng):
    # the law of large numbers at the Monte-Carlo rate: 64 times the neurons, an eighth of the error
    net, x = deep(rng), rng.standard_normal((20, 4))

    def error(m):
        return np.mean([np.sqrt(np.mean((net.resample([m] * 3, rng)(x) - net(x)) ** 2)) for _ in range(40)])

    assert error(100) / error(6400) == pytest.approx(8, rel=0.25)
    drawn = net.layers[0].resample(50, rng).weights
    assert {tuple(row) for row in drawn} <= {tuple(row) for row in net.weights[0]}


def test_symmetrization_of_the_first_layer_is_alpha_times_the_radius(w1, rng):
    # the talk: the mean of F over a sphere is alpha |x|, whatever the neurons are
    net = mf.MeanFieldNetwork([mf.MeanFieldLayer(homogeneous_neuron, w1)])
    u = mf.orthogonal_directions(40_000, 4, rng)
    r, F = np.array([0.5, 2.0]), net(u)
    error = 4 * r * F.std() / math.sqrt(len(u))
    assert np.all(np.abs(net.symmetrized(u)(r) - mf.first_layer_alpha(w1) * r) < error)


def test_the_learner_over_a_symmetric_layer_is_its_infinite_width(rng):
    # many neurons: f(x) near mean_j ReLU(w2 alpha |x| + b2)
    w1, w2, b2 = mf.init_first_layer(3, 40_000, 0.8, rng), np.array([-0.7, -0.2]), np.array([0.9, 0.3])
    x = rng.standard_normal((6, 3))
    ideal = affine_neuron(0.8 * np.linalg.norm(x, axis=1)[:, None], np.stack([w2, b2], axis=1)).mean(axis=1)[:, 0]
    np.testing.assert_allclose(mf.learner(w1, w2, b2)(x), ideal, atol=0.02)


def test_first_layer_is_homogeneous(w1, rng):
    x = rng.standard_normal((3, 4))
    np.testing.assert_allclose(mf.first_layer(2 * w1, 3 * x), 12 * mf.first_layer(w1, x), rtol=1e-13)


def test_the_tent_by_hand(kind):
    x = kind(np.array([[0.0, 0.0], [0.3, -0.4], [1.0, 0.0], [3.0, 0.0]]))
    np.testing.assert_allclose(mf.tent(x), [1, 0.5, 0, 0], atol=1e-15)


def test_networks_can_be_kept(rng, w1):
    for network in (deep(rng), mf.learner(w1, np.ones(2), np.ones(2))):
        kept, x = pickle.loads(pickle.dumps(network)), rng.standard_normal((3, 4))
        assert np.array_equal(kept(x), network(x))
        average = pickle.loads(pickle.dumps(network.symmetrized(np.eye(4))))
        assert np.array_equal(average(np.ones(1)), network.symmetrized(np.eye(4))(np.ones(1)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: mf.MeanFieldLayer(homogeneous_neuron, np.ones(3)),
            ValueError,
            "weights must have at least 2 dimension",
        ),
        (lambda: mf.MeanFieldLayer(homogeneous_neuron, np.full((2, 3), np.nan)), ValueError, "weights must be finite"),
        (lambda: mf.MeanFieldNetwork([]), ValueError, "layers must hold at least one layer"),
        (lambda: mf.learner(np.eye(2), np.ones(2), np.ones(3)), ValueError, "b2 must have shape"),
        (lambda: mf.learner(torch.eye(2), np.ones(2), np.ones(3)), ValueError, "b2 must have shape"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "neuron",
    [
        lambda z, w: z @ w.T,  # no D_out: the mean would go over the inputs
        lambda z, w: (z @ w.T).T[..., None],
        lambda z, w: (z @ w.T).tolist(),
        lambda z, w: torch.as_tensor(z @ w.T)[..., None],
        lambda z, w: None,
    ],
)
def test_a_neuron_function_that_returns_another_shape_or_kind_is_refused(neuron):
    accepted = r"neuron must return an array of the kind of z and of shape \(..., 5, 4, D_out\); got "
    with pytest.raises(ValueError, match=accepted):
        mf.MeanFieldLayer(neuron, np.ones((4, 2)))(np.ones((5, 2)))
