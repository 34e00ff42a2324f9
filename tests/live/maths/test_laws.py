"""laws.js against mpmath's hypergeometric series and against mfdepth.BesselLaw."""

import math

import mpmath
import numpy as np
import pytest
from references import bessel_partial_moment

import mfdepth as mf

DIMENSIONS = [2, 3, 10, 100, 1000]


@pytest.mark.parametrize("d", DIMENSIONS)
def test_partial_moments_against_mpmath(scripts, d):
    # both sides of the place where the tail takes over, which is at r = 1.2 or so when d is large
    radii = [0.3, 0.45, 1.0, 1.5] if d < 1000 else [0.3, 1.0]
    found = scripts(f"{radii}.map(besselLaw({d}).moments)")
    with mpmath.workdps(30):
        expected = [[float(bessel_partial_moment(d, n, r)) for n in range(3)] for r in radii]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_partial_moments_against_the_library(scripts, d):
    radii = [0.2, 0.33, 0.4, 0.6, 0.9, 1.0, 1.1, 1.3, 2.0, 5.0, 40.0, 1e3, 1e6]
    law = mf.BesselLaw(d)
    expected = np.stack([law.partial_moment(n, np.array(radii)) for n in range(3)], axis=-1)
    found = scripts(f"{radii}.map(besselLaw({d}).moments)")
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-20)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_table_meets_the_tail(scripts, d):
    edge = (1.5 * d + 40) / scripts(f"wavenumber({d})")
    inside, outside = scripts(f"[{edge * (1 - 1e-14)}, {edge * (1 + 1e-14)}].map(besselLaw({d}).moments)")
    np.testing.assert_allclose(inside, outside, rtol=1e-12)


def test_nothing_lies_at_the_origin(scripts):
    assert scripts("[0, 1e-30].map(besselLaw(2).moments)") == [[0, 0, 0], [0, 0, 0]]
    assert scripts("besselLaw(1000).moments(0.1)") == [0, 0, 0]


@pytest.mark.parametrize("d", [2, 3, 4, 10, 101, 1000])
def test_constant_of_the_sphere(scripts, d):
    expected = math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / (2 * math.sqrt(math.pi))
    assert scripts(f"reluMean({d})") == pytest.approx(expected, rel=1e-12)
