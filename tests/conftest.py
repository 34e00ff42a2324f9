"""Fixtures that many tests share: the same weights as NumPy and as torch arrays, and a browser."""

import os
import shutil
from functools import partial

import numpy as np
import pytest
import torch
from playwright.sync_api import sync_playwright

import mfdepth as mf

# what the tests ask is on this machine: no proxy stands between, for them or for what they start
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "127.0.0.1,localhost"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
FLAGS += ("disable-component-update", "disable-sync")

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


@pytest.fixture
def start(rng):
    """Weights from which a step of 1 is short enough: no kink further out than r = 10."""
    return mf.init_first_layer(5, 7, 1.0, rng), np.array([-0.3, -0.8, -0.1, -0.4]), np.array([0.5, 0.4, 0.4, -0.1])


@pytest.fixture(scope="module")
def browser():
    """A real browser without a window, which asks nobody anything by itself."""
    if CHROMIUM is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Chromium is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in FLAGS])
        yield browser
        browser.close()
