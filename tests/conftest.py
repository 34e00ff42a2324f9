"""Fixtures that many tests share: the same weights as NumPy and as torch arrays."""

from functools import partial

import numpy as np
import pytest
import torch

NO_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is present")


@pytest.fixture(params=["numpy", "torch", pytest.param("cuda", marks=NO_CUDA)])
def kind(request, monkeypatch):
    """Turns a NumPy array into one of the library under test: NumPy, torch, and torch on a CUDA device."""
    if request.param == "numpy":
        return np.asarray
    if request.param == "cuda":  # the tests compare in NumPy, which reads no other device's memory
        to_numpy = torch.Tensor.__array__
        monkeypatch.setattr(torch.Tensor, "__array__", lambda x, *args, **kwargs: to_numpy(x.cpu(), *args, **kwargs))
    return partial(torch.as_tensor, device="cuda" if request.param == "cuda" else "cpu")


@pytest.fixture
def rng():
    return np.random.default_rng(20230501)
