"""infinite.js against mfdepth.infinite_width, against a second integrator where that one stalls, and in words."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import mfdepth as mf

# d, alpha, w2, b2, end, rates: the standard start, then R below 1, unequal rates, a tiny alpha, a fast first layer, nearly dead
STARTS = [
    (100, 1.0, -0.1, 0.5, 60.0, (1.0, 1.0)),
    (2, 1.0, -0.1, 0.5, 60.0, (1.0, 1.0)),
    (3, 2.0, -1.5, 1.9, 20.0, (1.0, 1.0)),
    (10, 0.05, -2.0, 0.1, 100.0, (0.1, 10.0)),
    (100, 0.3, -0.5, 0.8, 100.0, (2.0, 0.5)),
    (2, 0.05, -2.0, 2.0, 10.0, (10.0, 0.1)),
    (100, 3.0, -2.0, 0.02, 10.0, (1.0, 1.0)),
]


def run_in_v8(scripts, d, alpha, w2, b2, end, rates, count=41):
    start = f"{{ alpha: {alpha}, w2: {w2}, b2: {b2} }}"
    t = np.linspace(0, end, count).tolist()
    return scripts(f"infiniteWidth(besselLaw({d}), {start}, {t}, {list(rates)})")


@pytest.mark.parametrize("start", STARTS)
def test_trajectory_against_the_library(scripts, start):
    d, alpha, w2, b2, end, rates = start
    found = run_in_v8(scripts, *start)
    expected = mf.infinite_width(mf.BesselLaw(d), alpha, w2, b2, np.linspace(0, end, 41), rates=rates)
    for name in ("t", "alpha", "w2", "b2", "loss"):
        np.testing.assert_allclose(found[name], getattr(expected, name), rtol=1e-9, atol=1e-6, err_msg=name)


def test_reference_values_at_the_size_of_the_paper(scripts):
    run = run_in_v8(scripts, *STARTS[0], count=241)
    at = {t: [run[name][4 * t] for name in ("alpha", "w2", "b2", "loss")] for t in (5, 60)}
    np.testing.assert_allclose(at[5], [1.005790, -0.287022, 0.618271, 9.5611e-3], atol=6e-7)
    np.testing.assert_allclose(at[60], [1.050411, -0.800144, 0.922645, 3.1054e-4], atol=6e-7)


def test_a_start_that_drives_w2_to_the_edge(scripts):
    """From b2 near 0 the flow is stiff: w2 comes within 1e-9 of 0, where only the tail turns it back."""
    d, alpha, w2, b2 = 10, 3.0, -0.01, 0.05
    law, c = mf.BesselLaw(d), mf.relu_mean(d)

    def velocity(_, y):
        g, b2 = y
        w2 = -np.exp(g)
        alpha = 3.0 + 2 * c * (w2**2 - 0.01**2)
        r = -b2 / (w2 * alpha)
        m, one = ([law.partial_moment(n, x) for n in range(3)] for x in (r, min(r, 1.0)))
        h0, h1 = (one[n] - one[n + 1] - b2 * m[n] - w2 * alpha * m[n + 1] for n in (0, 1))
        return [alpha * h1 / w2, h0]

    t = np.linspace(0, 0.5, 41)
    expected = solve_ivp(velocity, (0, 0.5), [np.log(-w2), b2], "Radau", t, rtol=1e-8, atol=1e-8).y
    found = run_in_v8(scripts, d, alpha, w2, b2, 0.5, (1.0, 1.0))
    assert max(found["w2"]) > -1e-6
    np.testing.assert_allclose(found["w2"], -np.exp(expected[0]), atol=1e-6)
    np.testing.assert_allclose(found["b2"], expected[1], atol=1e-6)


@pytest.mark.parametrize("d", [2, 100, 1000])
@pytest.mark.parametrize("alpha", [0.05, 3.0])
@pytest.mark.parametrize("w2", [-2.0, -0.02])
def test_no_corner_of_the_sliders_is_out_of_reach(scripts, d, alpha, w2):
    for b2 in (0.02, 2.0):
        for rates in [(0.1, 10.0), (10.0, 0.1), (10.0, 10.0)]:
            for end in (1.0, 1000.0):
                run = run_in_v8(scripts, d, alpha, w2, b2, end, rates)
                loss = np.array(run["loss"])
                assert np.isfinite(loss).all()
                assert (np.diff(loss) <= 1e-8).all()  # a gradient flow goes downhill
                assert run["problem"] == ""


def test_where_the_flow_does_not_exist(scripts):
    infinite_loss = run_in_v8(scripts, 10, 1.0, 0.1, 0.5, 10.0, (1.0, 1.0))
    infinite_velocity = run_in_v8(scripts, 10, 1.0, 0.0, 0.5, 10.0, (1.0, 1.0))
    assert "the loss is infinite" in infinite_loss["problem"]
    assert "velocity of w₂ is infinite" in infinite_velocity["problem"]
    assert infinite_loss["t"] == infinite_velocity["alpha"] == []


@pytest.mark.parametrize(("w2", "b2"), [(-0.1, 0.0), (-0.1, -0.5), (0.0, -0.5)])
def test_the_dead_stay_where_they_are(scripts, w2, b2):
    run = run_in_v8(scripts, 10, 1.0, w2, b2, 10.0, (1.0, 1.0))
    assert "dead" in run["problem"]
    assert (run["w2"][0], run["w2"][-1], run["b2"][-1]) == (w2, w2, b2)
    law = mf.BesselLaw(10)
    norm = law.partial_moment(0, 1) - 2 * law.partial_moment(1, 1) + law.partial_moment(2, 1)
    assert run["loss"][-1] == pytest.approx(norm / 2, rel=1e-12)
