"""The drawing of the network: what it says of an input, alone and within the figure of the dynamics."""

from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import pytest
from bare_page import shown
from front_end import Scripts, run_copied

import mfdepth as mf
from mfdepth.live import InfiniteWidth, Network

WORDS = "() => [...document.querySelectorAll('[data-plot=network] svg text')].map((text) => text.textContent)"
START = {"r": 0.5, "alpha": 1.0, "w2": -0.1, "b2": 0.5}


@pytest.mark.parametrize("changes", [{}, {"r": 1.2, "alpha": 0.7, "w2": -0.9, "b2": 0.6}, {"w2": 0.3, "b2": -0.1}])
def test_it_says_what_a_network_of_many_neurons_says(changes):
    """Four thousand neurons in whole bases: F = alpha |x| in nearly every direction."""
    now = START | changes
    scripts = Scripts("network/network.js")
    found = scripts(f"NETWORK.draw({now}).plots.network.data[0]")
    directions = mf.orthogonal_directions(4000, 5, np.random.default_rng(0))
    network = mf.learner(
        directions * np.sqrt(now["alpha"] / mf.relu_mean(5)), np.array([now["w2"]]), np.array([now["b2"]])
    )
    x = now["r"] * mf.random_directions(3, 5, np.random.default_rng(1))
    assert found["x"] == [now["r"]] * 3
    assert found["y"][1] == pytest.approx(float(network(x).mean()), abs=2e-3)
    assert found["y"][2] == pytest.approx(max(0, 1 - now["r"]))
    copied, _ = run_copied(scripts.copied("NETWORK", Network(), now))
    assert found["y"][1] == pytest.approx(float(copied))


@pytest.fixture
def open_page(browser):
    with ExitStack() as pages:
        yield lambda widget, width=1000: pages.enter_context(
            shown(browser, widget, viewport={"width": width, "height": 900})
        )


def test_the_numbers_in_the_drawing_follow_the_sliders(open_page):
    page = open_page(Network())
    assert page.evaluate(WORDS)[5:] == [
        *("|x| = 0.50", "α = 1.00", "F = 0.50", "w₂ = −0.10", "b₂ = 0.50", "f = 0.45", "f* = 0.50")
    ]
    before = page.locator("[data-plot=network] g").bounding_box()
    page.locator("[data-trait=alpha]").press("End")
    page.locator("[data-trait=r]").press("Home")
    page.wait_for_function(f"() => ({WORDS})().includes('|x| = 0.00')")
    assert page.evaluate(WORDS)[5:8] == ["|x| = 0.00", "α = 3.00", "F = 0.00"]
    assert page.locator("[data-plot=network] g").bounding_box()["width"] > 1.2 * before["width"]


@pytest.mark.parametrize("width", [390, 1000])
def test_in_the_figure_of_the_dynamics_they_follow_the_time(open_page, width):
    page = open_page(InfiniteWidth(d=10), width)
    run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 60])
    for key, i in (("Home", 0), ("End", 1)):
        page.locator("[data-trait=t_fraction]").press(key)
        expected = f"w₂ = −{-run.w2[i]:.2f}"
        page.wait_for_function(f"text => ({WORDS})().includes(text)", arg=expected)
        assert f"F = {0.5 * run.alpha[i]:.2f}" in page.evaluate(WORDS)
    boxes = page.locator("[data-plot=network] svg text").evaluate_all(
        "texts => texts.map((text) => text.getBoundingClientRect()).map((b) => [b.top, b.left, b.right])"
    )
    for row in {round(top) for top, _, _ in boxes}:
        ends = sorted((left, right) for top, left, right in boxes if round(top) == row)
        assert all(right + 6 <= left for (_, right), (left, _) in pairwise(ends))  # none over another, nor close by
