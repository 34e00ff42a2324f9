"""Figures of training hold the data they were given, in the colour of its idea, with titles and words; and are small."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.figures import style as drawing

LAW, TIMES = mf.BesselLaw(5), (0, 4, 12)


@pytest.fixture(scope="module")
def simulation():
    """(finite run, infinite run, directions) from one start, second layer of 4 neurons."""
    rng = np.random.default_rng(0)
    w1, w2, b2 = mf.init_first_layer(5, 64, 1.0, rng), rng.uniform(-0.3, -0.1, 4), rng.uniform(0.4, 0.6, 4)
    run = mf.finite_width(LAW, w1, w2, b2, [0, 1, 4, 12], rng=1, save_w1=True)
    ideal = mf.infinite_width(LAW, run.alpha[0], w2, b2, np.linspace(0, 12, 7))
    return run, ideal, mf.random_directions(6, 5, rng)


@pytest.fixture(scope="module")
def figures(simulation):
    """One figure of each function, with everything that can be drawn in it."""
    run, ideal, u = simulation
    return {
        "along_rays": mf.figures.along_rays(run, u, TIMES, law=LAW),
        "tracking": mf.figures.tracking(run, ideal),
    }


def named(drawn, name):
    """The traces of that name."""
    return [trace for trace in drawn.data if trace.name == name]


def colour(trace):
    return trace.line.color if trace.mode == "lines" else trace.marker.color


def assert_holds(trace, x, y):
    np.testing.assert_allclose(np.asarray(trace.x, dtype=float), x, rtol=1e-15)
    np.testing.assert_allclose(np.asarray(trace.y, dtype=float), y, rtol=1e-15)


def test_every_figure_is_in_the_style_of_the_book(figures):
    for name, drawn in figures.items():
        assert_in_style(drawn, name)


def test_one_colour_an_idea(figures):
    ideas = {
        drawing.TARGET: ("target",),
        drawing.INFINITE: ("infinite width",),
        drawing.FINITE: ("t =", "finite width"),
        drawing.DENSITY: ("density",),
    }
    assert len(set(ideas)) == 4
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
        mf.figures.along_rays(run, rays, marked, law=law),
        mf.figures.tracking(run, run),
    ):
        assert len(drawn.to_json()) < 100_000


def test_rays_are_the_network_along_the_directions(simulation, figures):
    run, _, u = simulation
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
    run, _, u = simulation
    drawn = mf.figures.along_rays(run, u, [0], r_max=0.5)
    assert drawn.data[-1].x[-1] == 0.5 and drawn.data[-1].y[-1] == 0.5


def test_tracking_puts_three_pairs_into_three_panels(simulation, figures):
    drawn, (run, ideal, _) = figures["tracking"], simulation
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


def test_torch_data_gives_the_same_figures(simulation, figures):
    run, ideal, u = simulation
    tensors = {name: torch.as_tensor(getattr(run, name)) for name in ("alpha", "rho", "w1", "w2", "b2", "loss")}
    run, u = replace(run, **tensors), torch.as_tensor(u)
    again = {
        "along_rays": mf.figures.along_rays(run, u, TIMES, law=LAW),
        "tracking": mf.figures.tracking(run, ideal),
    }
    for name, drawn in again.items():
        for trace, wanted in zip(drawn.data, figures[name].data, strict=True):
            np.testing.assert_allclose(trace.y, wanted.y, rtol=1e-6, atol=1e-7)


def test_bad_input_is_named(simulation):
    run, ideal, u = simulation
    with pytest.raises(ValueError, match=r"times must be among those that the run saved, 0 .. 12; got 5"):
        mf.figures.along_rays(run, u, [0, 5])
    with pytest.raises(ValueError, match="times must hold 1 to 8 of the saved times; got 0"):
        mf.figures.along_rays(run, u, [])
    with pytest.raises(ValueError, match="got 9"):
        mf.figures.along_rays(run, u, range(9))
    with pytest.raises(ValueError, match="train with save_w1=True"):
        mf.figures.along_rays(ideal, u, [0])
    with pytest.raises(ValueError, match=r"directions must have shape \(6, 5\)"):
        mf.figures.along_rays(run, u[:, :4], [0])
    with pytest.raises(ValueError, match="r_max must be a positive"):
        mf.figures.along_rays(run, u, [0], r_max=0)
