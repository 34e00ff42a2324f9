"""Figures of the chapter on errors hold the data they were given, in the style of the book."""

from dataclasses import replace

import numpy as np
import pytest
from figure_style import assert_in_style
from scipy.stats import binom

import mfdepth as mf
from mfdepth.chapters.discretization.decomposition import Decomposition
from mfdepth.figures import style as drawing

PARTS = np.array([[0.2, 0.1, 0.0, 0.01], [0.1, 0.09, 0.0, 0.01]])
TERMS = Decomposition(*(np.array(x) for x in ([0.2, 0.1], [1e-3, 2e-3], [1e-5, -1e-4], [0.21, 0.11])))
DECAY = np.array([[1, 1, 1, 1], [0.6, 0.9, 1, 1], [0.5, 0.8, 1, 0.99]])


@pytest.fixture(scope="module")
def figures():
    run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.5, 0.2, [0, 5, 20])
    laws = [mf.BesselLaw(3), mf.BesselLaw(10)]
    return run, {
        "decomposition": mf.figures.decomposition([0, 1], TERMS),
        "scaling": mf.figures.scaling([8, 32], [[0.2, 0.3], [0.05, 0.06]], constant=2.0),
        "harmonics": mf.figures.harmonics([0, 2], PARTS, DECAY, curve_times=[0, 1, 2]),
        "growth_region": mf.figures.growth_region(laws, {"a run": run}),
        "moving_error": mf.figures.moving_error([0, 90, 180], [0.2, -0.1, 0.1], {"a": [-1, 2, 0], "b": [3, 0, 0]}),
        "losses": mf.figures.losses(
            [0, 2], {"a": [1, 0.1], "b": [1, 0.2]}, [0, 1, 2], {"a": PARTS[0, [0, 1, 3]], "b": DECAY[:, 0]}
        ),
        "success": mf.figures.success([16, 64], {"a": [2, 16], "b": [0, 9]}, 16, expected={"a": [0.1, 1.0]}),
    }


def test_every_figure_is_in_the_style_of_the_book(figures):
    for name, drawn in figures[1].items():
        assert_in_style(drawn, name)
        assert len(drawn.to_json()) < 60_000


def test_harmonics_are_shares_of_the_start(figures):
    one, dots, *_, last = figures[1]["harmonics"].data
    assert list(one.x) == [0, 1, 2] and list(one.y) == [1, 0.6, 0.5] and one.line.color == drawing.PREDICTION
    assert list(dots.y) == [1, 0.5] and dots.marker.color == drawing.FINITE
    assert last.name == "degree 4" and list(last.y) == [1, 1]


def test_the_edge_of_the_region_is_where_the_curvature_vanishes(figures):
    run, drawn = figures[0], figures[1]["growth_region"]
    for trace, d in zip(drawn.data[:2], (3, 10), strict=True):
        law = mf.BesselLaw(d)
        for i in (len(trace.x) // 3, len(trace.x) // 2):
            kink, bias = float(trace.x[i]), float(trace.y[i])
            sides = [float(mf.stability(law, 1.0, -b / kink, b)) for b in (0.98 * bias, 1.02 * bias)]
            assert sides[0] < 0 < sides[1]
    path = next(trace for trace in drawn.data if trace.name == "a run")
    np.testing.assert_allclose(path.x, -run.b2 / (run.w2 * run.alpha))
    np.testing.assert_allclose(path.y, run.b2)


def test_fractions_and_their_intervals(figures):
    curve, a, b = figures[1]["success"].data
    assert list(curve.y) == [0.1, 1.0] and list(a.y) == [2 / 16, 1] and list(b.y) == [0, 9 / 16]
    high, low = np.array(a.y) + a.error_y.array, np.array(a.y) - a.error_y.arrayminus
    # at the ends of the interval, what was seen has a chance of 2.5 % on either side (none, where all succeed)
    np.testing.assert_allclose([binom.cdf(2, 16, high[0]), *binom.sf([1, 15], 16, low)], 0.025, rtol=1e-9)
    assert high[1] == 1


@pytest.mark.parametrize("degrees", [(3,), (5,), (0,), ()])
def test_degrees_that_have_no_part_are_refused(degrees):
    with pytest.raises(ValueError, match="degrees must"):
        mf.figures.harmonics([0, 2], PARTS, DECAY, curve_times=[0, 1, 2], degrees=degrees)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="measured must have shape"):
        mf.figures.harmonics([0, 1, 2], PARTS, DECAY)
    with pytest.raises(ValueError, match="counts must have shape"):
        mf.figures.success([16, 64], {"a": [1]}, 16)
    with pytest.raises(ValueError, match="counts must hold whole numbers"):
        mf.figures.success([16, 64], {"a": [1, 1.5]}, 16)
    with pytest.raises(ValueError, match="from 0 to trials"):
        mf.figures.success([16, 64], {"a": [1, 17]}, 16)


def test_the_velocity_of_the_error_has_its_height(figures):
    error, *velocities = figures[1]["moving_error"].data
    assert list(error.y) == [0.2, -0.1, 0.1] and error.line.color == drawing.FINITE
    assert [v.y.round(12).tolist() for v in velocities] == [[-0.1, 0.2, 0], [0.2, 0, 0]]
    assert [v.name for v in velocities] == ["e′, a", "e′, b"]
    with pytest.raises(ValueError, match=r"error must have shape \(3,\)"):
        mf.figures.moving_error([0, 90, 180], [0.2], {})


def test_losses_stand_on_their_curves(figures):
    first, dots, second, other = figures[1]["losses"].data
    assert list(first.y) == [0.2, 0.1, 0.01] and list(first.x) == [0, 1, 2] and first.showlegend
    assert list(dots.y) == [1, 0.1] and list(other.y) == [1, 0.2] and not second.showlegend
    assert (dots.name, other.name) == ("a", "b") and dots.marker.symbol != other.marker.symbol


def test_the_decomposition_shows_each_term(figures):
    drawn, parts = figures[1]["decomposition"], TERMS
    terms = parts.loss, parts.infinite_width_loss, parts.discretization_loss, np.abs(parts.cross)
    for trace, term in zip(drawn.data, terms, strict=True):
        np.testing.assert_array_equal([trace.x, trace.y], [[0, 1], term])
    low, high = drawn.layout.yaxis.range
    assert 10**high > max(map(np.max, terms)) and 10**low < min(map(np.min, terms[:3]))
    assert len({trace.line.dash for trace in drawn.data[1:]}) == 3


def test_a_cross_term_of_rounding_does_not_stretch_the_scale():
    for size in (0.0, 3e-18):
        drawn = mf.figures.decomposition([0, 1], replace(TERMS, cross=np.full(2, -size)))
        assert drawn.data[3].name == f"|cross term| ≤ {size:.0e}"
        least = min(TERMS.loss.min(), TERMS.infinite_width_loss.min(), TERMS.discretization_loss.min())
        assert drawn.layout.yaxis.range[0] == pytest.approx(np.log10(least) - 0.2)


def test_scaling_shows_every_seed_and_one_line(figures):
    line, dots = figures[1]["scaling"].data
    np.testing.assert_allclose([line.x, line.y], [[8, 32], [2 / 8, 2 / 32]])
    np.testing.assert_allclose([dots.x, dots.y], [[8, 8, 32, 32], [0.2, 0.3, 0.05, 0.06]])
    layout = figures[1]["scaling"].layout
    assert layout.xaxis.type == layout.yaxis.type == "log" and layout.xaxis.ticktext == ("8", "32")


def test_scaling_without_a_prediction_draws_a_guide():
    line, dots = mf.figures.scaling(np.array([10, 100]), np.array([0.4, 0.01])).data
    np.testing.assert_allclose([line.x, line.y], [[10, 100], [0.2, 0.02]])  # sqrt(4 * 1) = 2
    assert line.line.color == drawing.TARGET and line.line.dash == "dot" and dots.x.shape == (2,)
    one = mf.figures.scaling([10], [0.2])
    assert one.data[0].y[0] == pytest.approx(0.2)


def test_bad_scalings_are_named():
    for change, words in (
        ({"m1": [0, 8]}, "m1 must be at least 1; got 0"),
        ({"values": [0.1, -0.1]}, "values must be positive; got -0.1"),
        ({"values": [0.1]}, r"values must have shape \(2,\); got shape \(1,\)"),
    ):
        with pytest.raises(ValueError, match=words):
            mf.figures.scaling(**({"m1": [4, 8], "values": [0.2, 0.1]} | change))


def test_widths_stand_on_their_prediction_with_their_intervals():
    measured = np.array([[17.0, 16, 19], [51, 50, 52]])
    drawn = mf.figures.widths_by_dimension({"0.001": ([10, 100], measured, [16, 52]), "0.1": ([2], [[1, 1, 1]], [2])})
    assert_in_style(drawn, "widths_by_dimension")
    line, dots = drawn.data[:2]
    assert list(line.y) == [16, 52] and list(dots.y) == [17, 51]
    assert list(dots.error_y.array) == [2, 1] and list(dots.error_y.arrayminus) == [1, 1]
    assert [trace.showlegend for trace in drawn.data[::2]] == [True, False]
    with pytest.raises(ValueError, match=r"^measured must"):
        mf.figures.widths_by_dimension({"0.001": ([10], [[17, 0, 19]], [16])})
