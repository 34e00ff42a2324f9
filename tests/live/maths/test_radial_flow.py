"""The flow of a general second layer in the page is the one in Python, on the same radii and from the same start."""

import json

import numpy as np
import pytest
from front_end import Scripts

import mfdepth as mf
from mfdepth.chapters import beyond

NODES = 100
AT = np.linspace(0, 1.5, 7)
HEIGHTS = {"hill": [0, 0, 0.5, 1, 0.5, 0, 0], "rise": [-0.5, 0.2, 0.1, 0.4, 1.5, 1.2, 0.7]}


@pytest.fixture(scope="module")
def js():
    return Scripts("maths/radial_flow.js")


def in_page(js, d, heights, neurons, t, **options):
    target = f"(r) => interpolate({json.dumps(AT.tolist())}, {json.dumps(heights)}, r)"
    options = json.dumps({"nodes": NODES} | options)
    start = f"ballLaw({d}, 1.5), {target}, 1.0, {json.dumps(np.asarray(neurons).tolist())}, {json.dumps(list(t))}"
    return js(f"radialFlow({start}, {options})")


def in_python(d, heights, neurons, t, **options):
    law = mf.BallLaw(d, 1.5)
    return beyond.radial_flow(law, lambda r: np.interp(r, AT, heights), 1.0, neurons, t, nodes=NODES, **options)


@pytest.mark.parametrize(("m2", "seed"), [(1, 0), (3, 7), (8, 30)])
def test_both_start_from_the_same_neurons(js, m2, seed):
    np.testing.assert_allclose(js(f"spreadNeurons({m2}, {seed})"), beyond.spread_neurons(m2, seed), rtol=1e-15)


@pytest.mark.parametrize("heights", HEIGHTS.values(), ids=HEIGHTS)
@pytest.mark.parametrize(("d", "m2"), [(2, 1), (2, 8), (10, 3)])
def test_loss_and_stability_are_those_of_python(js, d, m2, heights, rng):
    neurons = rng.standard_normal((m2, 3))  # all signs; kinks within and without
    there, here = in_page(js, d, heights, neurons, [0]), in_python(d, heights, neurons, [0])
    assert there["loss"] == pytest.approx(here.loss, rel=1e-12)
    assert there["stability"] == pytest.approx(here.stability, rel=1e-9)


@pytest.mark.parametrize("heights", HEIGHTS.values(), ids=HEIGHTS)
@pytest.mark.parametrize(("d", "m2"), [(2, 1), (2, 5), (10, 3)])
def test_the_run_is_that_of_python(js, d, m2, heights):
    neurons, t = beyond.spread_neurons(m2, 1), [0, 0.5, 2, 10]
    there = in_page(js, d, heights, neurons, t, tolerance=1e-8, evaluations=200_000)
    here = in_python(d, heights, neurons, t, tolerance=1e-9)
    np.testing.assert_allclose(there["alpha"], here.alpha, rtol=1e-5)  # both follow to 1e-8 a step
    np.testing.assert_allclose(there["neurons"], here.neurons, atol=1e-5)
    np.testing.assert_allclose(there["loss"], here.loss, rtol=1e-4, atol=1e-8)


def test_as_coarse_as_a_page_it_is_right_to_what_a_plot_shows(js):
    neurons, t = beyond.spread_neurons(3, 0), [0, 5, 50, 100]
    there, exact = in_page(js, 2, HEIGHTS["hill"], neurons, t), in_python(2, HEIGHTS["hill"], neurons, t)
    r = np.linspace(0, 1.5, 31)
    run = json.dumps({name: there[name] for name in ("alpha", "neurons")})
    drawn = js(f"{json.dumps(r.tolist())}.map((r) => profileAt({run}, 3, r))")
    np.testing.assert_allclose(drawn, exact.profile(3, r), atol=0.01)  # a hundredth of the target's height


def test_what_symmetry_conserves_is_conserved(js):
    run = in_page(js, 5, HEIGHTS["rise"], beyond.spread_neurons(4, 2), [0, 1, 10, 100], tolerance=1e-6)
    w = np.array(run["neurons"])[:, :, 1]
    kept = run["alpha"] - 2 * mf.relu_mean(5) * np.mean(w**2, axis=1)
    np.testing.assert_allclose(kept, kept[0], atol=1e-4)


def test_it_stops_where_its_evaluations_end(js):
    run = in_page(js, 2, HEIGHTS["hill"], beyond.spread_neurons(3, 0), [0, 0.01, 1000], evaluations=300)
    assert run["t"] == [0, 0.01] and len(run["loss"]) == len(run["neurons"]) == 2
