"""The figure of two layers against the norm: its convex problem against the library's, and what it draws."""

import numpy as np
import pytest
import traitlets
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters.lower_bound.budget import radial_rule
from mfdepth.live import NormBudget
from mfdepth.sphere import cap


@pytest.fixture(scope="module")
def scripts():
    scripts = Scripts("norm_budget/norm_budget.js")
    scripts.v8.eval("var figure = normBudget(); 0")
    return scripts


def draw(scripts, d, budget):
    drawing = scripts(f"figure.draw({{ d: {d}, budget: {budget} }})")
    drawing["traces"] = {t["meta"]: t for plot in drawing["plots"].values() for t in plot["data"]}
    return drawing


@pytest.mark.parametrize("d", [2, 3, 10, 101, 1000])
def test_profiles_against_the_library(scripts, rng, d):
    r, b = rng.uniform(0.05, 3, 200), rng.uniform(0, 1.2, 200) * rng.choice([1, d**-0.5], 200)
    pairs = np.stack([r, b], axis=1).tolist()
    found = scripts(f"(() => {{ const h = profiles({d}); return {pairs}.map(([r, b]) => h.value(r, b)) }})()")
    np.testing.assert_allclose(found, mf.relu_profile(r, b, d), atol=1e-8, rtol=0)
    along = scripts(
        f"(() => {{ const h = profiles({d}); return {pairs}.map(([r, b]) => h.along([r], b).map(([v]) => v)) }})()"
    )
    assert [value for value, _ in along] == found
    expected = np.where(b < r, -cap(np.clip(b / r, 0, 1), d), 0)
    np.testing.assert_allclose([slope for _, slope in along], expected, atol=2e-7, rtol=0)


@pytest.mark.parametrize("d", [2, 10, 1000])
def test_the_radial_rule_keeps_the_moments_of_the_law(scripts, d):
    rule = scripts(f"radialRule(besselLaw({d}))")
    r, p, law = np.array(rule["r"]), np.array(rule["p"]), mf.BesselLaw(d)
    for k in range(3):
        expected = float(law.partial_moment(k, 3.0) / law.cdf(3.0))
        assert p @ r**k == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("d", [2, 3, 5, 10, 30, 101, 1000])
def test_the_least_loss_against_the_library(scripts, rng, d):
    # both stop at a relative gap of 1e-3 between loss and bound, and agree to that
    scripts.v8.eval(f"var problem = shallowProblem(besselLaw({d})); 0")
    for budget in np.exp(rng.uniform(0, np.log(1000 if d > 4 else 40), 8)):
        found = scripts(f"shallowLowerBound(problem, {budget})")
        expected = mf.shallow_lower_bound(mf.BesselLaw(d), budget)
        if expected.loss < 0.9e-6:
            assert found["loss"] < 1.1e-6
            continue
        slack = max(3e-3, 1e-8 / expected.loss)  # the basis leaves out 1e-6 of a profile; more at d < 5
        assert found["loss"] == pytest.approx(expected.loss, rel=slack)
        assert (
            expected.bound * (1 - 25 * slack if d < 5 else 1 - 2 * slack)
            <= found["bound"]
            <= expected.loss * (1 + slack / 2)
        )
        assert sum(map(abs, found["weights"])) <= budget * (1 + 1e-12)
        assert found["reach"] == pytest.approx(expected.slope, rel=0.05)
        # the network it draws has the loss it says, by the library's own radii and profiles
        r, p, _ = radial_rule(mf.BesselLaw(d), 3.0)
        f = mf.relu_profile(r[:, None], found["offsets"], d) @ np.array(found["weights"]) + found["constant"]
        loss = p @ (np.maximum(1 - r, 0) - f) ** 2 / np.sum(p) / 2
        assert loss == pytest.approx(found["loss"], rel=slack / 2)


def test_a_warm_start_changes_nothing_but_the_path(scripts):
    scripts.v8.eval("var ten = shallowProblem(besselLaw(10)); 0")
    cold = scripts("shallowLowerBound(ten, 40)")
    warm = scripts("shallowLowerBound(ten, 40, shallowLowerBound(ten, 7))")
    assert warm["loss"] == pytest.approx(cold["loss"], rel=1e-3)
    assert warm["bound"] <= cold["loss"] and cold["bound"] <= warm["loss"]


def test_the_copied_call_gives_the_plotted_numbers(scripts):
    for d, budget in ((10, 5), (40, 33.5), (3, 1)):
        found, _ = run_copied(scripts.copied("figure", NormBudget(), {"d": d, "budget": budget}))
        drawing = draw(scripts, d, budget)
        traces, readout = drawing["traces"], dict(drawing["readout"])
        assert traces["here"]["x"] == [budget] and traces["here"]["y"][0] == pytest.approx(found.loss, rel=2e-3)
        f = mf.relu_profile(np.array(traces["f"]["x"])[:, None], found.offsets, d) @ found.weights + found.constant
        np.testing.assert_allclose(traces["f"]["y"], f, atol=0.02)
        assert float(readout["1/C_d ="]) == pytest.approx(1 / mf.relu_mean(d), abs=0.005)
        assert drawing["plots"]["budget"]["layout"]["shapes"][0]["x0"] == pytest.approx(1 / mf.relu_mean(d))


@pytest.mark.parametrize("d", [3, 30])
def test_the_curve_is_the_library_s_between_the_budgets_solved_too(scripts, d):
    curve = draw(scripts, d, 20)["traces"]["least"]
    assert np.all(np.diff(curve["y"]) < 0) and np.all(np.diff(curve["x"]) > 0) and curve["x"][0] == 1
    for i in (2, 18, 30):
        expected = mf.shallow_lower_bound(mf.BesselLaw(d), curve["x"][i]).loss
        assert curve["y"][i] == pytest.approx(expected, rel=0.05) or expected < 1e-6
    assert d == 3 or curve["x"][-1] == pytest.approx(1000)


def test_the_curve_of_a_new_dimension_comes_after_its_picture(scripts):
    scripts.v8.eval(
        """
        var tasks = [], redrawn = 0, now = { d: 10, budget: 5 };
        globalThis.setTimeout = (task) => tasks.push(task);
        globalThis.clearTimeout = (number) => (tasks[number - 1] = null);
        var moving = normBudget();
        var end = moving.live({ settings: () => now, redraw: () => redrawn++ });
        var least = (settings) => moving.draw((now = settings)).plots.budget.data[0];
        0
        """
    )
    assert scripts("[least(now).x, tasks.length]") == [[], 1]
    scripts.v8.eval("tasks[0]()")
    first = scripts("least(now)")
    assert first == draw(scripts, 10, 5)["traces"]["least"] and first["opacity"] == 1 and scripts("redrawn") == 1
    moved = scripts("[least({ d: 20, budget: 5 }), least({ d: 30, budget: 5 })]")
    assert [trace["opacity"] for trace in moved] == [0.3, 0.3] and moved[1]["y"] == first["y"]
    assert scripts("tasks.length") == 2  # one for both
    scripts.v8.eval("tasks[1]()")
    assert scripts("least({ d: 30, budget: 9 })") == draw(scripts, 30, 9)["traces"]["least"]
    assert scripts("tasks.length") == 2  # another budget asks for nothing
    scripts.v8.eval("least({ d: 7, budget: 9 }); end()")
    assert scripts("tasks")[-1] is None


def test_losses_too_small_to_resolve_are_called_so(scripts):
    drawing = draw(scripts, 3, 1000)
    readout = dict(drawing["readout"])
    assert readout["loss ="] == "< 10⁻⁶" and readout["bound ="] == "0"
    assert "resolves" in drawing["message"]
    assert drawing["traces"]["here"]["y"] == [1e-6]
    assert draw(scripts, 10, 100)["message"] == ""


def test_nothing_but_numbers_is_drawn(scripts, rng):
    for d, budget in [
        (2, 1),
        (2, 1000),
        (1000, 1),
        (1000, 1000),
        *zip(rng.integers(2, 1000, 6), rng.uniform(1, 1000, 6), strict=True),
    ]:
        for trace in draw(scripts, d, budget)["traces"].values():
            assert np.all(np.isfinite(np.array(trace["x"] + trace["y"], dtype=float)))


def test_defaults_settings_and_sliders(scripts):
    figure = NormBudget()
    assert (figure.d, figure.budget) == (10, 5.0)
    values = {name: control["values"] for name, control in scripts.controls("figure", figure).items()}
    assert 10 in values["d"] and (values["d"][0], values["d"][-1]) == (2, 1000)
    assert 5 in values["budget"] and (values["budget"][0], values["budget"][-1]) == (1, 1000)


@pytest.mark.parametrize(
    ("name", "value"), [("d", 1), ("d", 2.5), ("d", 1001), ("budget", 0.5), ("budget", float("nan"))]
)
def test_bad_settings_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"{name} must be .*; got {value}"):
        NormBudget(**{name: value})
    figure = NormBudget()
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
