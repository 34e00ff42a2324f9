"""The figure of the particles: its Python class, what it draws without a browser, and its life in one."""

import json
from contextlib import ExitStack

import numpy as np
import pytest
import traitlets
from bare_page import shown
from front_end import Scripts, run_copied

from mfdepth.live import Particles
from mfdepth.live.particles.particles import TARGETS

NUMBERS = {name: getattr(Particles, name).accepted for name in ("m", "seed", "size", "sector", "batch", "speed")}
TEACHER = [[0.97, 0.26], [0.2, 0.75], [-0.84, 0.31]]
START = {
    "m": 400,
    "seed": 0,
    "size": 0.3,
    "sector": 360.0,
    "batch": 128,
    "speed": 1.0,
    "target": "three",
    "teacher": [TEACHER[0], TEACHER[2]],
}


# --- the class ------------------------------------------------------------------------------------------------------------


def test_defaults_and_settings():
    assert {name: getattr(Particles(), name) for name in START} == START
    figure = Particles(5, batch=1, target="own", teacher=np.array([[1, 0.5]]))
    assert (figure.m, figure.batch, figure.teacher) == (5, 1, [[1.0, 0.5]])


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("m", 0, "whole number from 1 to 4000"),
        ("m", 4001, "from 1 to 4000"),
        ("seed", 1.5, "whole"),
        ("size", 0.01, "from 0.05 to 1.5"),
        ("sector", 361, "from 1 to 360"),
        ("batch", 129, "from 1 to 128"),
        ("speed", float("nan"), "from 0.25 to 8"),
        ("target", "four", r"one of \('one', 'two', 'three', 'star', 'own'\)"),
        ("teacher", [[0, 0]], "not all zero"),
        ("teacher", [[1, 2]], "from -1.6 to 1.6"),
        ("teacher", [[1, float("nan")]], "1 to 8 pairs"),
        ("teacher", [], "1 to 8 pairs"),
    ],
)
def test_bad_settings_are_refused(name, value, accepted):
    with pytest.raises(ValueError, match=f"{name} must be .*{accepted}"):
        Particles(**{name: value})
    figure = Particles()
    with pytest.raises((ValueError, traitlets.TraitError)):
        setattr(figure, name, value)
    assert getattr(figure, name) == START[name]


def test_a_teacher_of_words_is_a_type_error():
    with pytest.raises(TypeError, match="teacher must be 1 to 8 pairs"):
        Particles(teacher="abc")


# --- what it draws ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure():
    scripts = Scripts("particles/particles.js")
    scripts.v8.eval(
        "var document = { createElement: () => ({}) }, film = createFilm(), figure = particlesFigure(film);"
    )
    return scripts


def settings(**changes):
    return json.dumps(START | changes)


def test_controls_reach_both_ends_and_the_default(figure):
    controls = figure.controls("figure", Particles())
    assert list(controls) == list(START)
    for name in NUMBERS:
        values, accepted = controls[name]["values"], getattr(Particles, name).accepted
        assert values == sorted(set(values)) and START[name] in values
        assert values[0] == accepted["low"] and (values[-1] == accepted["high"] or name == "seed")
    assert [c["value"] for c in controls["target"]["choices"]] == list(TARGETS)
    assert figure("TARGETS.three") == TEACHER
    assert figure("figure.controls.batch.text(128) + figure.controls.batch.text(1)") == "all1"


@pytest.mark.parametrize(
    "changes",
    [
        {"m": 30},
        {"m": 5, "batch": 2, "seed": 3, "sector": 90.0},
        {"m": 1, "target": "own", "teacher": [[0.5, -1.0]], "size": 1.0},
    ],
)
def test_the_copied_call_gives_the_drawn_numbers(figure, changes):
    figure.v8.eval(f"var now = {settings(**changes)}; figure.draw(now)")
    for steps in (0, 75):
        figure.v8.eval(f"computeUntil(film, {steps} * STEP)")
        _, names = run_copied(figure.copied("figure", Particles(), START | changes))
        drawing = figure("(({ readout, plots }) => ({ readout, plots }))(figure.draw(now))")
        traces = {t["meta"]: t for plot in drawing["plots"].values() for t in plot["data"]}
        run, limit = names["run"], names["limit"]
        np.testing.assert_allclose(traces["f"]["y"], run.f[-1], atol=1e-8)
        np.testing.assert_allclose(traces["f-limit"]["y"], limit.f[-1], atol=1e-8)
        np.testing.assert_allclose(traces["target"]["y"], names["y"], atol=1e-12)
        np.testing.assert_allclose(np.transpose([traces["neurons"]["x"], traces["neurons"]["y"]]), run.w[-1], atol=1e-8)
        assert traces["loss"]["y"][-1] == pytest.approx(run.loss[-1], rel=1e-6)
        assert traces["loss"]["x"][-1] == pytest.approx(0.02 * steps)
        gap = np.sqrt(np.mean((run.f[-1] - limit.f[-1]) ** 2))
        assert dict(drawing["readout"])["gap ="] == f"{gap:.4f}"


def test_other_settings_start_again(figure):
    figure.v8.eval(f"var now = {settings(m=3)}; figure.draw(now); computeUntil(film, STEP)")
    assert dict(figure("figure.draw(now).readout"))["t ="] == "0.02"
    assert dict(figure(f"figure.draw({settings(m=4)}).readout"))["t ="] == "0.00"
    figure.v8.eval("computeUntil(film, STEP)")
    assert dict(figure(f"figure.draw({settings(m=4, speed=8)}).readout"))["t ="] == "0.02"  # the speed changes no run


# --- in a browser -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_figure(browser):
    """Opens the figure; fails at the end on any error in the page."""
    with ExitStack() as pages:
        yield lambda width=1000, **changes: pages.enter_context(
            shown(browser, Particles(**{"m": 20} | changes), viewport={"width": width, "height": 900})
        )


def clock(page):
    return float(page.locator("[data-readout] b").first.text_content())


TIME = "() => parseFloat(document.querySelector('[data-readout] b').textContent)"


def test_nothing_moves_before_play_and_then_it_pauses_and_steps(open_figure):
    page = open_figure(speed=1.0)
    play = page.locator("[data-action=play]")
    page.wait_for_timeout(300)
    assert play.text_content() == "Play" and clock(page) == 0
    play.click()
    page.wait_for_function(f"() => ({TIME})() > 0.2")
    assert play.text_content() == "Pause"
    play.click()
    page.wait_for_function("() => document.querySelector('[data-action=play]').textContent === 'Play'")
    page.wait_for_timeout(100)
    paused = clock(page)
    page.wait_for_timeout(200)
    assert clock(page) == paused
    page.locator("[data-action=step]").click()
    page.wait_for_function(f"before => ({TIME})() > before", arg=paused)
    assert clock(page) == pytest.approx(paused + 0.1)
    page.locator("[data-action=restart]").click()
    page.wait_for_function(f"() => ({TIME})() === 0")
    play.press("Enter")
    page.wait_for_function(f"() => ({TIME})() > 0")


SHOWN = "() => [...document.querySelectorAll('[data-readout] b')].map((b) => b.textContent).join()"


def test_the_slider_goes_back_and_forth_in_what_was_computed(open_figure):
    page = open_figure(m=3000, batch=4)  # of so many neurons not every moment is kept
    seen = [page.evaluate(SHOWN)]
    for _ in range(12):
        page.locator("[data-action=step]").click()
        page.wait_for_function(f"before => ({SHOWN})() !== before", arg=seen[-1])
        seen.append(page.evaluate(SHOWN))
    time = page.locator("[data-time]")
    assert time.get_attribute("aria-valuetext") == "t = 1.2"
    for k in (12, 6, 0):
        time.press("End" if k == 12 else "Home" if k == 0 else "PageDown")
        if k == 6:
            time.evaluate("(input) => { input.value = 6; input.dispatchEvent(new Event('input')); }")
        page.wait_for_function(f"t => ({TIME})() <= t && ({TIME})() > t - 0.1", arg=0.1 * k + 1e-6)
    assert page.evaluate(SHOWN) == seen[0]
    time.press("End")  # no farther than what is known
    page.wait_for_function(f"last => ({SHOWN})() === last", arg=seen[-1])
    assert page.locator("[data-plot=loss] path").count() == 2  # and no line for a moment in between
    page.locator("[data-action=step]").click()
    page.wait_for_function(f"() => ({TIME})() === 1.3")


def test_the_film_ends_and_plays_again_what_was_kept(open_figure):
    page = open_figure(speed=8.0, m=1)
    page.evaluate("for (let i = 0; i < 399; i++) document.querySelector('[data-action=step]').click()")
    page.locator("[data-action=play]").click()
    page.wait_for_function("() => document.querySelector('[data-action=play]').textContent === 'Play'")
    page.wait_for_function(f"() => ({TIME})() === 40")
    page.locator("[data-action=play]").click()
    page.wait_for_function(f"() => ({TIME})() < 20")
    page.locator("[data-time]").press("End")  # all of it is still known
    page.wait_for_function(f"() => ({TIME})() === 40")
    page.locator("[data-action=play]").click()
    page.locator("[data-action=play]").click()
    page.locator("[data-trait=seed]").press("End")  # paused: another start stands still
    page.wait_for_function(f"() => ({TIME})() === 0")
    page.evaluate("for (let i = 0; i < 399; i++) document.querySelector('[data-action=step]').click()")
    page.locator("[data-action=play]").click()
    page.wait_for_function("() => document.querySelector('[data-action=play]').textContent === 'Play'")
    page.locator("[data-trait=seed]").press("Home")  # it had played to its end: another start plays
    page.wait_for_function("() => document.querySelector('[data-action=play]').textContent === 'Pause'")
    page.wait_for_function(f"() => ({TIME})() > 0")


def test_the_slider_tells_the_time_of_the_picture(open_figure):
    page = open_figure()
    both = "() => [document.querySelector('[data-readout] b').textContent, document.querySelector('[data-time]').ariaValueText]"
    page.locator("[data-action=play]").click()
    page.wait_for_function(f"() => ({TIME})() > 0.5")
    page.locator("[data-action=play]").click()
    page.wait_for_function(f"() => {{ const [a, b] = ({both})(); return Number(a) === Number(b.slice(4)); }}")
    page.locator("[data-trait=seed]").press("End")  # another run, at rest
    page.wait_for_function(f"() => ({TIME})() === 0")
    assert page.evaluate(both) == ["0.00", "t = 0"]
    page.locator("[data-action=step]").click()
    page.wait_for_function(f"() => ({TIME})() > 0")
    page.locator("[data-action=reset]").click()
    page.wait_for_function(f"() => ({TIME})() === 0")
    page.locator("[data-action=step]").click()
    page.wait_for_function(f"() => ({TIME})() > 0")
    page.locator("[data-action=reset]").click()  # no setting changes
    page.wait_for_function(f"() => ({TIME})() === 0")


def test_leaving_ends_the_motion(open_figure):
    page = open_figure()
    page.locator("[data-action=play]").click()
    page.wait_for_function(f"() => ({TIME})() > 0")
    page.evaluate("end()")
    page.wait_for_timeout(100)
    before = page.locator("section").get_attribute("data-revision")
    page.wait_for_timeout(200)
    assert page.locator("section").get_attribute("data-revision") == before


def test_the_hand_moves_a_neuron_of_the_target(open_figure):
    page = open_figure()
    box = page.locator("[data-plot=plane] .mf-drawing").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    half = max(1.25 * 1.6, 0.5 * np.ceil(2 * 2.3 * np.sqrt(np.sum(np.square(TEACHER)))))
    scale = min(box["width"], box["height"]) / (2 * half)
    x, y = middle[0] + scale * 0.97, middle[1] - scale * 0.26
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(middle[0] + scale * 0.5, middle[1] - scale * 1.0, steps=4)
    page.mouse.up()
    page.mouse.move(*middle)
    assert page.evaluate("state.target") == "own"
    teacher = page.evaluate("state.teacher")
    np.testing.assert_allclose(teacher[0], [0.5, 1.0], atol=0.03)
    assert teacher[1:] == TEACHER[1:]
    page.wait_for_function("() => location.hash.includes('Particles.teacher=0.5')")
    page.mouse.click(box["x"] + 3, box["y"] + 3)  # far from every ring
    assert page.evaluate("state.teacher") == teacher


def test_the_keyboard_moves_one_too(open_figure):
    page = open_figure()
    plane = page.locator("[data-plot=plane] .mf-drawing")
    plane.focus()
    plane.press("2")
    plane.press("ArrowRight")
    plane.press("ArrowUp")
    assert page.evaluate("[state.target, state.teacher]") == ["own", [TEACHER[0], [0.25, 0.8], TEACHER[2]]]
    for _ in range(30):
        plane.press("ArrowLeft")
    plane.press("9")  # there is no ninth
    assert page.evaluate("state.teacher")[1] == [-1.25, 0.8]


def test_points_and_density_are_painted_in_both_themes(open_figure):
    page = open_figure(m=300)
    pixels = (
        "() => { const c = document.querySelector('canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " let [blue, red] = [0, 0]; for (let i = 0; i < d.length; i += 4) { blue += d[i + 3] > 40 && d[i + 2] > d[i] + 40;"
        " red += d[i + 3] > 40 && d[i] > d[i + 2] + 40; } return [blue, red]; }"
    )
    for theme in ("light", "dark"):
        page.evaluate(
            f"document.documentElement.style.setProperty('--pst-color-text-base', '{'rgb(30,30,30)' if theme == 'light' else 'rgb(230,230,230)'}')"
        )
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.wait_for_timeout(200)
        blue, red = page.evaluate(pixels)
        assert blue > 200 and red > 1000, theme


def test_random_settings_draw_no_nonsense(open_figure, rng):
    page = open_figure(m=50)
    controls = Scripts("particles/particles.js").controls("{}", Particles())
    for i in range(12):
        for name in NUMBERS:
            values = controls[name]["values"]
            index = (0, len(values) - 1)[i] if i < 2 else int(rng.integers(len(values)))
            page.locator(f"[data-trait={name}]").evaluate(
                "(input, i) => { input.value = i; input.dispatchEvent(new Event('input')); }", index
            )
        page.locator("[data-trait=target]").select_option([*TARGETS][i % len(TARGETS)])
        page.locator("[data-action=step]").click()
        page.wait_for_function(f"() => ({TIME})() === 0.1")
        paths = page.evaluate("() => [...document.querySelectorAll('path')].map((p) => p.getAttribute('d')).join()")
        shown = page.locator("[data-readout]").text_content()
        assert "NaN" not in paths + shown and "Infinity" not in shown


def test_it_fits_a_phone(open_figure):
    page = open_figure(width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
