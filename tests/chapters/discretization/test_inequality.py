"""The Lyapunov inequality at finite width: both sides by other routes, and the inequality on random networks."""

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters.discretization.inequality import lyapunov_inequality

LAWS = [mf.BesselLaw(5), mf.GaussianLaw(5), mf.BallLaw(5, radius=1.6)]


def pairs(d, m1, alpha, rng):
    w = mf.init_first_layer(d, m1 // 2, alpha, rng)
    return np.concatenate([w, -w])


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_left_side_is_the_derivative_of_the_lyapunov_function(law, rng):
    # V at the weights a short time later and before, by `mf.convergence`, for rates that are not equal
    rates, h = (0.5, 2.0), 1e-5
    w1, w2, b2 = pairs(5, 12, 0.9, rng), np.array([-0.6]), np.array([0.7])
    u = mf.orthogonal_directions(40, 5, rng)
    v1, v2, v3 = mf.velocity(law, w1, w2, b2, u)

    def V(t):
        alpha = mf.first_layer_alpha(w1 + t * rates[0] * v1)
        return mf.convergence(law, alpha, *((w + t * rates[1] * v)[0] for w, v in ((w2, v2), (b2, v3))), rates).lyapunov

    left, _ = lyapunov_inequality(law, w1, w2, b2, u)
    # V holds c_0, which the finite network keeps too: the difference of V moves (s, b) alone
    assert left == pytest.approx((V(h) - V(-h)) / (2 * h), rel=1e-5)


def test_the_right_side_is_that_of_quadrature(rng):
    import references

    law, w2, b2 = mf.BesselLaw(5), np.array([-0.9]), np.array([0.6])
    w1, u = pairs(5, 12, 0.9, rng), mf.orthogonal_directions(10, 5, rng)
    F, alpha = mf.first_layer(w1, u), float(mf.first_layer_alpha(w1))
    total = []
    for slope in F:
        R = -b2[0] / (w2[0] * slope)
        f = lambda r, slope=slope: np.maximum(w2[0] * slope * r + b2[0], 0)
        g = lambda r, f=f: np.maximum(1 - r, 0) - f(r)
        end, kinks = max(R, 1.0), [R, 1.0]
        square = references.radial_integral(5, lambda r, g=g: g(r) ** 2, kinks, end)
        u_1 = references.radial_integral(5, lambda r, g=g: g(r) * r, kinks, R)
        late = references.radial_integral(5, lambda r, R=R: np.where(r > R, (1 - r) ** 2, 0), kinks, 1.0)
        total.append(-square + (slope / alpha - 1) * u_1 + late)
    assert np.any(R < 1 for R in -b2[0] / (w2[0] * F))
    _, right = lyapunov_inequality(law, w1, w2, b2, u)
    assert right == pytest.approx(np.mean(total), rel=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_inequality_holds_for_random_networks(law, rng):
    # any slope, bias, width; kinks inside and outside the tent
    gaps = []
    for _ in range(60):
        w1 = pairs(5, 2 * int(rng.integers(1, 9)), float(10 ** rng.uniform(-1, 1)), rng)
        w2, b2 = -(10 ** rng.uniform(-1.5, 0.7, 1)), 10 ** rng.uniform(-1.5, 0.5, 1)
        left, right = lyapunov_inequality(law, w1, w2, b2, mf.orthogonal_directions(50, 5, rng))
        gaps.append(left - right)
    assert np.max(gaps) <= 1e-13 and np.min(gaps) < -0.01


def test_a_round_layer_gives_the_inequality_at_infinite_width():
    # bases at d = 2 and many directions: e is nearly 0, and with R >= 1 what is left is V' <= -2 L
    angle = 2 * np.pi * np.arange(4000) / 4000
    u = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    w1 = u[::4] / mf.relu_mean(2) ** 0.5
    law = mf.BesselLaw(2)
    left, right = lyapunov_inequality(law, w1, [-0.5], [0.8], u)
    loss = float(mf.loss(law, w1, np.array([-0.5]), np.array([0.8]), u))
    assert right == pytest.approx(-2 * loss, rel=1e-5) and left <= right


def test_torch_weights_give_the_same(rng):
    import torch

    w1, u = pairs(5, 8, 1.0, rng), mf.orthogonal_directions(20, 5, rng)
    arrays = w1, np.array([-0.5]), np.array([0.7]), u
    expected = lyapunov_inequality(LAWS[0], *arrays)
    assert lyapunov_inequality(LAWS[0], *map(torch.as_tensor, arrays)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("w2", "b2", "words"),
    [
        ([-0.1, -0.2], [0.5, 0.5], r"shapes \(m1, d\) and \(1,\)"),
        ([-0.1], [-0.5], "w2, b2 must have w2 < 0 < b2; got w2 = -0.1, b2 = -0.5"),
    ],
)
def test_bad_input_is_named(w2, b2, words, rng):
    with pytest.raises(ValueError, match=words):
        lyapunov_inequality(LAWS[0], pairs(5, 4, 1.0, rng), w2, b2, np.eye(5))
