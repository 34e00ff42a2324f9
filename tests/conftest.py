"""Fixtures that many tests share: the same weights as NumPy and as torch arrays."""

import numpy as np
import pytest
import torch


@pytest.fixture(params=["numpy", "torch"])
def kind(request):
    """Turns a NumPy array into one of the library under test."""
    return np.asarray if request.param == "numpy" else torch.as_tensor


@pytest.fixture
def rng():
    return np.random.default_rng(20230501)
