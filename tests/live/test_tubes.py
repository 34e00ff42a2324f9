"""Tubes: the arcs of the ring that lines reach, the count as Python has it, and the figure in a browser."""

import json

import numpy as np
import pytest
from bare_page import ADDRESS, serve, state_of
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.chapters import lower_bound


@pytest.fixture(scope="module")
def js():
    return Scripts("tubes/tubes.js")


@pytest.mark.parametrize("ratio", [1.5, 2, 10])
@pytest.mark.parametrize("d", [2, 3, 30, 1000])
def test_the_count_is_that_of_python(js, d, ratio):
    assert js(f"tubesForHalf({d}, {ratio})") == pytest.approx(lower_bound.tubes_for_half(d, ratio), abs=1e-10)


@pytest.mark.parametrize("m", [1, 2, 5, 40])
def test_the_ring_is_reached_where_a_line_is_near(js, m, rng):
    angles, ratio = rng.uniform(0, np.pi, m), 4.0
    share = js(f"shareOf(coveredArcs({json.dumps(angles.tolist())}, {ratio}))")
    points = (np.arange(20_000) + 0.5) * 2 * np.pi / 20_000
    near = np.any(np.abs(np.sin(points[:, None] - angles)) * ratio <= 1, axis=1)
    assert share == pytest.approx(near.mean(), abs=1e-3)  # two ends of each arc, of 20,000 points


def test_three_tubes_cover_the_plane(js):
    assert js("coveredArcs([0, Math.PI / 3, 2 * Math.PI / 3], 1.99)") == [[0, pytest.approx(2 * np.pi)]]


def test_the_figure_says_what_it_shows(browser):
    figure = mf.explorables.Tubes(m=1, ratio=2, d=100)
    context = browser.new_context()
    serve(context, figure._esm, figure._css, state_of(figure))
    page = context.new_page()
    page.goto(ADDRESS)
    page.wait_for_function("() => document.querySelector('[data-ready=true]')")
    told = [value.text_content() for value in page.locator("[data-readout] b").all()]
    assert [told[0], told[-1]] == ["33 %", "10³⁰"]
    page.get_by_label("neurons m").press("End")
    page.get_by_label("dimension d").press("Home")
    page.wait_for_function("() => document.querySelector('[data-readout] b').textContent === '100 %'")
    page.wait_for_function("() => document.querySelectorAll('[data-readout] b')[2].textContent === '2'")
    context.close()


def test_the_copied_call_runs(js):
    figure = mf.explorables.Tubes(d=20, ratio=1.5)
    settings = {name: getattr(figure, name) for name in figure.settings}
    count, _ = run_copied(js.copied("TUBES", figure, settings))
    assert count == lower_bound.tubes_for_half(20, 1.5)
