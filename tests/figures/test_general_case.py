"""Figures of the general case: growth, who stays, and the paths in their tubes."""

import numpy as np
import pytest
import torch
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.chapters import general_case
from mfdepth.figures import style as drawing

T = np.linspace(0, 20, 11)


@pytest.fixture(scope="module")
def case():
    return general_case.general_case(4, 30, np.random.default_rng(0))


@pytest.fixture(scope="module")
def runs(case):
    rng = np.random.default_rng(1)
    return {m: general_case.general_run(case, *general_case.general_init(4, m, rng), T) for m in (16, 64)}


@pytest.fixture(scope="module")
def mode(case):
    return general_case.unstable_mode(case, step=0.2)


def panel(rate=0.3, tube=0.5):
    return T, 0.01 * np.exp(0.3 * T)[:, None] * [1.0, -2.0, 0.5], tube, rate


def test_growth_is_the_gain_of_each_run_and_one_prediction(runs, mode):
    drawn = mf.figures.growth(runs, mode)
    assert_in_style(drawn, "growth")
    *measured, predicted = drawn.data
    for trace, (m, run) in zip(measured, runs.items(), strict=True):
        p = run.F @ mode.dual
        np.testing.assert_allclose(trace.y, np.abs(p / p[0]))
        assert (trace.name, trace.line.color) == (f"m = {m}", drawing.FINITE)
    assert len({trace.line.dash for trace in measured}) == 2
    np.testing.assert_allclose(predicted.y, np.exp(mode.euler_rate * T))
    assert predicted.line.color == drawing.PREDICTION and drawn.layout.yaxis.type == "log"
    assert f"{np.exp(mode.euler_rate * 20):.2g}" in drawn.layout.meta["alt"]


def test_growth_of_torch_runs(case, mode, runs):
    torch_case = type(case)(torch.as_tensor(case.x), torch.as_tensor(case.y), case.s, case.B)
    a, w = general_case.general_init(4, 16, np.random.default_rng(1))
    run = general_case.general_run(torch_case, torch.as_tensor(a), torch.as_tensor(w), T)
    drawn = mf.figures.growth({16: run}, mode)
    np.testing.assert_allclose(drawn.data[0].y, mf.figures.growth(runs, mode).data[0].y, rtol=1e-9)


def test_staying_pairs_each_width_with_its_prediction():
    share = np.linspace(1, 0, 11)
    drawn = mf.figures.staying(T, {16: (share, share**2), 64: (share**0.5, share)})
    assert_in_style(drawn, "staying")
    first, second, third, fourth = drawn.data
    for trace, y in zip(drawn.data, (share, share**2, share**0.5, share), strict=True):
        np.testing.assert_allclose(trace.y, y)
    assert first.line.dash == second.line.dash != third.line.dash == fourth.line.dash
    assert [trace.line.color for trace in drawn.data] == [drawing.FINITE, drawing.PREDICTION] * 2
    assert (second.showlegend, fourth.showlegend) == (True, False)
    assert first.legendrank is third.legendrank is None and second.legendrank > 1000  # the predictions come last
    assert "50% of the networks with m = 16, 71% of" in drawn.layout.meta["alt"]


def test_shares_are_refused_outside_0_to_1():
    with pytest.raises(ValueError, match=r"inside must be from 0 to 1; got 1.5"):
        mf.figures.staying([0, 1], {16: ([1.5, 0], [1, 0])})
    with pytest.raises(ValueError, match=r"inside must have shape \(2,\)"):
        mf.figures.staying([0, 1], {16: ([1, 0, 0], [1, 0])})


def test_tubes_draw_every_network_in_units_of_its_tube():
    drawn = mf.figures.tubes({"general": panel(), "symmetric": panel(rate=-0.1 - 0.01 * T, tube=2.0)})
    assert_in_style(drawn, "tubes")
    for shift, (axis, tube) in enumerate((("y", 0.5), ("y2", 2.0))):
        arrows, trajectory, edge, networks = drawn.data[4 * shift : 4 * shift + 4]
        assert {trace.yaxis for trace in (arrows, trajectory, edge, networks)} == {axis}
        y = np.asarray(networks.y).reshape(3, 12)
        assert np.isnan(y[:, -1]).all()
        np.testing.assert_allclose(y[:, :-1].T, panel()[1] / tube, rtol=1e-6)
        assert list(trajectory.y) == [0, 0] and trajectory.line.color == drawing.INFINITE
        assert list(edge.y) == [1, 1, None, -1, -1] and edge.line.color == drawing.TARGET
        assert networks.line.color == drawing.FINITE and networks.showlegend is (shift == 0)
    # 0.01 e^6 = 4.03: beyond 0.5 for all three; of a tube of 2 the smallest stays just outside, 2.02
    alt = drawn.layout.meta["alt"]
    assert "general: 100% of 3 networks are in the tube at first, 0% at the end" in alt


def test_arrows_follow_the_rate():
    def ends(rate):
        y = np.asarray(mf.figures.tubes({"one": panel(rate)}).data[0].y).reshape(-1, 3)
        assert np.isnan(y[:, 2]).all()
        return y[:, 1] / y[:, 0]

    np.testing.assert_allclose(ends(0.3), np.exp(0.3 * 0.9))  # away, for 0.045 of 20 units of time
    np.testing.assert_allclose(ends(-0.2), np.exp(-0.2 * 0.9))  # back
    fading = ends(-0.4 + 0.01 * T).reshape(4, 13)
    assert (np.diff(fading, axis=1) > 0).all()


def test_a_tube_has_a_width():
    with pytest.raises(ValueError, match="tube must be a positive finite number; got 0"):
        mf.figures.tubes({"one": panel(tube=0)})


def test_figures_are_small_enough_for_a_page():
    t = np.linspace(0, 30, 61)
    paths = np.exp(0.3 * t)[:, None] * np.ones(30)
    drawn = mf.figures.tubes({"a": (t, paths, 5.0, 0.3), "b": (t, paths, 5.0, -0.3)})
    assert len(drawn.to_json()) < 100_000
