"""Training in a browser: it runs, pauses, goes on, ends with the page, and two on a page keep to themselves."""

import numpy as np
import pytest
from bare_page import ADDRESS, serve, state_of

from mfdepth.live import Training

# what stands in the page as NaN or Infinity somewhere is drawn wrong
UNREAL = """() => [...document.querySelectorAll("path, text, .mf-readout")].map(
    (node) => [node.getAttribute("d") ?? "", node.textContent].join()).filter((text) => /NaN|Infinity|undefined/.test(text))"""

# the button of the first figure says it, at the time shown
SHOWS = """([word, t]) => document.querySelector("[data-action=play]").textContent === word &&
    Number(document.querySelector("[data-readout] b").textContent) === t"""


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(20_000)
    serve(context, Training._esm, Training._css, state_of(Training(d=10, m1=64, m2=4, t_end=40)), figures=2)
    yield context
    context.close()


@pytest.fixture
def page(context):
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(ADDRESS)
    page.wait_for_function("() => globalThis.models?.length === 2 && models.every((m) => m.get('frame').ideal)")
    yield page
    assert page.evaluate(UNREAL) == []
    page.close()
    assert not errors


def frame(page, which=0):
    return page.evaluate("which => models[which].get('frame')", which)


def wait_for(page, condition):
    page.wait_for_function(f"() => {condition}")


def press(page, action, which=0):
    page.locator("section.mf-explorable").nth(which).locator(f"[data-action={action}]").click()


def test_before_a_run_the_start_and_the_theory_are_drawn(page):
    now = frame(page)
    assert now["t"] == 0 and len(now["history"]["t"]) == 1
    assert now["ideal"]["t"][-1] == 40
    assert page.locator("[data-plot=course] path").count() >= 4


def test_a_run_ends_at_its_last_time_with_the_numbers_of_python(page):
    press(page, "play")
    wait_for(page, "models[0].get('progress') === 1 && !models[0].get('running')")
    run, history = Training(d=10, m1=64, m2=4, t_end=40).run(), frame(page)["history"]
    for name in ("t", "loss", "alpha", "rho"):
        assert history[name] == pytest.approx(list(getattr(run, name)), rel=1e-9)
    page.wait_for_function(SHOWS, arg=["Play", 40])


def test_the_run_is_kept_for_the_slider_and_played_again(page):
    press(page, "play")
    wait_for(page, "models[0].get('progress') === 1")
    time, last = page.locator("[data-time]").first, frame(page)
    time.press("Home")
    page.wait_for_function(SHOWS, arg=["Play", 0])
    lines = page.locator("section").first.locator("[data-plot=loss] .mf-drawing path")
    assert lines.count() == 3  # two losses, and a line at the time shown
    run = Training(d=10, m1=64, m2=4, t_end=40).run()
    for key, t in (("PageUp", 4), ("ArrowRight", 5)):
        time.press(key)
        page.wait_for_function(SHOWS, arg=["Play", t])
        cloud = page.evaluate("document.querySelector('[data-plot=cloud] .mf-drawing').data[1].x")
        assert cloud == pytest.approx(list(run.w2[list(run.t).index(t)]), rel=1e-9)
        loss = page.locator("[data-readout] b").nth(1).text_content()
        expected = run.loss[list(run.t).index(t)]
        assert float(loss.split(" ")[0]) == pytest.approx(10 ** (np.log10(expected) % 1), abs=6e-3)
    press(page, "step")  # to the next moment, and nothing is computed
    page.wait_for_function(SHOWS, arg=["Play", 6])
    time.press("End")
    page.wait_for_function(SHOWS, arg=["Play", 40])
    press(page, "play")  # from the end: again from the start, out of what was kept
    wait_for(page, "parseFloat(document.querySelector('[data-readout] b').textContent) < 20")
    assert not page.evaluate("models[0].get('running')")
    page.wait_for_function(SHOWS, arg=["Play", 40])
    assert frame(page) == last
    page.locator("[data-trait=b2]").first.press("ArrowRight")  # it had ended: another start plays
    wait_for(page, "document.querySelector('[data-action=play]').textContent === 'Pause'")
    page.wait_for_function(SHOWS, arg=["Play", 40])
    assert frame(page)["history"]["loss"] != last["history"]["loss"]


def test_pause_rests_and_a_second_press_goes_on(page):
    page.locator("[data-trait=speed]").first.press("Home")
    press(page, "play")
    wait_for(page, "models[0].get('progress') > 0.02")
    assert page.locator("[data-action=play]").first.text_content() == "Pause"
    press(page, "play")
    wait_for(page, "models[0].get('frame').t > 0")
    page.wait_for_timeout(300)  # what was on its way has arrived
    rested = page.evaluate("models[0].get('progress')")
    page.wait_for_timeout(500)
    assert page.evaluate("models[0].get('progress')") == rested < 1
    assert frame(page)["fraction"] == rested
    page.locator("[data-trait=speed]").first.press("End")
    press(page, "play")
    wait_for(page, "models[0].get('progress') === 1")
    run = Training(d=10, m1=64, m2=4, t_end=40).run()
    assert frame(page)["history"]["loss"][-1] == pytest.approx(run.loss[-1], rel=1e-9)


def test_one_step_is_one_interval_and_starting_over_goes_back(page):
    press(page, "step")
    wait_for(page, "models[0].get('frame').t === 1")
    press(page, "step")
    press(page, "step")
    wait_for(page, "models[0].get('frame').t === 3")
    press(page, "restart")
    page.wait_for_function(SHOWS, arg=["Play", 0])
    assert frame(page)["t"] == 3  # which is kept


def test_python_presses_the_buttons_too(page):
    page.evaluate("models[0].hear({ do: 'step' })")
    wait_for(page, "models[0].get('frame').t === 1")
    page.evaluate("models[0].set('running', true)")
    wait_for(page, "models[0].get('progress') === 1")
    page.evaluate("models[0].hear({ do: 'restart' })")
    wait_for(page, "models[0].get('frame').t === 0")


def test_two_on_a_page_do_not_disturb_each_other(page):
    page.locator("[data-trait=seed]").nth(1).press("End")
    press(page, "play", 1)
    wait_for(page, "models[1].get('progress') === 1")
    assert frame(page)["t"] == 0
    press(page, "play", 0)
    wait_for(page, "models[0].get('progress') === 1")
    for which, seed in ((0, 0), (1, 50)):
        run = Training(d=10, m1=64, m2=4, t_end=40, seed=seed).run()
        assert frame(page, which)["history"]["rho"][-1] == pytest.approx(run.rho[-1], rel=1e-9)


def test_a_setting_changed_in_a_run_starts_anew_and_goes_on(page):
    page.locator("[data-trait=speed]").first.press("Home")
    press(page, "play")
    wait_for(page, "models[0].get('progress') > 0.02")
    page.locator("[data-trait=alpha]").first.press("End")
    page.locator("[data-trait=speed]").first.press("End")
    wait_for(page, "models[0].get('progress') === 1 && !models[0].get('running')")
    run = Training(d=10, m1=64, m2=4, t_end=40, alpha=3.0).run()
    assert frame(page)["history"]["loss"] == pytest.approx(list(run.loss), rel=1e-9)


@pytest.mark.parametrize(
    ("trait", "key", "words"),
    [("w2", "End", "loss is infinite"), ("b2", "Home", "neuron is dead"), ("spread", "End", "w₂ > 0")],
)
def test_a_bad_start_is_refused_in_words(page, trait, key, words):
    page.locator(f"[data-trait={trait}]").first.press(key)
    page.wait_for_function("words => document.querySelector('.mf-message').textContent.includes(words)", arg=words)
    press(page, "play")
    wait_for(page, "!models[0].get('running')")
    assert frame(page)["t"] == 0
    press(page, "reset")
    wait_for(page, "document.querySelector('.mf-message').textContent === ''")


def test_reset_after_a_run_brings_the_opening_state_and_plays_nothing(page):
    page.locator("[data-trait=alpha]").first.press("End")
    press(page, "play")
    wait_for(page, "models[0].get('progress') === 1 && !models[0].get('running')")
    press(page, "reset")
    page.wait_for_function(SHOWS, arg=["Play", 0])
    page.wait_for_timeout(300)
    assert page.evaluate("[models[0].get('running'), models[0].get('frame').t]") == [False, 0]


def test_the_worker_ends_with_the_figure_and_the_page_can_be_left_and_come_back_to(page):
    press(page, "play")
    page.evaluate("ends[0]()")
    assert page.evaluate("ended") == 1
    rested = page.evaluate("models[0].get('progress')")
    press(page, "play", 1)
    page.goto("about:blank")
    page.go_back()
    page.wait_for_function("() => globalThis.models?.length === 2 && models.every((m) => m.get('frame').ideal)")
    press(page, "play", 1)
    wait_for(page, "models[1].get('progress') === 1")
    assert rested <= 1


def test_controls_in_random_combinations_are_answered(page):
    figure = page.locator("section.mf-explorable").first
    controls = figure.locator("[data-trait]").all()
    import random

    chance = random.Random(0)
    for _ in range(6):
        for control in controls:
            control.evaluate(
                "(c, at) => { c.value = Math.round(at * c.max); c.dispatchEvent(new Event('input')); }", chance.random()
            )
        page.wait_for_function("() => document.querySelector('section').getAttribute('aria-busy') === 'false'")
        now = frame(page)
        press(page, "step")
        if not now["problem"]:
            wait_for(page, "models[0].get('frame').t > 0 || models[0].get('frame').problem")
        assert page.evaluate(UNREAL) == []


def test_copied_python_reproduces_the_page(page):
    page.locator("[data-trait=w2]").first.press("Home")
    press(page, "play")
    wait_for(page, "models[0].get('progress') === 1")
    press(page, "copy-python")
    import mfdepth as mf

    run = eval(page.evaluate("navigator.clipboard.readText()"), {"mf": mf})
    assert frame(page)["history"]["loss"] == pytest.approx(list(run.loss), rel=1e-9)


def test_what_python_streams_is_kept_for_the_slider(browser):
    figure = Training(d=5, m1=20, m2=3, t_end=10, backend="python", device="numpy")
    assert figure.wait(20)
    frames = []
    figure.observe(lambda change: frames.append(change["new"]), "frame")
    for _ in range(10):
        figure.step()
        assert figure.wait(20)
    context = browser.new_context()
    serve(context, figure._esm, figure._css, state_of(figure) | {"frame": frames[0]})
    page = context.new_page()
    page.add_init_script(  # as a notebook hosts it
        """new MutationObserver(() => document.documentElement?.removeAttribute("data-content_root"))
        .observe(document, { childList: true })"""
    )
    page.goto(ADDRESS)
    page.wait_for_selector("[data-ready=true]")
    for frame in frames[1:]:
        page.evaluate("frame => models[0].set('frame', frame)", frame)
    page.wait_for_function(SHOWS, arg=["Play", 10])
    page.locator("[data-time]").press("Home")
    page.wait_for_function(SHOWS, arg=["Play", frames[0]["t"]])
    page.locator("[data-time]").press("ArrowRight")
    page.wait_for_function(SHOWS, arg=["Play", 1])
    assert page.evaluate("document.querySelector('[data-plot=cloud] .mf-drawing').data[1].x") == frames[0]["w2"]
    context.close()
    figure.close()
