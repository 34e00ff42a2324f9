"""Figures of other starts hold what they were given: small ones, and second layers of several sizes."""

import numpy as np
import pytest
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.figures import style as drawing

LAW, T = mf.BesselLaw(5), np.linspace(0, 4, 9)


@pytest.fixture(scope="module")
def runs():
    starts = {1: (-0.2, 0.5), 2: ([-0.1, -0.3], [0.5, 0.5]), 3: ([-0.1, -0.2, -0.3], [0.4, 0.5, 0.6])}
    return [(m2, mf.infinite_width(LAW, 1.0, *(np.asarray(x) for x in start), T)) for m2, start in starts.items()]


def test_it_holds_loss_and_spread_of_every_run(runs):
    drawn = mf.figures.cloud_sizes(runs)
    assert_in_style(drawn, "cloud_sizes")
    losses = [trace for trace in drawn.data if trace.yaxis == "y"]
    spreads = [trace for trace in drawn.data if trace.yaxis == "y2"]
    assert [trace.name for trace in losses] == [f"m<sub>2</sub> = {m2}" for m2 in (1, 2, 3)]
    assert [trace.mode for trace in losses] == ["lines", "markers", "markers"]
    for trace, (_, run), own in zip(losses, runs, (slice(None), slice(0, None, 2), slice(1, None, 2)), strict=True):
        np.testing.assert_array_equal(trace.x, T[own])
        np.testing.assert_array_equal(trace.y, run.loss[own])
    for trace, (m2, run) in zip(spreads, runs[1:], strict=True):  # one neuron has none
        assert trace.name.endswith(f"= {m2}, spread") and trace.showlegend is None  # the legend tells which is which
        np.testing.assert_array_equal(trace.x, T)
        np.testing.assert_allclose(trace.y, run.w2.std(axis=1), rtol=1e-15)
    looks = [(trace.line.dash, trace.marker.symbol) for trace in [*losses[1:], *spreads]]
    assert len(set(looks)) == 4
    assert {trace.line.color or trace.marker.color for trace in drawn.data} == {drawing.INFINITE}
    assert "of 1, 2, 3 neurons" in drawn.layout.meta["alt"]


@pytest.mark.parametrize("count", [0, 10])
def test_too_few_or_too_many_runs_are_refused(runs, count):
    with pytest.raises(ValueError, match=f"runs must hold 1 to 9 pairs .*; got {count}"):
        mf.figures.cloud_sizes((runs * 4)[:count])


def test_small_start_shows_each_run_and_its_limit(runs):
    one = runs[0][1]
    drawn = mf.figures.small_start([(0.8, one), (0.4, one)], limit=0.6)
    assert_in_style(drawn, "small_start")
    first, second, limit = drawn.data
    np.testing.assert_array_equal([first.x, first.y], [one.t, one.alpha])
    assert first.line.dash != second.line.dash and first.name == "w2 = −0.8"
    np.testing.assert_array_equal([limit.x, limit.y], [[0, 4], [0.6, 0.6]])
    assert [trace.line.color for trace in drawn.data] == [drawing.INFINITE] * 2 + [drawing.DENSITY]


def test_more_curves_than_dashes_are_all_drawn(runs):
    assert len(mf.figures.small_start([(size, runs[0][1]) for size in range(1, 7)], limit=0.6).data) == 7
