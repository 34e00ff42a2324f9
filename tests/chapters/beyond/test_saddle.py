"""Errors that compound at H = 1: the exact flow against sampled inputs, the local Hessian against differences."""

import math

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters.beyond.growth import growth_rates
from mfdepth.chapters.beyond.saddle import local_hessian, network_distance, teacher_flow, teacher_velocity

TARGET = np.array([[0.97, 0.26], [0.2, 0.75], [-0.84, 0.31]])  # that of "Two-layer mean-field networks"


def sampled_velocity(w, v, x, network):
    """w' as a mean over inputs x, for a network of the neurons `network`."""
    g = len(v) * mf.first_layer(v, x) - mf.first_layer(network, x)
    length = np.linalg.norm(w, axis=1, keepdims=True)
    pull = ((w @ x.T > 0) * g) @ x / len(x)
    return w / length * np.sum(w * pull, axis=1, keepdims=True) + length * pull


@pytest.mark.parametrize("d", [2, 3])
def test_the_velocity_is_the_mean_over_inputs(d, rng):
    w, v = rng.standard_normal((4, d)), rng.standard_normal((3, d))
    x = mf.orthogonal_directions(200_000 * d, d, rng)
    np.testing.assert_allclose(teacher_velocity(w, v), sampled_velocity(w, v, x, w), atol=0.01)


@pytest.mark.parametrize("d", [2, 4])
def test_the_local_hessian_is_the_derivative_of_the_force_with_the_others_held(d, rng):
    w, v = rng.standard_normal((5, d)), rng.standard_normal((3, d))
    found, h = local_hessian(w, v), 1e-5
    np.testing.assert_allclose(found, np.swapaxes(found, 1, 2), atol=1e-13)
    # a test neuron of no weight feels V: all neurons but it, and its own copy at rest in the network
    heavy = 1e5
    for k in range(5):
        for i in range(d):
            moved = []
            for sign in (1, -1):
                probe = w[k] + sign * h * np.eye(d)[i]
                # a network of the same mean: each neuron many times, the probe once, hardly felt
                moved.append(probe_force(probe, w, v, heavy))
            np.testing.assert_allclose((moved[0] - moved[1]) / (2 * h), found[k][:, i], atol=2e-4)


def probe_force(probe, w, v, heavy):
    """The force on a neuron that weighs 1/heavy of the others: teacher_velocity with the others longer by a factor."""
    m = len(w)
    network = np.concatenate([w * ((m + 1) / m) ** 0.5, probe[None] / heavy])  # the mean over m + 1 is that over m
    return teacher_velocity(network, v)[-1] * heavy


def test_on_the_circle_the_hessian_is_what_the_edges_see():
    # (ReLU cos)'' + ReLU cos = a mass at each edge, so h'' + h = (g(theta + 90) + g(theta - 90))/(2 pi)
    w, angle = np.array([[0.5, 0.1], [-0.2, 0.9]]), math.atan2(0.1, 0.5)
    edges = np.array([[-math.sin(angle), math.cos(angle)], [math.sin(angle), -math.cos(angle)]])
    g = 3 * mf.first_layer(TARGET, edges) - mf.first_layer(w, edges)
    u = w[0] / np.linalg.norm(w[0])
    across = np.array([-u[1], u[0]])
    found = local_hessian(w, TARGET)[0]
    # across the ray: 2 h + h''; along it: 2 h
    assert across @ found @ across - u @ found @ u / 2 == pytest.approx(
        g.sum() / (2 * math.pi), rel=1e-7
    )  # acos near 1


def test_the_flow_descends_and_agrees_with_sampled_inputs():
    start = mf.init_first_layer(2, 7, 0.3, 1)
    t = np.array([0, 1, 3.0])
    exact = teacher_flow(start, TARGET, t)
    angle = 2 * math.pi * (np.arange(4000) + 0.5) / 4000
    x, w, h = np.stack([np.cos(angle), np.sin(angle)], axis=1), start, 0.002
    for _ in range(1500):  # Heun's method
        first = sampled_velocity(w, TARGET, x, w)
        w = w + h * (first + sampled_velocity(w + h * first, TARGET, x, w + h * first)) / 2
    np.testing.assert_allclose(exact[-1], w, atol=2e-3)
    off = [network_distance(z, TARGET * 3**0.5) for z in exact]  # mean of three times the target's neurons
    assert off[2] < off[1] < off[0]


def test_distance_is_that_over_the_circle(rng):
    w, z = rng.standard_normal((4, 2)), rng.standard_normal((3, 2))
    angle = 2 * math.pi * (np.arange(20_000) + 0.5) / 20_000
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    direct = np.mean((mf.first_layer(w, x) - mf.first_layer(z, x)) ** 2) ** 0.5
    assert network_distance(w, z) == pytest.approx(direct, rel=1e-6)


def test_errors_compound_although_no_rate_is_positive():
    # all neurons on one ray: the flow of one neuron. A fan within one degree leaves it, at the local Hessian's rate
    size, t = 0.3 * 2**0.5, np.linspace(0, 20, 81)
    ray = teacher_flow(np.array([[size, 0.0]]), TARGET, t)
    angle = np.radians(0.01) * ((np.arange(21) + 0.5) / 21 - 0.5)
    fan = teacher_flow(size * np.stack([np.cos(angle), np.sin(angle)], axis=1), TARGET, t)
    spread = np.std(np.arctan2(fan[..., 1], fan[..., 0]), axis=1)
    hessians = np.array([local_hessian(w, TARGET)[0] for w in ray])
    u = ray[:, 0] / np.linalg.norm(ray[:, 0], axis=1, keepdims=True)
    across = np.stack([-u[:, 1], u[:, 0]], axis=1)
    rate = np.einsum("ti,tij,tj->t", across, hessians, across) - np.einsum("ti,tij,tj->t", u, hessians, u)
    gain = np.exp(np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(t))]))
    np.testing.assert_allclose(spread / spread[0], gain, rtol=0.01)
    assert gain[-1] > 40
    # and the kernel of these neurons, with H = 1, has no growing mode
    x, w = mf.random_directions(40, 2, 0), fan[40]
    slopes = [np.maximum(w @ p, 0)[:, None] * w / np.linalg.norm(w, axis=1, keepdims=True) for p in x]
    slopes = np.stack(
        [
            s + np.linalg.norm(w, axis=1, keepdims=True) * (w @ p > 0)[:, None] * p
            for s, p in zip(slopes, x, strict=True)
        ]
    )
    kernel = np.einsum("xki,yki->xy", slopes, slopes) / len(w)
    assert growth_rates(kernel, 1.0).max() < 1e-12


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: teacher_velocity(np.eye(2), np.eye(3)), "v must have shape"),
        (lambda: teacher_velocity(np.zeros((2, 2)), np.eye(2)), "w must have a neuron that is not zero"),
        (lambda: teacher_flow(np.eye(2), np.eye(2), [1, 0]), "t must be"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
