"""Spheres: the mean against a ReLU is checked by sampling, in Python; the figure in a browser, by hand and by keyboard."""

import json

import numpy as np
import pytest
from bare_page import shown, swipe
from front_end import Scripts

import mfdepth as mf

SHAPES = [
    *({"shape": "harmonic", "degree": l, "order": m} for l, m in [(0, 0), (1, 1), (2, 0), (2, 1), (3, 2), (4, 3)])
]
SHAPES += [{"shape": name, "degree": 0, "order": 0} for name in ("bump", "cap", "stripes")]


@pytest.fixture(scope="module")
def js():
    return Scripts("spheres/spheres.js")


def values(js, case, which, x):
    z, azimuth = x[:, 2].tolist(), np.arctan2(x[:, 0], x[:, 1]).tolist()
    given = f"functionAndMean({json.dumps(case)}).{which}, {json.dumps(z)}, {json.dumps(azimuth)}"
    return np.array(js(f"((f, z, azimuth) => z.map((v, i) => f(v, azimuth[i])))({given})"))


@pytest.fixture(scope="module")
def nodes():
    """A product rule on the sphere: exact for polynomials of degree 79."""
    z, weight = np.polynomial.legendre.leggauss(40)
    azimuth = np.arange(80) * np.pi / 40
    s = np.sqrt(1 - z * z)
    x = np.stack([np.outer(s, np.sin(azimuth)), np.outer(s, np.cos(azimuth)), np.outer(z, np.ones(80))], axis=-1)
    return x.reshape(-1, 3), np.repeat(weight / 160, 80)


U = np.array([[0.6, 0.0, 0.8], [0.0, -1.0, 0.0], [-0.48, 0.6, -0.64]])


@pytest.mark.parametrize("case", SHAPES[:7], ids=str)
def test_the_mean_is_that_of_quadrature(js, nodes, case):
    x, weight = nodes
    quadrature = np.maximum(U @ x.T, 0) @ (weight * values(js, case, "f", x))
    assert values(js, case, "mean", U) == pytest.approx(quadrature, abs=1e-3)  # the rule sees the kink of the ReLU


@pytest.mark.parametrize("name", ["cap", "stripes"])
def test_the_mean_of_a_function_with_steps_is_that_of_a_long_series(js, name):
    z = (np.arange(40_000) + 0.5) / 20_000 - 1
    f = (z > 0.5) * 1.0 if name == "cap" else np.sign(np.cos(9 * z))
    lambdas, mean = mf.relu_eigenvalues(3, 80), np.zeros(3)
    for l in range(81):
        p = np.polynomial.legendre.Legendre.basis(l)
        mean += lambdas[l] * (2 * l + 1) / 2 * np.mean(f * p(z)) * 2 * p(U[:, 2])
    case = {"shape": name, "degree": 0, "order": 0}
    assert values(js, case, "mean", U) == pytest.approx(mean, abs=1e-3)  # the page's series ends at degree 24


@pytest.mark.parametrize("case", SHAPES[:6], ids=str)
def test_harmonics_are_at_most_one_and_of_mean_zero(js, nodes, case):
    x, weight = nodes
    f = values(js, case, "f", x)
    assert 0.95 < np.abs(f).max() < 1.0005
    assert abs(weight @ f - (case["degree"] == 0)) < 1e-12


def test_eigenvalues_are_those_of_python(js):
    for d in (2, 3):
        assert js(f"reluEigenvalues({d}, 6)") == pytest.approx(mf.relu_eigenvalues(d, 6).tolist(), abs=1e-14)


def test_on_the_circle_a_harmonic_comes_back_as_a_multiple(js):
    angles = np.linspace(-3, 3, 7)
    found = js(f"circleAndMean({{ shape: 'harmonic', degree: 2 }}, {angles.tolist()})")
    assert found["mean"] == pytest.approx(mf.relu_eigenvalues(2, 2)[2] * np.cos(2 * angles))
    bump = js(f"circleAndMean({{ shape: 'bump', degree: 2 }}, {angles.tolist()})")
    v = np.arange(20_000) * 2 * np.pi / 20_000
    mean = [np.mean(np.exp(8 * (np.cos(v) - 1)) * np.maximum(np.cos(a - v), 0)) for a in angles]
    assert bump["mean"] == pytest.approx(mean, abs=1e-6)


@pytest.fixture
def page(browser):
    with shown(
        browser,
        mf.explorables.Spheres(),
        has_touch=True,
        viewport={"width": 900, "height": 1400},
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:
        yield page


PICTURE = "() => document.querySelector('[data-plot=function] canvas').toDataURL()"


def test_a_hand_and_the_keyboard_turn_the_sphere(page):
    before = page.evaluate(PICTURE)
    box = page.locator("[data-plot=function] .mf-drawing").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 20, steps=4)
    page.mouse.up()
    assert page.evaluate("[state.turn, state.tilt]") == [50, 35]
    page.wait_for_function(f"(before) => ({PICTURE})() !== before", arg=before)
    page.get_by_label("turn", exact=True).press("End")
    assert page.evaluate("state.turn") == 180


def test_a_finger_turns_the_sphere_sideways_and_scrolls_upwards(page):
    page.evaluate("document.body.style.height = '5000px'")
    box = page.locator("[data-plot=function] .mf-drawing").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    swipe(page, (x, y), (x + 60, y))
    page.wait_for_function("() => state.turn === 50")
    swipe(page, (x, y), (x, y - 200))
    page.wait_for_function("() => scrollY > 50")
    assert page.evaluate("state.turn") == 50


def test_a_link_opens_what_is_shown(page):
    page.get_by_label("degree l").press("ArrowRight")
    page.get_by_label("turn", exact=True).press("End")
    page.wait_for_function("() => location.hash.includes('Spheres.turn=180')")
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_function("() => globalThis.state?.turn === 180 && state.degree === 3")


def test_what_it_shows_is_said(page):
    page.get_by_label("degree l").press("ArrowRight")
    page.get_by_text("Degree 3 comes back as nothing").wait_for()
    assert page.locator("[data-readout] b").first.text_content() == "0.0000"
    assert page.get_by_label("which one").get_attribute("aria-valuetext") == "2 of 4"
    page.get_by_role("button", name="Copy as Python").click()
    assert page.evaluate("navigator.clipboard.readText()") == "mf.relu_eigenvalues(3, 3)[3]"


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape must be one of"):
        mf.explorables.Spheres("cube")


def test_a_sphere_that_is_no_harmonic_names_none(js):
    readout = 'SPHERES.draw({ shape: "stripes", degree: 4, order: 2, turn: -180, tilt: 20 }).readout'
    told = dict(js(readout))
    assert "harmonic" not in told and told["turned by"] == "−180°, 20°" and told["λ_4 ="].startswith("−")
    assert js('SPHERES.python({ shape: "stripes", degree: 2 })') == "mf.relu_eigenvalues(3, 4)"
    assert js("SPHERES.controls.order.last({ degree: 3 })") == 3
