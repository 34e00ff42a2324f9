"""The figures of the particles: in the book's style, and they plot what they are given."""

import numpy as np
import pytest
from figure_style import assert_in_style

import mfdepth as mf

WIDTHS, GAPS = [100, 400], np.array([[0.2, 0.3, 0.1], [0.1, 0.15, 0.05]])


def test_both_are_in_style():
    for drawn in (mf.figures.gaps_in_time([0, 1, 2], WIDTHS, GAPS), mf.figures.gap_by_width(WIDTHS, GAPS, -0.5)):
        assert_in_style(drawn, drawn.layout.meta["alt"])


def test_gaps_in_time_are_scaled_by_the_root_of_the_width():
    drawn = mf.figures.gaps_in_time([0, 1, 2], WIDTHS, GAPS)
    for curve, factor, row in zip(drawn.data, (10, 20), GAPS, strict=True):
        np.testing.assert_allclose(curve.y, factor * row)
    assert drawn.data[0].line.dash != drawn.data[1].line.dash
    assert "at most 3" in drawn.layout.meta["alt"]


def test_the_power_law_has_the_slope_and_goes_through_the_middle():
    runs, line, rms = mf.figures.gap_by_width(WIDTHS, GAPS, -0.5).data
    assert sorted(runs.x) == [100] * 3 + [400] * 3
    assert np.log(line.y[1] / line.y[0]) / np.log(4) == pytest.approx(-0.5)
    assert np.mean(np.log(line.y)) == pytest.approx(np.mean(np.log(GAPS)))
    np.testing.assert_allclose(rms.y, np.sqrt(np.mean(GAPS**2, axis=1)))


@pytest.mark.parametrize(
    ("widths", "gaps", "words"),
    [
        ([0, 1], GAPS, "widths must be at least 1"),
        ([1, 2, 3], GAPS, "a row for each of the 3 widths"),
        (WIDTHS, -GAPS, "gaps must be positive"),
        (WIDTHS, GAPS * np.nan, "gaps must be finite"),
    ],
)
def test_bad_input_is_named(widths, gaps, words):
    with pytest.raises(ValueError, match=words):
        mf.figures.gaps_in_time([0, 1, 2], widths, gaps)
    with pytest.raises(ValueError, match=words):
        mf.figures.gap_by_width(widths, gaps, -0.5)
