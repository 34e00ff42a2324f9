"""Figures of other starts hold what they were given: small ones, and second layers of several sizes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
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


def test_the_cloud_is_the_second_layer(runs):
    ideal, w1 = runs[2][1], mf.init_first_layer(5, 64, 1.0, 0)
    run = mf.finite_width(LAW, w1, ideal.w2[0], ideal.b2[0], [0, 1, 2, 4], rng=1)
    drawn = mf.figures.second_layer(run, [0, 2, 4], ideal=ideal)
    assert_in_style(drawn, "second_layer")
    *clouds, mean, fit = drawn.data
    for trace, i in zip(clouds, (0, 2, 3), strict=True):
        np.testing.assert_array_equal([trace.x, trace.y], [run.w2[i], run.b2[i]])
    assert len({trace.marker.symbol for trace in clouds}) == 3  # told apart without colour
    assert [trace.opacity for trace in clouds] == sorted(trace.opacity for trace in clouds)
    assert {trace.marker.color for trace in clouds} == {drawing.FINITE}
    np.testing.assert_allclose([mean.x, mean.y], [ideal.w2.mean(axis=1), ideal.b2.mean(axis=1)], rtol=1e-15)
    assert mean.line.color == drawing.INFINITE and fit.marker.line.color == drawing.TARGET
    np.testing.assert_allclose([fit.x, fit.y], [[-1 / run.alpha[-1]], [1]], rtol=1e-15)
    tensors = replace(run, **{name: torch.as_tensor(getattr(run, name)) for name in ("alpha", "w2", "b2")})
    again = mf.figures.second_layer(tensors, [0, 2, 4], ideal=ideal)
    assert again.to_json() == drawn.to_json() and len(drawn.to_json()) < 100_000
    with pytest.raises(ValueError, match=r"times must be among those that the run saved, 0 .. 4; got 3"):
        mf.figures.second_layer(run, [0, 3])


def test_a_cloud_of_one_scalar_neuron(runs):
    ideal = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 3])
    alone = mf.figures.second_layer(ideal, [3]).data[0]
    np.testing.assert_array_equal([alone.x, alone.y], [ideal.w2[1:], ideal.b2[1:]])
    assert alone.marker.color == drawing.INFINITE
