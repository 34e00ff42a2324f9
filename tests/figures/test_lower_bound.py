"""Figures of what two layers can do within a norm: averages over directions, and norms by dimension."""

import numpy as np
from figure_style import assert_in_style

import mfdepth as mf


def test_profiles_part_where_the_second_neuron_begins():
    drawn = mf.figures.profiles(10, 0.5)
    assert_in_style(drawn, "profiles")
    cone, later, difference = (np.array(trace.y) for trace in drawn.data)
    r = np.array(drawn.data[0].x)
    np.testing.assert_allclose(cone, mf.relu_mean(10) * r, atol=1e-14)
    np.testing.assert_array_equal(later[r <= 0.5], 0)
    np.testing.assert_allclose(difference[r <= 0.5], mf.relu_mean(10) * r[r <= 0.5], atol=1e-14)
    assert np.all(np.diff(difference, 2)[r[1:-1] > 0.55] < 0)  # concave: the difference bends down beyond the offset
    assert drawn.data[1].name == "h<sub>0.5</sub>"


def test_norms_are_sorted_by_dimension():
    drawn = mf.figures.norm_by_dimension({1e-3: {10: 13.9, 3: 6.6}, 2.5e-4: {10: 20.0, 3: 8.0}})
    assert_in_style(drawn, "norm_by_dimension")
    first, second, three = drawn.data
    np.testing.assert_array_equal([first.x, first.y], [[3, 10], [6.6, 13.9]])
    assert second.name == "two layers, error 2.5·10<sup>−4</sup>"
    np.testing.assert_allclose(three.y, [1 / mf.relu_mean(3), 1 / mf.relu_mean(10)])
