"""The first layer as directions see it: the turning frame, and the directions of a run."""

import math

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.finite.frame import TurningView, View, columns_of
from mfdepth.finite.heun import Heun


@pytest.mark.parametrize("batch", [(), (2,)])
@pytest.mark.parametrize(("d", "n"), [(5, 5), (5, 12), (5, 3), (40, 40), (40, 25), (40, 100)])
def test_a_turning_frame_sees_what_fixed_coordinates_see(d, n, batch, rng, kind):
    # the axes of the frame, or bases fixed in it, read off in the weights' own coordinates; both signs at half the cost
    w1 = rng.standard_normal((*batch, 7, d))
    w1[..., 2, :] = 0  # a neuron at 0 stays
    columns = columns_of(kind(w1))
    turning = TurningView(columns, n, np.random.default_rng(0), keep=True)
    for _ in range(3):
        turning.turn(columns)
    np.testing.assert_allclose(turning.turned_back(columns), w1, rtol=1e-12, atol=1e-12)
    rows = np.asarray(turning.kept)[:n] if turning.rows is None else np.asarray(turning.rows) @ np.asarray(turning.kept)
    np.testing.assert_allclose(rows[:d] @ rows[:d].T, np.eye(min(n, d)), atol=1e-13)
    fixed = View(columns_of(kind(w1)), kind(np.concatenate([rows, -rows])))
    F = turning.slopes(columns)
    assert F.shape == (*batch, 2 * n)
    np.testing.assert_allclose(F / turning.scale, fixed.slopes(fixed.start), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(F.mean(-1), mf.first_layer_alpha(kind(w1)), rtol=1e-12)
    pull = kind(rng.standard_normal(np.asarray(F).shape))
    common = pull.mean(-1)[..., None]
    still = fixed.turned_back(fixed.velocity(fixed.start, (pull - common) * turning.scale))
    growth = 2 * mf.relu_mean(d) * pull.shape[-1] * common[..., None]  # of what is common, without sampling
    moved = turning.turned_back(turning.velocity(columns, pull))
    np.testing.assert_allclose(moved, still + growth * kind(w1), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("d", [3, 40])
def test_the_mean_over_turns_is_that_over_the_sphere(d, rng):
    # scaled to alpha and with the common pull taken out, the velocity of w1 is still the same mean: 4 standard errors
    law, w1, second = mf.GaussianLaw(d), rng.standard_normal((4, d)) / math.sqrt(d), (np.array([-0.4]), np.array([0.7]))
    columns = columns_of(w1)
    view = TurningView(columns, d, rng, keep=True)
    flow, seen = Heun(law, view, (1.0, 1.0), 1.0, 0.0), []
    for _ in range(2000):
        view.turn(columns)
        moved, _, dw2, db2 = flow.velocity(columns, *second, 1.0)
        seen.append(np.r_[view.turned_back(moved).ravel(), dw2, db2])
    exact = mf.velocity(law, w1, *second, mf.orthogonal_directions(40_000 - 40_000 % (2 * d), d, rng))
    error = np.std(seen, axis=0) / math.sqrt(500) + 4e-4  # frames that follow each other are not quite independent
    assert np.all(np.abs(np.mean(seen, axis=0) - np.concatenate([x.ravel() for x in exact])) < 4 * error)


@pytest.mark.parametrize("d", [5, 40])  # all axes turn together, and some of them
def test_saved_weights_are_those_that_move(d, rng, kind):
    # the frame that turns them back is drawn by a torch generator too, whose bases lie column by column in memory
    w1 = kind(mf.init_first_layer(d, 7, 1.0, rng))
    run = mf.finite_width(mf.BesselLaw(d), w1, kind(np.array([-0.1])), kind(np.array([0.5])), [0, 20], save_w1=True)
    np.testing.assert_allclose(np.asarray(run.w1[0]), np.asarray(w1), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(mf.first_layer_alpha(run.w1), run.alpha, rtol=1e-12)
    np.testing.assert_allclose(mf.discretization_error(run.w1), run.rho, rtol=1e-9)


def test_fresh_directions_come_with_their_negatives():
    kinks = []

    class Law(mf.BallLaw):  # that sees the kink of each direction
        def moments(self, r, orders):
            kinks.append(r)
            return super().moments(r, orders)

    one = np.eye(1, 5)  # a neuron that sees u or -u, not both
    for n in (10, 4):  # a whole basis, and part of one
        mf.finite_width(Law(5), one, np.array([-0.3]), np.array([0.5]), [1], directions=n, rng=0)
        seen = [r for r in kinks if r.shape == (n, 1)]
        half = n // 2
        assert len(seen) > 2 and all(np.all((r[:half] < 1e20) != (r[half:] < 1e20)) for r in seen)


@pytest.mark.parametrize(("d", "n"), [(3, 204), (5, 200), (150, 300)])
def test_directions_are_whole_bases_at_least_200(d, n, rng):
    arguments = mf.GaussianLaw(d), rng.standard_normal((2, d)), np.array([-0.1]), np.array([0.5]), [0.1]
    default, counted, other = (mf.finite_width(*arguments, directions=k) for k in (None, n, 2))
    assert default.w2 == counted.w2 != other.w2
