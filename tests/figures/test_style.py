"""What the figures share: the look-up of a saved time."""

import numpy as np
import pytest
import torch

from mfdepth.figures import style


def test_a_saved_time_is_found_whatever_its_last_digits():
    times = np.arange(5) * 0.1
    assert style.at(times, 0.3) == 3 and times[3] != 0.3 and style.at(torch.as_tensor(times), 0) == 0
    with pytest.raises(ValueError, match=r"t must be among those that the run saved, 0 .. 0.4; got 0.35"):
        style.at(times, 0.35)
    with pytest.raises(ValueError, match="step must be among those that the run saved, none; got 1"):
        style.at([], 1, "step")
