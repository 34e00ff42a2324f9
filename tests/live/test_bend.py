"""Bend: the exact law in the page is that of Python, and the counterexamples to "K > 0 is enough" stand in the figure."""

import json

import numpy as np
import pytest
from bare_page import shown
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters import discretization


@pytest.fixture(scope="module")
def js():
    return Scripts("bend/bend.js")


@pytest.mark.parametrize("d", [2, 3, 7])
def test_the_exact_law_is_that_of_python(js, d, rng):
    w1, half = rng.standard_normal((5, d)), rng.standard_normal((40, d))
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    u, law = np.concatenate([half, -half]), mf.BesselLaw(d)
    w, Q = (f"Float64Array.from({json.dumps(x.ravel().tolist())})" for x in (w1, half))
    js.v8.eval(f"var Q = {Q}, error = errorOf({w}, {d}, (rows) => [product(rows, Q, {d})]);")
    assert js("error.alpha") == pytest.approx(mf.first_layer_alpha(w1), rel=1e-12)
    np.testing.assert_allclose(js("Array.from(error.e)"), discretization.relative_error(w1, u), atol=1e-12)
    assert js("error.contraction") == pytest.approx(discretization.contraction(w1), rel=1e-12)
    for w2, b2 in ((-0.1, 0.5), (-0.7, 0.2)):
        exact = mf.rho_velocity(law, w1, np.array([w2]), np.array([b2]), u)
        R = -b2 / (w2 * mf.first_layer_alpha(w1))
        linear, square = js(f"rhoVelocityAt(momentTable(besselLaw({d})), error, {R})")
        assert w2 * linear + w2**2 * square == pytest.approx(exact, rel=1e-8, abs=1e-14)


@pytest.mark.parametrize(("network", "w2", "b2"), [("three arrows", -0.148, 0.152), ("256 neurons", -0.5, 0.2)])
def test_K_is_positive_and_rho_grows(js, network, w2, b2):
    w1, u = mf.explorables.Bend(network).first_layer()
    law, alpha = mf.BesselLaw(w1.shape[1]), mf.first_layer_alpha(w1)
    told = js(f'velocities("{network}", 0, {w2}, {b2})')
    K = mf.stability(law, alpha, w2, b2)
    assert told["K"] == pytest.approx(K, rel=1e-6) and K > 0
    by_K = -2 * alpha * K / mf.relu_mean(law.d) * discretization.contraction(w1)
    assert told["first"] == pytest.approx(by_K, rel=1e-6) and by_K < 0
    second = np.array([w2]), np.array([b2])
    exact = mf.rho_velocity(law, w1, *second, u)
    assert told["exact"] == pytest.approx(exact, rel=1e-6) and exact > 0
    # and it does grow: a second method, the flow itself, the second layer held; 800 directions are enough for 5 %
    more = mf.orthogonal_directions(4000, 100, 1) if law.d > 2 else u
    run = mf.finite_width(law, w1, *second, [0, 0.1], (1.0, 1e-12), directions=more)
    assert (run.rho[1] - run.rho[0]) / 0.1 == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize("network", ["three arrows", "256 neurons"])
def test_the_curve_passes_through_what_the_readout_says(js, network):
    w2, alpha = -0.4, js(f'errorHere("{network}", 3).alpha')
    kinks, curve = js(f'KINKS[layerOf("{network}", 3).d]'), js(f'velocitiesAlong("{network}", 3, {w2})')
    most = max(abs(point["exact"]) for point in curve)
    for i in range(0, len(kinks), 20):
        told = js(f'velocities("{network}", 3, {w2}, {-w2 * alpha * kinks[i]})')
        assert curve[i]["exact"] == pytest.approx(told["exact"], abs=5e-4 * most)  # directions gathered at 100 F
        assert (curve[i]["K"], curve[i]["first"]) == pytest.approx((told["K"], told["first"]), rel=1e-9)


@pytest.mark.parametrize("network", ["three arrows", "256 neurons"])
def test_what_is_copied_gives_the_numbers_shown(js, network):
    figure = mf.explorables.Bend(network, w2=-0.31, b2=0.25, seed=2)
    settings = {name: getattr(figure, name) for name in figure.settings}
    told = js(f'velocities("{network}", 2, -0.31, 0.25)')
    speed, names = run_copied(js.copied("BEND", figure, settings))
    assert (told["exact"], told["K"]) == pytest.approx((speed, names["K"]), rel=1e-6)


def test_a_rho_that_rests_is_said_to_rest(js):
    settings = {"network": "256 neurons", "w2": -4.0, "b2": 0.02, "seed": 0}  # the kink is where no input is
    drawn = js(f"drawBend({json.dumps(settings)})")
    told = dict(drawn["readout"])
    assert (told["ρ′, exactly"], told["ρ"]) == ("0", "rests")
    assert "The kink is not on the axis" in drawn["message"]
    assert js(f"drawBend({json.dumps(settings | {'w2': -0.5, 'b2': 0.3})})")["message"] == ""


def test_the_button_leads_to_the_counterexample(browser):
    figure = mf.explorables.Bend("three arrows", w2=-0.3, b2=0.5)
    with shown(browser, figure) as page:
        assert page.locator("[data-readout]").inner_text().endswith("shrinks")
        page.get_by_role("button", name="K > 0, and ρ grows").click()
        page.get_by_text("grows, though K > 0").wait_for()
        page.get_by_label("first layer").select_option(index=0)
        page.get_by_role("button", name="K > 0, and ρ grows").click()
        page.wait_for_function("() => document.querySelector('[data-readout]').textContent.includes('0.401')")
        page.get_by_text("grows, though K > 0").wait_for()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="network must be one of"):
        mf.explorables.Bend("four arrows")
