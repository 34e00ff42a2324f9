"""The figure of the conclusion: norm and loss of a run, and the bound of two layers beside it."""

import numpy as np
import pytest
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.figures import style as drawing

LAW = mf.BesselLaw(10)


def test_the_norm_is_that_of_the_weights():
    rng = np.random.default_rng(0)
    w1, w2, b2 = mf.init_first_layer(10, 40, 1.0, rng), rng.uniform(-0.3, -0.1, 3), rng.uniform(0.4, 0.6, 3)
    run = mf.finite_width(LAW, w1, w2, b2, [0, 2], save_w1=True)
    expected = [np.mean(np.abs(w)) * np.mean(np.sum(v * v, axis=1)) for w, v in zip(run.w2, run.w1, strict=True)]
    np.testing.assert_allclose(mf.figures.path_norm(run, 10), expected, rtol=1e-12)


def test_a_fitted_network_has_the_norm_of_the_target():
    run = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [600])
    np.testing.assert_allclose(mf.figures.path_norm(run, 10), 1 / mf.relu_mean(10), rtol=1e-5)


def test_both_curves_hold_their_numbers():
    run = mf.infinite_width(LAW, 1.0, -0.1, 0.5, np.linspace(0, 100, 21))
    norm = mf.figures.path_norm(run, 10)
    bounds = [mf.shallow_lower_bound(LAW, budget, r_max=None) for budget in np.linspace(norm.min(), norm.max(), 3)]
    drawn = mf.figures.below_the_bound(10, run, bounds)
    assert_in_style(drawn, "below_the_bound")
    bound, path = drawn.data
    np.testing.assert_allclose(path.x, norm)
    np.testing.assert_allclose(path.y, run.loss)
    assert (path.line.color, bound.line.color) == (drawing.INFINITE, drawing.SHALLOW)
    assert list(bound.x) == [found.budget for found in bounds] and list(bound.y) == [found.bound for found in bounds]
    assert f"{bound.y[-1] / run.loss[-1]:.2g} times below" in drawn.layout.meta["alt"]


def test_one_bound_is_no_curve():
    with pytest.raises(ValueError, match="bounds must hold at least two, to draw a curve; got 1"):
        mf.figures.below_the_bound(10, mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 1]), [None])
