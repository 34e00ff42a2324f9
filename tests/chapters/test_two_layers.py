"""Two layers as particles: against autograd, sums over pairs written by hand, closed forms, and a second resolution."""

import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import mfdepth as mf
from mfdepth.chapters import beyond, two_layers
from mfdepth.networks import homogeneous_neuron

V = np.array([[1.0, 0.3], [0.2, 0.8], [-0.7, 0.3]])


@pytest.fixture
def data():
    x = two_layers.circle(32)
    return x, two_layers.teacher(V)(x)


def network(w):
    return mf.MeanFieldNetwork([mf.MeanFieldLayer(homogeneous_neuron, w)])


def test_the_inputs_are_equally_spaced_directions():
    x = two_layers.circle(7)
    np.testing.assert_allclose(np.sum(x * x, axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.sum(x * np.roll(x, -1, axis=0), axis=-1), math.cos(2 * math.pi / 7), rtol=1e-13)
    np.testing.assert_allclose(x[0], [math.cos(math.pi / 7), math.sin(math.pi / 7)], rtol=1e-15)


def test_the_teacher_is_a_sum_of_neurons(rng, kind):
    x = rng.standard_normal((5, 2))
    expected = sum(np.linalg.norm(v) * np.maximum(x @ v, 0) for v in V)
    found = two_layers.teacher(kind(V))(kind(x))
    assert type(found) is type(kind(x))
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("d", [2, 5])
def test_the_velocity_is_m_times_the_negative_gradient_by_autograd(rng, d):
    w, x, y = (rng.standard_normal(shape) for shape in ((3, 6, d), (40, d), 40))
    for start in w:
        leaf = torch.tensor(start, requires_grad=True)
        loss = ((torch.tensor(y) - network(leaf)(torch.tensor(x))) ** 2).mean() / 2
        (gradient,) = torch.autograd.grad(loss, leaf)
        np.testing.assert_allclose(two_layers.particle_velocity(start, x, y), -6 * gradient, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        two_layers.particle_velocity(w, x, y)[2], two_layers.particle_velocity(w[2], x, y), rtol=1e-12
    )


def test_velocity_in_polar_coordinates(rng, data):
    """d|w|/dt = 2 |w| G and d angle/dt = G', with G(angle) = mean (y - f) ReLU(u.x): the closed form of the chapter."""
    x, y = data
    w = rng.standard_normal((9, 2))
    g = y - mf.first_layer(w, x)
    angle, length = np.arctan2(w[:, 1], w[:, 0]), np.linalg.norm(w, axis=-1)

    def h(a):
        return np.maximum(np.stack([np.cos(a), np.sin(a)], axis=-1) @ x.T, 0) @ g / len(x)

    v = two_layers.particle_velocity(w, x, y)
    unit, turned = w / length[:, None], np.stack([-w[:, 1], w[:, 0]], axis=-1) / length[:, None]
    np.testing.assert_allclose(np.sum(v * unit, axis=-1), 2 * length * h(angle), rtol=1e-12)
    slope = (h(angle + 1e-6) - h(angle - 1e-6)) / 2e-6
    np.testing.assert_allclose(np.sum(v * turned, axis=-1), length * slope, atol=1e-8)


def test_numpy_and_torch_in_two_precisions_agree(rng, data):
    x, y = data
    w = 0.5 * rng.standard_normal((2, 8, 2))
    expected = two_layers.particle_flow(w, x, y, [0, 1, 3])
    doubled = two_layers.particle_flow(*(torch.as_tensor(a) for a in (w, x, y)), [0, 1, 3])
    np.testing.assert_allclose(doubled.w, expected.w, rtol=1e-11)
    single = two_layers.particle_flow(*(np.float32(a) for a in (w, x, y)), [0, 1, 3])
    assert single.w.dtype == single.loss.dtype == np.float32
    np.testing.assert_allclose(single.f, expected.f, atol=2e-5)


def test_the_flow_is_sampled_flow_on_all_inputs(data):
    x, y = data
    w = two_layers.particle_start(20, seed=4)
    run = two_layers.particle_flow(w, x, y, [0, 0.5, 2], step=0.1)
    net = network(w)
    networks, _ = beyond.sampled_flow(net, x, lambda z: torch.as_tensor(y), [0, 0.5, 2], step=0.1)
    for i in range(3):
        np.testing.assert_allclose(run.w[i], networks[i].weights[0], rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(run.f[i], network(run.w[i])(x), rtol=1e-13)
    np.testing.assert_allclose(run.loss, ((y - run.f) ** 2).mean(axis=1) / 2, rtol=1e-12)


def test_a_step_is_eulers_and_steps_are_of_equal_length(data):
    x, y = data
    w = two_layers.particle_start(5, seed=1)
    run = two_layers.particle_flow(w, x, y, [0.25], step=0.1)  # three steps of 1/12
    for _ in range(3):
        w = w + 0.25 / 3 * two_layers.particle_velocity(w, x, y)
    np.testing.assert_allclose(run.w[0], w, rtol=1e-13)


def test_batches_choose_the_inputs_of_each_step(data):
    x, y = data
    w, chosen = two_layers.particle_start(5, seed=1), [np.array([3, 3, 8]), np.array([1, 0, 4])]
    run = two_layers.particle_flow(w, x, y, [0, 0.1, 0.2], step=0.1, batches=lambda k: chosen[k])
    for some in chosen:
        w = w + 0.1 * two_layers.particle_velocity(w, x[some], y[some])
    np.testing.assert_allclose(run.w[-1], w, rtol=1e-13)
    np.testing.assert_allclose(run.loss[-1], ((y - mf.first_layer(w, x)) ** 2).mean() / 2, rtol=1e-13)


def test_the_order_of_neurons_means_nothing(rng, data):
    x, y = data
    w, order = rng.standard_normal((7, 2)), rng.permutation(7)
    run, other = (two_layers.particle_flow(start, x, y, [0, 2]) for start in (w, w[order]))
    np.testing.assert_allclose(other.w, run.w[:, order], rtol=1e-11)
    np.testing.assert_allclose(other.loss, run.loss, rtol=1e-11)


def test_a_neuron_twice_is_a_neuron_of_twice_the_weight(rng, data):
    # the step is m times the gradient, so doubling all neurons changes no path
    x, y = data
    w = rng.standard_normal((4, 2))
    run, twice = (two_layers.particle_flow(start, x, y, [0, 3]) for start in (w, np.concatenate([w, w])))
    np.testing.assert_allclose(twice.w[:, :4], run.w, rtol=1e-11)


def test_neurons_of_one_direction_stay_on_one_ray(rng, data):
    x, y = data
    w = rng.standard_normal((6, 2))
    w[1], w[2] = 3 * w[0], 0.2 * w[0]
    end = two_layers.particle_flow(w, x, y, [4]).w[0]
    np.testing.assert_allclose(end[1], 3 * end[0], rtol=1e-11)
    np.testing.assert_allclose(end[2], 0.2 * end[0], rtol=1e-11)


def test_a_ring_has_the_law_of_a_gaussian_start():
    ring = two_layers.particle_ring(300, 0.7)
    drawn = two_layers.particle_start(40_000, seed=3, scale=0.7)
    x = two_layers.circle(8)
    spread = np.linalg.norm(drawn, axis=-1)[:, None] * np.maximum(drawn @ x.T, 0)
    error = spread.std(axis=0) / 200
    assert np.all(np.abs(mf.first_layer(ring, x) - spread.mean(axis=0)) < 4 * error)
    np.testing.assert_allclose(mf.first_layer(ring, x), 2 * 0.7**2 / math.pi, rtol=1e-4)  # E|w|^2 C_2


@pytest.mark.parametrize("sector", [360.0, 90.0])
def test_the_ring_converges_quickly(sector, data):
    x, y = data
    f = [
        two_layers.particle_flow(two_layers.particle_ring(n, 0.3, sector=sector), x, y, [0, 10]).f
        for n in (91, 361, 1447)
    ]
    coarse, fine = (np.sqrt(np.mean((a - f[2]) ** 2, axis=1)) for a in f[:2])
    assert fine[0] < 2e-6 and fine[0] < coarse[0] / 8
    assert fine[1] < 2e-4


def test_finite_width_is_off_by_one_over_root_m(data):
    x, y = data
    limit = two_layers.particle_flow(two_layers.particle_ring(400, 0.3), x, y, [0, 4]).f
    rms = []
    for m in (25, 400):
        w = np.stack([two_layers.particle_start(m, seed) for seed in range(24)])
        f = two_layers.particle_flow(w, x, y, [0, 4], step=0.1).f
        rms.append(np.sqrt(np.mean((f - limit[:, None]) ** 2, axis=(1, 2))))
    variance = 2 * 0.3**4 - np.mean(limit[0] ** 2)  # E (|w| ReLU(w.x))^2 = E|w|^4 E cos_+^2 = 8 s^4/4
    np.testing.assert_allclose(rms[0][0], math.sqrt(variance / 25), rtol=0.25)
    np.testing.assert_allclose(rms[0] / rms[1], 4, rtol=0.35)


def test_a_start_in_one_direction_cannot_fit_and_a_sector_can(data):
    x, y = data
    ends = [
        two_layers.particle_flow(two_layers.particle_ring(100, 0.3, sector=s), x, y, [60], step=0.1).loss[0]
        for s in (1e-3, 90, 360)
    ]
    assert ends[0] > 0.03 and max(ends[1:]) < 2e-3


def test_starts_are_gaussian_and_fill_their_sector():
    w = two_layers.particle_start(20_000, seed=0, scale=0.5)
    np.testing.assert_allclose(np.cov(w.T), 0.25 * np.eye(2), atol=0.01)
    np.testing.assert_allclose(w.mean(axis=0), 0, atol=0.015)
    np.testing.assert_allclose(np.mean(w**4, axis=0), 3 * 0.5**4, rtol=0.08)
    angle = np.degrees(np.arctan2(*two_layers.particle_start(4000, seed=0, sector=60).T[::-1]))
    np.testing.assert_allclose([angle.min(), angle.max(), angle.mean()], [-30, 30, 0], atol=1)


def test_batches_are_indices_that_change_with_step_and_seed():
    draw = two_layers.particle_batches(16, 500, seed=2)
    assert set(draw(0)) == set(range(16))
    assert not np.array_equal(draw(0), draw(1))
    assert np.array_equal(draw(1), two_layers.particle_batches(16, 500, seed=2)(1))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.floats(0.05, 1.5))
def test_the_loss_falls(seed, m, size):
    x = two_layers.circle(16)
    run = two_layers.particle_flow(
        two_layers.particle_start(m, seed, scale=size), x, two_layers.teacher(V)(x), [0, 0.5, 1, 2], step=0.02
    )
    assert np.all(np.diff(run.loss) <= 1e-6)


def test_a_neuron_of_length_zero_stays(data):
    v = two_layers.particle_velocity(np.array([[0.0, 0.0], [1.0, 0.0]]), *data)
    assert v[0].tolist() == [0, 0] and np.all(np.isfinite(v))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x, y: two_layers.particle_ring(4, 1.0, sector=361), ValueError, "at most 360 degrees; got 361"),
        (lambda x, y: two_layers.particle_start(4, -1), ValueError, "seed must be a whole number"),
        (lambda x, y: two_layers.particle_start(4, 0, sector=0), ValueError, "sector must be a positive"),
        (lambda x, y: two_layers.particle_velocity(np.ones((2, 3)), x, y), ValueError, r"x must have shape \(n, 3\)"),
        (
            lambda x, y: two_layers.particle_velocity(np.ones((2, 2)), x, y[1:]),
            ValueError,
            r"y must have shape \(32,\)",
        ),
        (lambda x, y: two_layers.particle_velocity(np.full((2, 2), np.nan), x, y), ValueError, "w must be finite"),
        (lambda x, y: two_layers.particle_flow(np.ones((2, 2)), x, y, [1, 0]), ValueError, "t must be"),
        (
            lambda x, y: two_layers.particle_flow(np.ones((2, 2)), x, y, [1], step=0),
            ValueError,
            "step must be a positive",
        ),
        (lambda x, y: two_layers.teacher(np.zeros((1, 2))[:0]), ValueError, "neurons must not be empty"),
    ],
)
def test_bad_input_is_named(call, error, words, data):
    with pytest.raises(error, match=words):
        call(*data)


@pytest.mark.parametrize("step", [4.0, 10.0, 1e6])
@pytest.mark.parametrize("stochastic", [False, True])
def test_too_long_a_step_ends_with_finite_particles(step, stochastic, data):
    batches = two_layers.particle_batches(len(data[0]), 4, seed=0) if stochastic else None
    run = two_layers.particle_flow(
        two_layers.particle_start(50, seed=0), *data, step * np.array([0, 40, 200]), step=step, batches=batches
    )
    assert run.status.startswith("stopped at t = ") and run.status.endswith("take a shorter step")
    assert 1 <= len(run.t) < 3 and all(len(x) == len(run.t) and np.isfinite(x).all() for x in (run.w, run.f, run.loss))
    if not stochastic:  # it is told at the step that raised it, not at the next saved time
        assert np.all(run.loss <= 1.001 * run.loss[0]) and ": the loss rose to " in run.status


def test_a_step_that_kills_every_particle_is_told():
    # one input, and a target of zero: a long step carries the neuron to where the input no longer reaches it
    x, y, w = np.array([[1.0, 0.0]]), np.zeros(1), np.array([[1.0, 0.2]])
    run = two_layers.particle_flow(w, x, y, [0, 1.0], step=1.0)
    assert run.t.tolist() == [0] and not np.any(run.w[0] - w)
    assert two_layers.particle_flow(w, x, y, [0, 1.0], step=0.1).status == "reached t = 1"


def test_an_interrupt_keeps_the_times_before_it(data):
    def batches(k):
        if k == 25:
            raise KeyboardInterrupt
        return [0, 1]

    run = two_layers.particle_flow(two_layers.particle_start(5, seed=0), *data, [0, 1, 2, 3], step=0.1, batches=batches)
    assert run.status.startswith("interrupted at t = 2.5") and run.t.tolist() == [0, 1, 2] and len(run.w) == 3


def test_particles_take_the_kind_of_the_start(data):
    x, y = data
    w = two_layers.particle_start(5, seed=1)
    exact = two_layers.particle_flow(w, x, y, [1])
    leaf = torch.as_tensor(w).requires_grad_()
    run = two_layers.particle_flow(leaf, x, y, [1], batches=lambda k: torch.arange(len(x)))
    assert isinstance(run.w, torch.Tensor) and not run.w.requires_grad and not run.loss.requires_grad
    np.testing.assert_allclose(run.w, exact.w, rtol=1e-12)
    single = two_layers.particle_flow(w.astype(np.float32), torch.as_tensor(x), y, [1])
    assert single.w.dtype == single.loss.dtype == np.float32
    np.testing.assert_allclose(single.w, exact.w, rtol=1e-4)


@pytest.mark.parametrize(
    "indices", [[0.5], [-1], [10**6], [], [[1]], np.ones(4, dtype=bool), slice(0, 2), None, torch.tensor([1.0])]
)
def test_batches_return_indices_of_inputs(indices, data):
    with pytest.raises(ValueError, match=r"batches\(k\) must return indices of inputs, whole numbers from 0 to "):
        two_layers.particle_flow(two_layers.particle_start(5, seed=0), *data, [1], batches=lambda k: indices)


def test_a_start_that_cannot_move_or_be_held_is_refused(data):
    for size in (1e80, 1e160):
        with pytest.raises(ValueError, match="w, y must leave the loss finite; got "):
            two_layers.particle_flow(np.full((2, 2), size), *data, [1])
    with pytest.raises(ValueError, match="w must have a neuron that is active on an input"):
        two_layers.particle_flow(np.zeros((2, 2)), *data, [1])


def test_targets_and_batches_can_be_kept():
    x = two_layers.circle(8)
    for function, at in ((two_layers.teacher(V), x), (two_layers.particle_batches(8, 3, 0), 5)):
        assert np.array_equal(pickle.loads(pickle.dumps(function))(at), function(at))
