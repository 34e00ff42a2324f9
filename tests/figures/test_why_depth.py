"""Figures of why depth matters: the density is made by its wave, and two trained networks are drawn as they compute."""

import numpy as np
import pytest
import torch
from figure_style import assert_in_style
from scipy.special import jn_zeros

import mfdepth as mf
from mfdepth.chapters import why_depth
from mfdepth.figures import style as drawing

RNG = torch.Generator().manual_seed(0)


def test_the_density_is_a_bump_for_each_swing_of_the_wave():
    d = 10
    drawn = mf.figures.bessel_wave(d)
    assert_in_style(drawn, "bessel_wave")
    wave, density, tent = (np.array(trace.y) for trace in drawn.data)
    r = np.array(drawn.data[0].x)
    p = d / r * wave**2
    np.testing.assert_allclose(density, p / p.max(), atol=1e-12)  # at the height of the tent
    inside = jn_zeros(5, 40) < mf.BesselLaw(d).scale * 3
    assert np.sum(np.diff(np.sign(wave)) != 0) == np.sum(inside) > 5
    np.testing.assert_array_equal(tent, np.maximum(1 - r, 0))


@pytest.fixture(scope="module")
def trained():
    law = mf.BesselLaw(4)
    starts = why_depth.shallow_network, why_depth.learner_network
    return [why_depth.train_adam(law, start(4, 8, RNG), steps=5, batch=32, rng=RNG) for start in starts]


def test_the_rays_are_the_networks(trained):
    u = mf.random_directions(3, 4, np.random.default_rng(0))
    drawn = mf.figures.side_by_side(*trained, u, law=mf.BesselLaw(4))
    assert_in_style(drawn, "side_by_side")
    rays = [trace for trace in drawn.data if "layers" in trace.name]
    for trace, done, name, colour in zip(
        rays, trained, ("two layers", "three layers"), (drawing.SHALLOW, drawing.INFINITE), strict=True
    ):
        assert trace.name == name and trace.line.color == colour
        x, y = np.array(trace.x).reshape(3, -1), np.array(trace.y).reshape(3, -1)
        assert np.all(np.isnan(y[:, -1]))
        for row, f, direction in zip(x, y, u, strict=True):
            with torch.no_grad():
                expected = done.network(torch.tensor(row[:-1, None] * direction, dtype=torch.float32))
            np.testing.assert_allclose(f[:-1], expected, atol=1e-6)
    assert [trace.yaxis for trace in rays] == ["y", "y2"]
    targets = [trace for trace in drawn.data if trace.name == "target"]
    np.testing.assert_allclose(targets[1].y, np.maximum(1 - np.array(targets[1].x), 0))
    assert sum(trace.name == "density of r (scaled)" for trace in drawn.data) == 2
    assert sum(trace.showlegend is not False for trace in drawn.data) == 4


def test_directions_of_another_shape_are_refused(trained):
    with pytest.raises(ValueError, match=r"directions must have shape \(n, 4\); got shape \(2, 3\)"):
        mf.figures.side_by_side(*trained, np.eye(3)[:2])
