"""The two-length flow against averages over rotations, the radial flow, and training in all dimensions."""

import math
import pickle

import numpy as np
import pytest
import torch
from scipy.special import betaincinv

import mfdepth as mf
from mfdepth.chapters import beyond
from mfdepth.chapters.beyond.subspace import TwoRadii


@pytest.mark.parametrize(("k", "rest"), [(1, 3), (2, 4), (3, 2)])
def test_the_profile_is_its_mean_over_both_spheres(k, rest, rng):
    n = 200_000
    xi = np.sign(rng.standard_normal(n)) if k == 1 else mf.random_directions(n, k, rng)[:, 0]
    zeta = mf.random_directions(n, rest, rng)[:, 0]
    for s, t in ((1.0, 0.3), (0.4, 1.2), (0.0, 1.0), (1.5, 0.0)):
        values = np.maximum(s * xi + t * zeta, 0)
        error = 5 * values.std() / math.sqrt(n) + 1e-6
        assert abs(beyond.two_radii_profile(s, t, k, rest) - values.mean()) < error


@pytest.mark.parametrize(("k", "rest"), [(3, 5), (100, 3), (10**4, 3), (10**8, 2), (2, 10**8), (10**12, 10**9)])
def test_at_its_ends_the_profile_is_the_constant_of_the_sphere(k, rest):
    assert beyond.two_radii_profile(2.0, 0.0, k, rest) == pytest.approx(2 * mf.relu_mean(k), rel=1e-4)  # by its angles
    assert beyond.two_radii_profile(0.0, 2.0, k, rest) == pytest.approx(2 * mf.relu_mean(rest), rel=1e-12)


@pytest.mark.parametrize("k", [2, 20, 30, 10**3, 10**6])
def test_two_rotations_of_a_round_length_are_one(k):
    # E ReLU(w.u) is C_d for a unit w of R^d; u has the lengths p and sqrt(1 - p^2) in both subspaces
    rest, n = 4, 400
    p = np.sqrt(betaincinv(k / 2, rest / 2, (np.arange(n) + 0.5) / n))
    mean = np.mean(beyond.two_radii_profile(0.6 * p, 0.8 * np.sqrt(1 - p * p), k, rest))
    assert mean == pytest.approx(mf.relu_mean(k + rest), rel=5e-4)  # by that rule in p


def test_the_profile_is_homogeneous():
    np.testing.assert_allclose(beyond.two_radii_profile([3.0, 0.3], [6.0, 0.6], 2, 4) / [10, 1], 0.1 * beyond.two_radii_profile(3.0, 6.0, 2, 4), rtol=1e-12)  # fmt: skip


def test_alignment_is_the_share_of_the_square(rng, kind):
    w1, q = rng.standard_normal((7, 5)), np.linalg.qr(rng.standard_normal((5, 2)))[0]
    expected = sum(np.sum((q.T @ w) ** 2) for w in w1) / sum(np.sum(w**2) for w in w1)
    assert float(beyond.subspace_alignment(kind(w1), kind(q))) == pytest.approx(expected, rel=1e-12)
    assert float(beyond.subspace_alignment(w1 @ q @ q.T, q)) == pytest.approx(1, rel=1e-12)


def test_the_velocity_is_the_gradient_of_the_loss(rng):
    # by differences: each particle moves by m times the negative gradient, the second layer by one times
    flow = TwoRadii(7, 2, 5, (1.0, 1.0))
    state = np.concatenate([0.5 + rng.random(10), [-0.3, 0.9]])
    move = flow.velocity(0, state)
    for i, weight in [*((i, 5) for i in range(10)), (10, 1), (11, 1)]:
        h = np.zeros(12)
        h[i] = 1e-4
        slope = (flow.loss(state + h) - flow.loss(state - h)) / 2e-4
        assert move[i] == pytest.approx(-weight * slope, rel=0.03, abs=2e-4)


def test_a_round_cloud_sees_the_radius_alone(rng):
    # many particles at the start: F is alpha |x|
    flow = TwoRadii(8, 3, 64, (1.0, 1.0))
    run = beyond.subspace_flow(8, 3, [0], m=64, alpha=0.7)
    F = flow.parts(np.concatenate([run.u[0], run.v[0], [-0.1, 0.5]]))[2]
    np.testing.assert_allclose(F, 0.7 * np.hypot(flow.p, flow.q), rtol=5e-3)
    assert run.alignment[0] == pytest.approx(3 / 8, abs=2e-3)


def test_a_finite_network_on_samples_follows(rng):
    d, t = 6, [0, 40, 80]
    ideal = beyond.subspace_flow(d, 2, t)
    A = torch.as_tensor(np.linalg.qr(rng.standard_normal((d, 2)))[0])
    w1 = mf.init_first_layer(d, 200, 1.0, rng)
    start = mf.learner(w1, np.array([-0.1]), np.array([0.5]))
    nets, _ = beyond.sampled_flow(start, mf.GaussianLaw(d), beyond.subspace_tent(A), t, batch=256, step=0.4)
    share = [float(beyond.subspace_alignment(net.weights[0], A)) for net in nets]
    np.testing.assert_allclose(share, ideal.alignment, atol=0.12)
    assert share[-1] > share[0] + 0.2 and ideal.loss[-1] < 0.5 * ideal.loss[0]
    assert ideal.status == "reached t = 80"


@pytest.mark.parametrize("rates", [(1e6, 1e6), (1e12, 1e12), (1e6, 1.0)])
def test_a_stiff_flow_arrives(rates):
    run = beyond.subspace_flow(6, 2, [0, 5], m=8, rates=rates)
    assert run.status == "reached t = 5" and run.alignment[1] > 0.97 and run.loss[1] < 3e-3
    # time runs rates times faster, and no path changes, where both rates are alike
    slow = beyond.subspace_flow(6, 2, [0, 5e6], m=8)
    if rates == (1e6, 1e6):
        assert run.alignment[1] == pytest.approx(slow.alignment[1], rel=1e-3)


def test_what_cannot_be_followed_is_told():
    steep = beyond.subspace_flow(6, 2, [0, 5.0], m=8, w2=1e5)
    assert steep.t.tolist() == [0] and steep.status.endswith(": the weights are no longer finite")
    limited = beyond.subspace_flow(6, 2, [0, 0.1, 5.0], m=8, evaluations=30)
    assert limited.t.tolist() == [0, 0.1] and limited.status.endswith("30 evaluations of the velocity were not enough")
    assert limited.u.shape == (2, 8) and limited.w2.shape == limited.loss.shape == limited.alignment.shape == (2,)


def test_alignment_does_not_depend_on_the_scale_of_the_weights(rng):
    w1, columns = rng.standard_normal((6, 4)), np.eye(4)[:, :2]
    share = beyond.subspace_alignment(w1, columns)
    for exponent in (-300, -160, 160, 300):
        assert beyond.subspace_alignment(w1 * 10.0**exponent, columns) == pytest.approx(share, rel=1e-12)


def test_the_target_can_be_kept(rng):
    target, x = beyond.subspace_tent(np.eye(3)[:, :1]), rng.standard_normal((4, 3))
    assert np.array_equal(pickle.loads(pickle.dumps(target))(x), target(x))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: beyond.subspace_flow(5, 2, [2, 1]), "t must be"),
        (lambda: beyond.subspace_flow(5, 2, [1], w2=-1.0, b2=0.0), "must leave the neuron alive"),
        (
            lambda: beyond.subspace_flow(5, 2, [1], w2=1e200),
            "alpha, w2, b2 must leave the loss finite; got 1.0, 1e[+]200, 0.5",
        ),
        (lambda: beyond.subspace_flow(5, 2, [1], b2=1e160), "alpha, w2, b2 must leave the loss finite"),
        (lambda: beyond.subspace_flow(5, 2, [1], alpha=1.7e308), "alpha, w2, b2 must leave the loss finite"),
        (
            lambda: beyond.subspace_flow(5, 2, [1], evaluations=0),
            "evaluations must be a whole number, at least 1; got 0",
        ),
        (lambda: beyond.two_radii_profile(1.0, 1.0, 1, 1), "rest must be"),
        (lambda: beyond.subspace_alignment(np.ones((3, 4)), np.eye(3)), "columns must have shape"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
