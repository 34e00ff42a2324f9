"""The flow of one neuron as a gradient flow in (s, b): against quadrature, slopes of the loss, and the closed equations."""

import math

import numpy as np
import pytest
import references

import mfdepth as mf
from mfdepth.chapters.convergence.plane import Plane, nullclines, plane_of

LAWS = [mf.BesselLaw(3), mf.BesselLaw(100), mf.LimitLaw(), mf.GaussianLaw(4), mf.BallLaw(2, radius=2.0)]
POINTS = np.array([[0.3, 0.8], [1.4, 0.7], [0.02, 0.4], [0.9, 0.9], [1.0, 1.5]])


def by_quadrature(d, s, b):
    """(l, l_s, l_b) by quadrature; beyond the kink and beyond 1 nothing is left."""

    def g(r):
        return np.maximum(1 - r, 0) - np.maximum(b - s * r, 0)

    end, kinks = max(b / s, 1.0), [1.0, b / s]
    loss = references.radial_integral(d, lambda r: g(r) ** 2 / 2, kinks, end)
    u_1, u_2 = (references.radial_integral(d, lambda r, k=k: g(r) * r**k, kinks, b / s) for k in (1, 0))
    return loss, u_1, -u_2


@pytest.mark.parametrize("d", [2, 10, 100])
def test_loss_and_slopes_are_those_of_quadrature(d):
    plane = plane_of(mf.BesselLaw(d), 1.0, -0.1)
    for s, b in POINTS:
        np.testing.assert_allclose(plane.residual(s, b), by_quadrature(d, s, b), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_slopes_are_derivatives_of_the_loss(law):
    plane, h = plane_of(law, 1.0, -0.1), 1e-6
    for s, b in POINTS:
        _, l_s, l_b = plane.residual(s, b)
        by_s = (plane.residual(s + h, b)[0] - plane.residual(s - h, b)[0]) / (2 * h)
        by_b = (plane.residual(s, b + h)[0] - plane.residual(s, b - h)[0]) / (2 * h)
        np.testing.assert_allclose([l_s, l_b], [by_s, by_b], atol=2e-8)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_plane_moves_as_the_closed_equations_do(law):
    # (s, b) of `mf.infinite_width`, which follows three numbers, by central differences in time
    alpha, w2, b2, rates, h = 0.8, -0.7, 0.6, (2.0, 0.5), 1e-3
    run = mf.infinite_width(law, alpha, w2, b2, [0, 1 - h, 1, 1 + h], rates)
    s, plane = -run.w2 * run.alpha, plane_of(law, alpha, w2, rates)
    np.testing.assert_allclose(plane.alpha(s), run.alpha, rtol=1e-9)
    measured = [(x[3] - x[1]) / (2 * h) for x in (s, run.b2)]
    np.testing.assert_allclose(plane.velocity(s[2], run.b2[2]), measured, rtol=1e-5)


@pytest.mark.parametrize("c_0", [-40.0, -1e-6, 0.0, 1e-6, 0.3, 7.0])
def test_alpha_is_the_root_of_its_cubic(c_0):
    plane, s = Plane(mf.BesselLaw(5), c_0, 0.4), np.geomspace(1e-12, 1e3, 40)
    for x, alpha in zip(s, plane.alpha(s), strict=True):
        roots = np.roots([1, -c_0, 0, -0.4 * x * x])
        positive = max(root.real for root in roots if abs(root.imag) < 1e-9 * abs(root))
        if x > 1e-5:  # below, np.roots itself is not accurate
            assert alpha == pytest.approx(positive, rel=1e-7)
        assert abs(alpha**2 * (alpha - c_0) - 0.4 * x * x) <= 1e-13 * (alpha**3 + 0.4 * x * x)


def test_near_the_target_the_loss_is_its_hessian():
    plane, step = plane_of(mf.BesselLaw(10), 1.0, -0.1), np.array([-2e-6, -1e-6])
    H = plane.hessian()
    loss, l_s, l_b = plane.residual(*(1 + step))
    assert loss == pytest.approx(step @ H @ step / 2, rel=1e-5)
    np.testing.assert_allclose([l_s, l_b], H @ step, atol=1e-5 * np.max(np.abs(H @ step)))
    h = 1e-4  # and it is the second difference of the loss
    corner = [[plane.residual(1 + i * h, 1 + j * h)[0] for j in (-1, 0, 1)] for i in (-1, 0, 1)]
    second = (corner[2][1] - 2 * corner[1][1] + corner[0][1]) / h**2
    assert second == pytest.approx(H[0, 0], rel=1e-3)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_nullclines_are_where_the_flow_turns_and_keep_their_order(law):
    R = np.concatenate([np.geomspace(0.34, 0.99, 60), [1.0], np.geomspace(1.01, 1e3, 60)])
    B_0, B_1 = nullclines(law, R)
    plane = plane_of(law, 1.0, -0.1)
    _, _, l_b = plane.residual(B_0 / R, B_0)
    _, l_s, _ = plane.residual(B_1 / R, B_1)
    np.testing.assert_allclose(l_b, 0, atol=1e-13)
    np.testing.assert_allclose(l_s, 0, atol=1e-12)
    near, far = R < 1, R > 1
    assert np.all(B_0[near] > 1) and np.all(B_0[near] < B_1[near])
    assert np.all(B_1[far] < B_0[far]) and np.all(B_0[far] < 1)
    assert B_0[60] == pytest.approx(1, abs=1e-12) and B_1[60] == pytest.approx(1, abs=1e-12)


def test_a_blind_kink_sees_the_nullclines_at_d_plus_1_and_2():
    for d in (2, 10):
        B_0, B_1 = nullclines(mf.BesselLaw(d), 1e-4)
        assert pytest.approx((d + 1, d + 2), rel=1e-3) == (B_0, B_1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plane_of(LAWS[0], 0.0, -0.1), "alpha must be a positive finite number; got 0.0"),
        (lambda: plane_of(LAWS[0], 1.0, math.nan), "w2 must be a finite number; got nan"),
        (lambda: plane_of(LAWS[0], 1.0, -0.1, (1.0, 0.0)), r"rates\[1\] must be"),
        (lambda: nullclines(mf.LimitLaw(), [0.5, 0.2]), "R must be a radius with inputs below it"),
        (lambda: nullclines(LAWS[0], [np.inf]), "R must be finite and not negative; got inf"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
