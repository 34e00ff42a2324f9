"""What the figures share: the look-up of a saved time, and room for any number of series."""

import numpy as np
import pytest
import torch

from mfdepth.figures import accuracy, beyond, discretization, style


def test_a_saved_time_is_found_whatever_its_last_digits():
    times = np.arange(5) * 0.1
    assert style.at(times, 0.3) == 3 and times[3] != 0.3 and style.at(torch.as_tensor(times), 0) == 0
    with pytest.raises(ValueError, match=r"t must be among those that the run saved, 0 .. 0.4; got 0.35"):
        style.at(times, 0.35)
    with pytest.raises(ValueError, match="step must be among those that the run saved, none; got 1"):
        style.at([], 1, "step")


def test_a_tensor_in_a_graph_is_drawn():
    drawn = style.curve([0, 1], torch.ones(2, requires_grad=True), "ones", style.FINITE)
    assert list(drawn.y) == [1, 1]


NAMES, TWO = [f"series {i}" for i in range(20)], np.array([0.1, 0.2])
SERIES = {
    "cost_by_size": lambda: accuracy.cost_by_size(dict.fromkeys(NAMES, ([1, 2], [1.0, 2.0]))),
    "leaving_a_ray": lambda: beyond.leaving_a_ray([0, 1], dict.fromkeys(NAMES, TWO), [1, 2]),
    "moving_error": lambda: discretization.moving_error([0, 90], [0.1, -0.2], dict.fromkeys(NAMES, TWO)),
    "losses": lambda: discretization.losses([0, 1], dict.fromkeys(NAMES, TWO), [0, 1], dict.fromkeys(NAMES, TWO)),
    "widths_by_dimension": lambda: discretization.widths_by_dimension(
        dict.fromkeys(NAMES, ([10, 100], [[17, 16, 18], [51, 50, 52]], [16, 52]))
    ),
}


@pytest.mark.parametrize("draw", SERIES.values(), ids=SERIES)
def test_no_series_is_left_out_where_symbols_and_dashes_run_out(draw):
    drawn = " ".join(str(trace.name) for trace in draw().data)
    assert all(name in drawn for name in NAMES)
