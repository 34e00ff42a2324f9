"""Figures hold the data they were given, in the colour of its idea, with titles and words; and they are small."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.figures import style as drawing

LAW, TIMES = mf.BesselLaw(5), (0, 4, 12)
NEEDED = {1e-3: {10: 13.9, 3: 6.6}, 2.5e-4: {10: 20.0, 3: 8.0}}


@pytest.fixture(scope="module")
def simulation():
    """(finite run, infinite run, decomposition, directions) from one start, second layer of 4 neurons."""
    rng = np.random.default_rng(0)
    w1, w2, b2 = mf.init_first_layer(5, 64, 1.0, rng), rng.uniform(-0.3, -0.1, 4), rng.uniform(0.4, 0.6, 4)
    run = mf.finite_width(LAW, w1, w2, b2, [0, 1, 4, 12], rng=1, save_w1=True)
    ideal = mf.infinite_width(LAW, run.alpha[0], w2, b2, np.linspace(0, 12, 7))
    u = mf.orthogonal_directions(50, 5, rng)
    return run, ideal, mf.decompose(LAW, run.w1, run.w2, run.b2, u), u[:6]


@pytest.fixture(scope="module")
def figures(simulation):
    """One figure of each function, with everything that can be drawn in it."""
    run, ideal, parts, u = simulation
    return {
        "small_start": mf.figures.small_start([(0.8, ideal), (0.4, ideal)], limit=0.6),
        "loss_in_time": mf.figures.loss_in_time(run, TIMES, ideal=ideal),
        "along_rays": mf.figures.along_rays(run, u, TIMES, law=LAW),
        "second_layer": mf.figures.second_layer(run, TIMES, ideal=ideal),
        "tracking": mf.figures.tracking(run, ideal),
        "decomposition": mf.figures.decomposition(run.t, parts),
        "scaling": mf.figures.scaling([8, 32], [[0.2, 0.3], [0.05, 0.06]], constant=2.0),
        "norm_by_dimension": mf.figures.norm_by_dimension(NEEDED),
    }


def named(drawn, name):
    """The traces of that name."""
    return [trace for trace in drawn.data if trace.name == name]


def colour(trace):
    return trace.line.color if trace.mode == "lines" else trace.marker.color


def assert_holds(trace, x, y):
    np.testing.assert_allclose(np.asarray(trace.x, dtype=float), x, rtol=1e-15)
    np.testing.assert_allclose(np.asarray(trace.y, dtype=float), y, rtol=1e-15)


def test_every_figure_is_here(figures):
    here = [getattr(mf.figures, module).__name__ for module in ("training", "discretization", "shallow")]
    assert {name for name in mf.figures.__all__ if getattr(mf.figures, name).__module__ in here} == set(figures)
    assert all(isinstance(drawn, go.Figure) for drawn in figures.values())
    page = (Path(__file__).parents[1] / "book" / "api.md").read_text(encoding="utf-8")
    assert all(f".. autofunction:: {name}\n" in page for name in mf.figures.__all__)


def test_every_figure_is_in_the_style_of_the_book(figures):
    for name, drawn in figures.items():
        assert_in_style(drawn, name)


def test_one_colour_an_idea(figures):
    ideas = {
        drawing.TARGET: ("target", "fits the target", "|cross term|"),
        drawing.INFINITE: ("w2", "infinite width", "mean at infinite width", "T₁", "three layers"),
        drawing.FINITE: ("t =", "finite width", "measured", "loss L", "T₂"),
        drawing.PREDICTION: ("first order", "2/m₁"),
        drawing.SHALLOW: ("two layers",),
        drawing.DENSITY: ("density", "(2 C"),
    }
    assert len(set(ideas)) == 6
    for drawn in figures.values():
        for trace in drawn.data:
            [expected] = [colour for colour, starts in ideas.items() if trace.name.startswith(starts)]
            assert colour(trace) == expected, trace.name
    assert named(figures["along_rays"], "target")[0].line.dash == "dash"


def test_a_figure_is_small_enough_for_a_page():
    # the size of the paper: 512 neurons and 128, 10 rays, a hundred saved times
    rng, law, t = np.random.default_rng(0), mf.BesselLaw(100), np.arange(100.0)
    cloud = rng.uniform(-0.3, -0.1, (100, 128)), rng.uniform(0.4, 0.6, (100, 128))
    w1 = np.broadcast_to(mf.init_first_layer(100, 512, 1.0, rng), (100, 512, 100))
    run = mf.Trajectory(t, 1 + t, *cloud, np.exp(-t / 9), 1 / (9 + t), w1)
    marked, rays = (0, 5, 20, 50, 99), mf.random_directions(10, 100, rng)
    for drawn in (
        mf.figures.loss_in_time(run, marked, ideal=run),
        mf.figures.along_rays(run, rays, marked, law=law),
        mf.figures.second_layer(run, marked, ideal=run),
        mf.figures.tracking(run, run),
    ):
        assert len(drawn.to_json()) < 100_000


def test_small_start_shows_each_run_and_its_limit(simulation, figures):
    _, ideal, _, _ = simulation
    first, second, limit = figures["small_start"].data
    assert_holds(first, ideal.t, ideal.alpha)
    assert first.line.dash != second.line.dash and first.name == "w2 = −0.8"
    assert_holds(limit, [0, 12], [0.6, 0.6])


def test_the_loss_is_marked_at_the_times(simulation, figures):
    run, ideal, _, _ = simulation
    infinite, finite, *marked = figures["loss_in_time"].data
    assert_holds(infinite, ideal.t, ideal.loss)
    assert_holds(finite, run.t, run.loss)
    for trace, t, i in zip(marked, TIMES, (0, 2, 3), strict=True):
        assert trace.name == f"t = {t}"
        assert_holds(trace, [t], [run.loss[i]])
    assert figures["loss_in_time"].layout.yaxis.type == "log"


def test_rays_are_the_network_along_the_directions(simulation, figures):
    run, _, _, u = simulation
    drawn = figures["along_rays"]
    for t, i in zip(TIMES, (0, 2, 3), strict=True):
        rays, dot = named(drawn, f"t = {t}")
        x, y = (np.asarray(values).reshape(6, -1) for values in (rays.x, rays.y))
        assert np.all(np.isnan(y[:, -1]))
        x, y = x[:, :-1], y[:, :-1]
        network = mf.learner(run.w1[i], run.w2[i], run.b2[i])
        for direction, radii, values in zip(u, x, y, strict=True):
            np.testing.assert_allclose(values, network(radii[:, None] * direction), rtol=2e-6, atol=2e-7)
        assert_holds(dot, [0], [np.mean(np.maximum(run.b2[i], 0))])
        assert rays.legendgroup == dot.legendgroup and rays.opacity == dot.opacity
    spread = float(f"{np.max(np.ptp(y, axis=0)):.2g}")
    assert drawn.layout.meta["alt"].endswith(f"at most {spread:.2g}.")
    target = named(drawn, "target")[0]
    assert_holds(target, target.x, np.maximum(1 - target.x, 0))
    assert 1.0 in target.x and max(target.x) == 2.0


def test_the_density_behind_is_the_laws(figures):
    behind = figures["along_rays"].data[0]
    width = 2 / 200
    mass = np.array([LAW.cdf(r + width / 2) - LAW.cdf(r - width / 2) for r in behind.x])
    np.testing.assert_allclose(behind.y, mass / mass.max(), atol=1e-12)
    assert behind.fill == "tozeroy" and behind.line.width == 0


def test_short_rays_end_before_the_target_does(simulation):
    run, _, _, u = simulation
    drawn = mf.figures.along_rays(run, u, [0], r_max=0.5)
    assert drawn.data[-1].x[-1] == 0.5 and drawn.data[-1].y[-1] == 0.5


def test_the_cloud_is_the_second_layer(simulation, figures):
    run, ideal, _, _ = simulation
    *clouds, mean, fit = figures["second_layer"].data
    for trace, i in zip(clouds, (0, 2, 3), strict=True):
        assert_holds(trace, run.w2[i], run.b2[i])
    assert len({trace.marker.symbol for trace in clouds}) == 3  # told apart without colour
    assert [trace.opacity for trace in clouds] == sorted(trace.opacity for trace in clouds)
    assert {trace.marker.color for trace in clouds} == {drawing.FINITE}
    assert_holds(mean, ideal.w2.mean(axis=1), ideal.b2.mean(axis=1))
    assert_holds(fit, [-1 / run.alpha[-1]], [1])


def test_tracking_puts_three_pairs_into_three_panels(simulation, figures):
    drawn, (run, ideal, _, _) = figures["tracking"], simulation
    pairs = zip(drawn.data[::2], drawn.data[1::2], ("alpha", "w2", "b2"), strict=True)
    for line, dots, name in pairs:
        wanted = [getattr(x, name) if name == "alpha" else getattr(x, name).mean(axis=1) for x in (ideal, run)]
        assert_holds(line, ideal.t, wanted[0])
        assert_holds(dots, run.t, wanted[1])
        assert line.yaxis == dots.yaxis
    assert [trace.yaxis for trace in drawn.data[::2]] == ["y", "y2", "y3"]
    assert drawn.layout.xaxis.anchor == "y3" and drawn.layout.grid.rows == 3
    assert sum(trace.showlegend for trace in drawn.data) == 2


def test_tracking_takes_one_scalar_neuron():
    ideal = mf.infinite_width(LAW, 1.0, -0.1, 0.5, [0, 3])
    assert_holds(mf.figures.tracking(ideal, ideal).data[2], ideal.t, ideal.w2)
    alone = mf.figures.second_layer(ideal, [3]).data[0]
    assert_holds(alone, ideal.w2[1:], ideal.b2[1:])
    assert alone.marker.color == drawing.INFINITE


def test_the_decomposition_shows_each_term(simulation, figures):
    run, _, parts, _ = simulation
    drawn = figures["decomposition"]
    terms = parts.loss, parts.infinite_width_loss, parts.discretization_loss, np.abs(parts.cross)
    for trace, term in zip(drawn.data, terms, strict=True):
        assert_holds(trace, run.t, term)
    low, high = drawn.layout.yaxis.range
    assert 10**high > max(map(np.max, terms)) and 10**low < min(map(np.min, terms[:3]))
    assert len({trace.line.dash for trace in drawn.data[1:]}) == 3


def test_a_cross_term_of_rounding_does_not_stretch_the_scale(simulation):
    run, _, parts, _ = simulation
    for size in (0.0, 3e-18):
        drawn = mf.figures.decomposition(run.t, replace(parts, cross=np.full(4, -size)))
        assert drawn.data[3].name == f"|cross term| ≤ {size:.0e}"
        least = min(parts.loss.min(), parts.infinite_width_loss.min(), parts.discretization_loss.min())
        assert drawn.layout.yaxis.range[0] == pytest.approx(np.log10(least) - 0.2)


def test_scaling_shows_every_seed_and_one_line(figures):
    line, dots = figures["scaling"].data
    assert_holds(line, [8, 32], [2 / 8, 2 / 32])
    assert_holds(dots, [8, 8, 32, 32], [0.2, 0.3, 0.05, 0.06])
    layout = figures["scaling"].layout
    assert layout.xaxis.type == layout.yaxis.type == "log" and layout.xaxis.ticktext == ("8", "32")


def test_scaling_without_a_prediction_draws_a_guide():
    line, dots = mf.figures.scaling(np.array([10, 100]), np.array([0.4, 0.01])).data
    assert_holds(line, [10, 100], [0.2, 0.02])  # sqrt(4 * 1) = 2
    assert colour(line) == drawing.TARGET and line.line.dash == "dot" and dots.x.shape == (2,)
    one = mf.figures.scaling([10], [0.2])
    assert one.data[0].y[0] == pytest.approx(0.2)


def test_norms_are_sorted_by_dimension(figures):
    first, second, three = figures["norm_by_dimension"].data
    assert_holds(first, [3, 10], [6.6, 13.9])
    assert second.name == "two layers, error 2.5·10<sup>−4</sup>"
    assert_holds(three, [3, 10], [1 / mf.relu_mean(3), 1 / mf.relu_mean(10)])


def test_torch_data_gives_the_same_figures(simulation, figures):
    run, ideal, parts, u = simulation
    tensors = {name: torch.as_tensor(getattr(run, name)) for name in ("alpha", "rho", "w1", "w2", "b2", "loss")}
    run, u = replace(run, **tensors), torch.as_tensor(u)
    parts = replace(parts, **{name: torch.as_tensor(value) for name, value in vars(parts).items()})
    again = {
        "loss_in_time": mf.figures.loss_in_time(run, TIMES, ideal=ideal),
        "along_rays": mf.figures.along_rays(run, u, TIMES, law=LAW),
        "second_layer": mf.figures.second_layer(run, TIMES, ideal=ideal),
        "tracking": mf.figures.tracking(run, ideal),
        "decomposition": mf.figures.decomposition(run.t, parts),
    }
    for name, drawn in again.items():
        for trace, wanted in zip(drawn.data, figures[name].data, strict=True):
            np.testing.assert_allclose(trace.y, wanted.y, rtol=1e-6, atol=1e-7)


def test_more_curves_than_dashes_are_all_drawn(simulation):
    _, ideal, _, _ = simulation
    assert len(mf.figures.small_start([(size, ideal) for size in range(1, 7)], limit=0.6).data) == 7


def test_bad_input_is_named(simulation):
    run, ideal, _, u = simulation
    for function in (mf.figures.loss_in_time, mf.figures.second_layer, lambda x, t: mf.figures.along_rays(x, u, t)):
        with pytest.raises(ValueError, match=r"times must be among those that the run saved, 0 .. 12; got 5"):
            function(run, [0, 5])
        with pytest.raises(ValueError, match="times must hold 1 to 8 of the saved times; got 0"):
            function(run, [])
        with pytest.raises(ValueError, match="got 9"):
            function(run, range(9))
    with pytest.raises(ValueError, match="train with save_w1=True"):
        mf.figures.along_rays(ideal, u, [0])
    with pytest.raises(ValueError, match=r"directions must have shape \(6, 5\)"):
        mf.figures.along_rays(run, u[:, :4], [0])
    with pytest.raises(ValueError, match="r_max must be a positive"):
        mf.figures.along_rays(run, u, [0], r_max=0)
    for change, words in (
        ({"m1": [0, 8]}, "m1 must be at least 1; got 0"),
        ({"values": [0.1, -0.1]}, "values must be positive; got -0.1"),
        ({"values": [0.1]}, r"values must have shape \(2,\); got shape \(1,\)"),
    ):
        with pytest.raises(ValueError, match=words):
            mf.figures.scaling(**({"m1": [4, 8], "values": [0.2, 0.1]} | change))
