"""Figures of what accuracy costs."""

import numpy as np
import pytest
from figure_style import assert_in_style

import mfdepth as mf


def test_the_line_has_a_step_at_each_run_that_nothing_cheaper_matches():
    rng = np.random.default_rng(0)
    seconds, errors = rng.uniform(0.1, 10, 40), rng.uniform(1e-4, 1, 40)
    drawn = mf.figures.error_and_seconds({"ours": (seconds, errors), "plain": (seconds[:5], errors[:5])})
    assert_in_style(drawn, "error_and_seconds")
    line = drawn.data[0]
    assert line.line.shape == "hv" and len(line.x) > 2
    steps = [(s, e) for s, e in zip(seconds, errors, strict=True) if e <= errors[seconds <= s].min()]
    assert sorted(steps) == list(zip(line.x, line.y, strict=True))


@pytest.mark.parametrize(
    "groups", [{}, dict.fromkeys("abcde", ([1.0], [1.0])), {"a": ([1.0], [0.0])}, {"a": ([1.0, 2.0], [1.0])}]
)
def test_runs_that_cannot_be_drawn_are_refused(groups):
    with pytest.raises(ValueError, match=r"^(groups|errors) must"):
        mf.figures.error_and_seconds(groups)


def test_a_cost_is_drawn_in_multiples_of_the_smallest_with_its_last_exponent():
    sizes = np.array([128.0, 256, 512])
    drawn = mf.figures.cost_by_size({"m1": (sizes, 3e-5 * sizes**1.5), "d": ([10, 1000], [0.2, 0.2])})
    assert_in_style(drawn, "cost_by_size")
    assert [trace.name for trace in drawn.data] == ["m1: last exponent 1.50", "d: last exponent 0.00", "proportional"]
    np.testing.assert_allclose(drawn.data[0].y, [1, 2**1.5, 8], rtol=1e-12)
    assert list(drawn.data[2].x) == [1, 100]
    with pytest.raises(ValueError, match=r"^values must hold at least two and increase"):
        mf.figures.cost_by_size({"m1": ([2, 1], [1.0, 1.0])})
