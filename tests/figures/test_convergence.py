"""Figures of the proofs: what is missing, the bounds that are proved above the loss, a curve for each dimension."""

import numpy as np
import pytest
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.figures import style as drawing

LAW = mf.BesselLaw(5)


def test_what_is_missing_is_the_tent_less_the_network():
    w2, b2 = np.array([-1.0, -0.3, 0.4]), np.array([0.7, 0.5, -0.2])
    drawn = mf.figures.what_is_missing(0.8, w2, b2, law=mf.GaussianLaw(3))
    assert_in_style(drawn, "what_is_missing")
    behind, f, target, g, positive, *bars = drawn.data
    assert behind.name.startswith("density") and target.line.dash == "dash"
    r = np.asarray(f.x)
    np.testing.assert_allclose(
        f.y, np.mean([np.maximum(w * 0.8 * r + b, 0) for w, b in zip(w2, b2, strict=True)], axis=0)
    )
    np.testing.assert_allclose(np.asarray(g.y) + f.y, np.maximum(1 - r, 0), atol=1e-15)
    np.testing.assert_array_equal(positive.y, np.maximum(g.y, 0))
    for bar, w, b in zip(bars, w2, b2, strict=True):
        np.testing.assert_array_equal(np.isfinite(bar.y), w * 0.8 * r + b > 0)
    assert [bar.showlegend for bar in bars] == [True, False, False]
    assert len({np.nanmax(bar.y) for bar in bars}) == 3 and max(np.nanmax(bar.y) for bar in bars) < min(g.y)
    fitted = mf.figures.what_is_missing(1.0, -1.0, 1.0)
    assert "nowhere positive" in fitted.layout.meta["alt"]
    with pytest.raises(ValueError, match="w2 must hold 1 to 8 neurons"):
        mf.figures.what_is_missing(1.0, np.full(9, -1.0), np.ones(9))


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ((1.0, -0.1, 0.5), ["V(0)/(2t)", "l<sub>0</sub> exp(−κt)", "loss"]),
        ((0.2, -4.0, 0.9), ["V(0)/(2t)", "loss"]),  # c_0 < 0
        ((1.0, -0.9, 0.5), ["loss"]),  # not in the triangle
    ],
)
def test_only_proved_bounds_are_drawn_and_the_loss_is_below(start, names):
    t = np.linspace(0, 50, 26)
    run, found = mf.infinite_width(LAW, *start, t), mf.convergence(LAW, *start)
    drawn = mf.figures.proved_bounds(run, found)
    assert_in_style(drawn, "proved_bounds")
    assert [trace.name for trace in drawn.data] == names
    *bounds, loss = drawn.data
    np.testing.assert_array_equal(loss.y, run.loss)
    for bound in bounds:
        assert bound.line.color == drawing.PREDICTION
        assert np.all(np.asarray(bound.y) >= run.loss[-len(bound.y) :] * (1 - 1e-9))
    if len(bounds) == 2:
        least = np.minimum(np.asarray(bounds[0].y), np.asarray(bounds[1].y)[1:])
        np.testing.assert_allclose(np.minimum(least, found.loss), found.bound(t[1:]), rtol=1e-12)
    low, high = drawn.layout.yaxis.range
    assert low < np.log10(run.loss[-1]) and high > np.log10(run.loss[0])


def test_every_dimension_has_its_curve_and_the_limit_is_heavy():
    start = {"alpha": 1.0, "w2": -0.1, "b2": 0.5, "t": np.linspace(0, 40, 9)}
    runs = {d: mf.infinite_width(mf.BesselLaw(d), **start) for d in (10, 2)}
    limit = mf.infinite_width(mf.LimitLaw(), **start)
    drawn = mf.figures.every_dimension(runs, limit, 0.036 * np.exp(-0.0354 * limit.t))
    assert_in_style(drawn, "every_dimension")
    two, ten, last, bound = drawn.data
    for trace, run in ((two, runs[2]), (ten, runs[10]), (last, limit)):
        np.testing.assert_array_equal(trace.y, run.loss)
        assert np.all(np.asarray(bound.y) >= run.loss)
    assert two.line.dash != ten.line.dash and last.line.width > two.line.width
    assert bound.line.color == drawing.PREDICTION
