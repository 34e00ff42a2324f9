"""Exponents against NumPy's own least squares and simulation; intervals against SciPy's and by their meaning."""

import math

import numpy as np
import pytest
from scipy import stats

import mfdepth as mf


def test_a_power_law_is_found_again(rng):
    x = np.array([16.0, 32.0, 64.0, 128.0])
    y = 3.0 * x[:, None] ** -1.2 * np.exp(0.2 * rng.standard_normal((4, 9)))
    fit = mf.power_fit(x, y)
    second = stats.linregress(np.repeat(np.log(x), 9), np.log(y).ravel())
    half = stats.t.ppf(0.975, 34) * second.stderr
    assert [fit.exponent, fit.low, fit.high] == pytest.approx([second.slope, second.slope - half, second.slope + half])
    assert fit.factor == pytest.approx(math.exp(second.intercept))
    assert fit.low < -1.2 < fit.high and str(fit).startswith(f"{fit.exponent:.2f} [")
    assert mf.power_fit(x, y, confidence=0.5).high < fit.high
    exact = mf.power_fit(x, 2 * x**0.5)
    assert [exact.exponent, exact.low, exact.high, exact.factor] == pytest.approx([0.5, 0.5, 0.5, 2])


def test_the_interval_of_an_exponent_covers_as_often_as_it_says(rng):
    x, hits = np.array([1.0, 2.0, 4.0]), 0
    for _ in range(400):
        fit = mf.power_fit(x, np.exp(0.3 * rng.standard_normal((3, 2))), confidence=0.8)
        hits += fit.low < 0 < fit.high
    assert 0.74 < hits / 400 < 0.86


def test_the_binomial_interval_is_that_of_scipy():
    for n in (1, 7, 24):
        low, high = mf.binomial_interval(np.arange(n + 1), n, confidence=0.9)
        for k in range(n + 1):
            expected = stats.binomtest(k, n).proportion_ci(0.9)
            assert [low[k], high[k]] == pytest.approx([expected.low, expected.high], abs=1e-12)
    low, high = mf.binomial_interval(3, 10)
    assert stats.binom.sf(2, 10, low) == pytest.approx(0.025) == pytest.approx(stats.binom.cdf(3, 10, high))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mf.power_fit([1, 2], [1, 2]), "at least three points"),
        (lambda: mf.power_fit([2, 2, 2], [1, 2, 3]), "two different x"),
        (lambda: mf.power_fit([1, 2, -4], [1, 2, 3]), "x must be positive; got -4.0"),
        (lambda: mf.power_fit([1, 2, 4], [1, 0, 3]), "y must be positive; got 0.0"),
        (lambda: mf.power_fit([1, 2, 4], [1, 2]), r"y must have shape \(3,\)"),
        (lambda: mf.power_fit([1, 2, 4], [1, 2, 3], confidence=1), "confidence must be between 0 and 1; got 1"),
        (lambda: mf.binomial_interval(5, 4), "successes must be from 0 to trials = 4; got 5"),
        (lambda: mf.binomial_interval([0.5], 4), "successes must hold whole numbers"),
        (lambda: mf.binomial_interval(0, 0), "trials must be a whole number, at least 1; got 0"),
    ],
)
def test_bad_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
