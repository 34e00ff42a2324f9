"""Figures of the bottleneck and of the outlook: what they draw is the data, and they keep the book's style."""

import numpy as np
import pytest
import torch
from figure_style import assert_in_style

import mfdepth as mf
from mfdepth.chapters import beyond, bottleneck


@pytest.fixture(scope="module")
def fit():
    network = bottleneck.bottleneck_network((4, 2, 1), (6, 5), np.random.default_rng(0), bias=False, batch=(2,))
    x = np.random.default_rng(1).standard_normal((40, 4))
    return bottleneck.fit_network(network, x, bottleneck.tent_difference(x), [0, 5])


@pytest.fixture(scope="module")
def flow():
    return beyond.subspace_flow(6, 2, [0, 40], m=6)


def hill(r):
    return np.maximum(1 - abs(r - 2), 0)


def test_all_in_style(fit, flow):
    run = beyond.radial_flow(mf.GaussianLaw(4), hill, 0.5, [[1.0, -0.5, 1.0]], [0, 5])
    drawn = {
        "between_layers": mf.figures.between_layers(3),
        "along_angles": mf.figures.along_angles(fit, 5, bottleneck.tent_difference, seed=1),
        "radial_profile": mf.figures.radial_profile(run, 5, target=hill),
        "two_lengths": mf.figures.two_lengths(flow, 40),
        "alignment": mf.figures.alignment(flow, [0, 40], [0.3, 0.5]),
        "growth_by_degree": mf.figures.growth_by_degree([0.02, 0.01], kink=0.4),
    }
    for name, figure in drawn.items():
        assert_in_style(figure, name)


def test_a_matrix_has_a_line_for_each_pair_and_a_bottleneck_one_for_each_neuron():
    matrix, through, neurons, number = mf.figures.between_layers(4).data
    for lines, count in ((matrix, 16), (through, 8)):
        ends = np.array([lines.x, lines.y]).T.reshape(-1, 3, 2)[:, :2].round(12)  # two ends and a gap
        assert len({tuple(line.ravel()) for line in ends}) == len(ends) == count
        dots = {tuple(dot) for dot in np.array([[*neurons.x, *number.x], [*neurons.y, *number.y]]).T.round(12)}
        assert {tuple(end) for end in ends.reshape(-1, 2)} <= dots
    assert len(neurons.x) == 16
    with pytest.raises(ValueError, match="m must be a whole number, at least 1; got 0"):
        mf.figures.between_layers(0)


def test_rays_show_the_network_of_the_seed(fit):
    r = np.linspace(0, 1.5, 31)
    x = np.zeros((31, 4))
    x[:, 2] = r
    drawn = mf.figures.along_angles(fit, 5, bottleneck.tent_difference, seed=1)
    network = fit.networks[1].with_weights([w[1].numpy() for w in fit.networks[1].weights])
    np.testing.assert_allclose(drawn.data[-1].y, network(x), atol=1e-12)
    np.testing.assert_allclose(drawn.data[-2].y, -np.maximum(1 - r, 0) + 1, atol=1e-12)
    with pytest.raises(ValueError, match="step must be among"):
        mf.figures.along_angles(fit, 4, bottleneck.tent_difference)


def test_lengths_and_rates_are_the_data(flow):
    drawn = mf.figures.two_lengths(flow, 40)
    np.testing.assert_array_equal(drawn.data[-1].x, flow.u[1])
    np.testing.assert_array_equal(drawn.data[-1].y, flow.v[1])
    drawn = mf.figures.growth_by_degree([0.1, 1e-7, 0.0, -1e-10, 0.0, 1e-30], kink=0.4)
    [bars], axis = drawn.data, drawn.layout.yaxis
    assert list(bars.x) == [1, 2, 4, 6]
    marks = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert list(bars.y) == pytest.approx([marks["10⁻¹"], marks["10⁻⁷"], marks["−10⁻¹⁰"], marks["0"]])
    assert [round(abs(y)) for y in bars.y] == [11, 5, 2, 0]  # powers of ten apart, and all but the last are seen
    assert axis.range[1] > max(bars.y)
    with pytest.raises(ValueError, match="t must be among"):
        mf.figures.two_lengths(flow, 41)


def test_a_profile_shows_where_the_inputs_are():
    law = mf.GaussianLaw(4)
    run = beyond.radial_flow(law, hill, 0.5, [[1.0, -0.5, 1.0]], [0, 5])
    behind, target, _ = mf.figures.radial_profile(run, 5, target=hill, law=law).data
    assert behind.name.startswith("density") and target.name == "target"
    assert behind.x[np.argmax(behind.y)] == pytest.approx(law.ppf(0.46), abs=0.3)  # its mode is near its median


def test_the_target_of_a_profile_is_drawn_as_numbers_or_refused():
    run = beyond.radial_flow(mf.GaussianLaw(3), lambda r: 1 - r, 1.0, [[1.0, -0.5, 1.0]], [0])
    drawn = mf.figures.radial_profile(run, 0, target=lambda r: torch.as_tensor(1 - r))
    np.testing.assert_array_equal(drawn.data[0].y, 1 - np.linspace(0, 6, 121))
    with pytest.raises(ValueError, match=r"target\(r\) must have shape \(121,\); got shape \(121, 1\)"):
        mf.figures.radial_profile(run, 0, target=lambda r: r[:, None])


def test_leaving_a_ray_starts_every_prediction_at_its_own_spread():
    drawn = mf.figures.leaving_a_ray([0, 1, 2], {"wide": [1, 4, 9], "narrow": [0.1, 0.4, 1.5]}, [1, 4, 16])
    wide, measured, narrow, _, flat = drawn.data
    assert_in_style(drawn, "leaving_a_ray")
    assert list(wide.y) == [1, 4, 16] and list(measured.y) == [1, 4, 9]
    assert narrow.y.tolist() == pytest.approx([0.1, 0.4, 1.6]) and list(flat.y) == [0.1] * 3
    cut = mf.figures.leaving_a_ray([0, 1], {"a": [1, 2]}, [1, 100]).data[0]  # beyond the scale of the picture
    assert np.isnan(cut.y[1])
