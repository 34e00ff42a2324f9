"""The radial laws against mpmath, closed forms and their own samples."""

import dataclasses
import math

import mpmath as mp
import numpy as np
import pytest
import references
import torch

import mfdepth as mf
from mfdepth import laws
from mfdepth.bessel import SquaredBessel

LAWS = [mf.BesselLaw(2), mf.BesselLaw(10, frequency=2.5), mf.GaussianLaw(5), mf.BallLaw(3, radius=2.0)]
RADII = (1e-3, 0.05, 0.2, 0.33, 0.45, 1.0, 2.3, 14.0, 40.0)


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(30):
        yield


def assert_close(got, expected, density, relative=1e-10, absolute=1e-16):
    """The accuracy promised: relative where the density is at least 1e-6, absolute below."""
    error = abs(float(got) - expected)
    assert error <= (relative * abs(expected) if density >= 1e-6 else max(absolute, relative * abs(expected)))


@pytest.mark.parametrize("r", RADII)
@pytest.mark.parametrize("d", [2, 3, 10, 100])
def test_bessel_density_and_moments_are_those_of_mpmath(d, r):
    law, density = mf.BesselLaw(d), references.bessel_pdf(d, r)
    assert_close(law.pdf(r), density, density)
    for k in range(4):
        assert_close(law.partial_moment(k, r), references.bessel_partial_moment(d, k, r), density)
    assert_close(law.cdf(r), references.bessel_partial_moment(d, 0, r), density)


@pytest.mark.parametrize("d", [2, 3, 10, 100])
def test_bessel_second_moment_far_out_has_lommels_closed_form(d):
    # int_0^s x J^2 dx = (s^2 J'^2 + (s^2 - nu^2) J^2)/2: exact at any radius, so the tail is not cut off
    law, nu = mf.BesselLaw(d), mp.mpf(d) / 2
    for r in (500.0, 3e4):
        s = references.bessel_scale(d) * mp.mpf(r)
        j, dj = mp.besselj(nu, s), mp.besselj(nu, s, derivative=1)
        exact = d / references.bessel_scale(d) ** 2 * (s**2 * dj**2 + (s**2 - nu**2) * j**2) / 2
        assert float(law.partial_moment(2, r)) == pytest.approx(float(exact), rel=1e-10)
        # the mass beyond r is c/r + O(1/r^2), with 2/pi the mean of pi s J^2
        assert (1 - law.cdf(r)) * r == pytest.approx(d / (math.pi * law.scale), rel=3 / r + 1e-9)


@pytest.mark.parametrize("d", [2, 10, 100])
def test_the_table_holds_fourteen_digits_where_its_samples_are_those_of_modulus_and_phase(d):
    law, nu = mf.BesselLaw(d), mp.mpf(d) / 2
    for s in (250.3, 1500.7, 3999.1):  # SciPy's J_nu alone leaves 2e-13 at nu = 50
        j, dj, s = mp.besselj(nu, s), mp.besselj(nu, s, derivative=1), mp.mpf(s)
        scale = references.bessel_scale(d)
        exact = d / scale**2 * (s**2 * dj**2 + (s**2 - nu**2) * j**2) / 2
        assert law.partial_moment(2, float(s / scale)) == pytest.approx(float(exact), rel=1e-14, abs=0)


def test_the_quantile_of_nothing_is_0():
    assert mf.BesselLaw(1000).cdf(0.01) == mf.BesselLaw(1000).ppf(0.0) == 0  # the smallest of many with this cdf


def test_large_dimension_agrees_with_neumann_series():
    # P(|x| <= r) = J_nu^2 + 2 sum_k J_{nu+k}^2 at s: a second method that needs no integral
    from scipy.special import jv

    for d in (1000, 10_000):
        law = mf.BesselLaw(d)
        for r in (0.32, 0.345, 0.5, 1.0):
            s = law.scale * r
            orders = d / 2 + np.arange(int(s) + 200)
            series = 2 * np.sum(jv(orders, s) ** 2) - jv(d / 2, s) ** 2
            assert law.cdf(r) == pytest.approx(series, rel=1e-9, abs=1e-16)


def test_the_paper_law_has_the_values_of_the_note():
    # SCIENCE: P(r <= 1) and medians, printed to three digits
    assert [round(float(mf.BesselLaw(d).cdf(1.0)), 3) for d in (10, 50, 100)] == [0.827, 0.797, 0.793]
    assert [round(float(mf.BesselLaw(d).ppf(0.5)), 3) for d in (10, 50, 100)] == [0.386, 0.433, 0.450]


def test_frequency_only_rescales_the_radius():
    slow, fast = mf.BesselLaw(7), mf.BesselLaw(7, frequency=3.0)
    r = np.linspace(0.01, 5, 40)
    np.testing.assert_allclose(fast.cdf(r / 3), slow.cdf(r), rtol=1e-12)
    np.testing.assert_allclose(fast.partial_moment(3, r / 3) * 27, slow.partial_moment(3, r), rtol=1e-11)


def test_gaussian_and_ball_moments_in_closed_form():
    assert mf.GaussianLaw(3).partial_moment(2, np.inf) == pytest.approx(3, rel=1e-14)
    # d = 2: r is Rayleigh, P(r <= R) = 1 - exp(-R^2/2)
    assert mf.GaussianLaw(2).cdf(1.3) == pytest.approx(-math.expm1(-0.845), rel=1e-14)
    assert mf.BallLaw(4, radius=2.0).partial_moment(1, 1.0) == pytest.approx(4 / 5 / 2**4, rel=1e-14)
    assert mf.BallLaw(4, radius=2.0).partial_moment(2, 9.0) == pytest.approx(4 / 6 * 4, rel=1e-14)


@pytest.mark.parametrize("d", [2, 9_999, 10_001, 10**8, 10**12, 10**15])
def test_the_gaussian_keeps_its_digits_in_any_dimension(d):
    law, D, unit = mf.GaussianLaw(d), mp.mpf(d), 8 * np.finfo(float).eps
    for k in range(4):
        exact = mp.exp(mp.log(2) * k / 2 + mp.loggamma((D + k) / 2) - mp.loggamma(D / 2))
        assert law.partial_moment(k, math.inf) == pytest.approx(float(exact), rel=unit)
    for r in math.sqrt(d) + np.array([-1.0, 0.0, 2.0]):  # rounding r alone moves the logarithm by eps sqrt(d)
        exact = mp.exp((D - 1) * mp.log(r) - mp.mpf(r) ** 2 / 2 + (1 - D / 2) * mp.log(2) - mp.loggamma(D / 2))
        assert law.pdf(r) == pytest.approx(float(exact), rel=1e-12 + unit * math.sqrt(d))
    assert law.pdf([0.0, 1e-320, 1e200]).tolist() == [0, pytest.approx(0, abs=1e-300), 0]


def test_laws_are_values_with_unit_defaults():
    # equal laws share their tables, so a law cannot change; the ball's density is d/radius up to its edge, 0 beyond
    assert mf.BesselLaw(3).frequency == mf.BallLaw(3).radius == mf.SphereLaw(3).radius == 1
    assert mf.BallLaw(3, radius=2.0).pdf([2.0, 2.001]).tolist() == [1.5, 0]
    for law in (*LAWS, mf.SphereLaw(4)):
        assert len({law, dataclasses.replace(law)}) == 1
        with pytest.raises(dataclasses.FrozenInstanceError):
            law.d = 7


def test_the_sphere_has_one_radius(rng):
    law = mf.SphereLaw(4, radius=1.5)
    r = np.array([0.0, 1.4999, 1.5, 2.0, np.inf])
    assert law.cdf(r).tolist() == [0, 0, 1, 1, 1]
    assert law.partial_moment(3, r).tolist() == [0, 0, 3.375, 3.375, 3.375]
    assert law.pdf(r).tolist() == [0, 0, np.inf, 0, 0]
    assert law.ppf([0.0, 0.3, 1.0]).tolist() == [1.5] * 3
    assert law.second_moment == 2.25
    np.testing.assert_allclose(np.linalg.norm(law.sample(5, rng), axis=1), 1.5, rtol=1e-14)
    x = torch.tensor([1.0, 1.6], dtype=torch.float32)
    assert law.cdf(x).dtype == torch.float32 and law.cdf(x).tolist() == [0, 1]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_density_is_the_derivative_of_the_cdf(law):
    edges = np.linspace(0.05, 1.9, 300)
    x, w = np.polynomial.legendre.leggauss(12)
    half = (edges[1] - edges[0]) / 2
    for k in range(4):
        nodes = edges[:-1, None] + half * (1 + x)
        cells = np.sum(half * w * law.pdf(nodes) * nodes**k, axis=1)
        np.testing.assert_allclose(np.diff(law.partial_moment(k, edges)), cells, atol=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_quantiles_invert_the_cdf(law):
    q = np.array([1e-9, 0.01, 0.3, 0.5, 0.9, 0.999, 1 - 1e-9])
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, rtol=1e-9)
    assert law.ppf(0.0) == 0
    assert law.ppf(1.0) == (2.0 if isinstance(law, mf.BallLaw) else math.inf)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_ends_of_the_half_line(law):
    assert law.pdf(0.0) == 0 and law.cdf(0.0) == 0 and law.cdf(np.inf) == pytest.approx(1, abs=1e-15)
    assert law.pdf(np.inf) == 0
    assert law.pdf([1e-310, 1.7e308]) == pytest.approx([0, 0], abs=1e-300)  # where d/r and s are no floats
    assert law.partial_moment(2, np.inf) == pytest.approx(law.second_moment)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_samples_follow_the_law(law, rng):
    from scipy.stats import kstest

    x = law.sample(4000, rng)
    assert x.shape == (4000, law.d)
    # the seed is fixed; a level of 1e-3 says that this sample is not unusual
    assert kstest(np.linalg.norm(x, axis=1), law.cdf).pvalue > 1e-3
    direction = x / np.linalg.norm(x, axis=1, keepdims=True)
    assert np.abs(direction.mean(axis=0)).max() < 4 / math.sqrt(4000 * law.d)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_torch_and_numpy_agree_and_the_dtype_comes_back(law):
    r = np.array([[0.0, 0.1, 0.33], [1.0, 30.0, np.inf]])
    q = np.array([0.1, 0.7])
    for method, x in ((law.pdf, r), (law.cdf, r), (law.ppf, q), (lambda r: law.partial_moment(1, r), r)):
        value = method(torch.as_tensor(x))
        assert value.dtype == torch.float64 and value.shape == x.shape
        np.testing.assert_allclose(value.numpy(), method(x), rtol=1e-13)
        single = method(torch.as_tensor(x, dtype=torch.float32))
        assert single.dtype == torch.float32
        np.testing.assert_allclose(single.numpy(), method(x.astype(np.float32)), rtol=1e-6)
    assert isinstance(law.sample(3, torch.Generator().manual_seed(0)), torch.Tensor)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_torch_differentiates_partial_moments(law):
    # d/dR E[r^k; r <= R] = R^k p(R); the pieces are polynomials of degree 7, whose slope is good to 1e-9
    r = torch.tensor([0.06, 0.4, 1.7], dtype=torch.float64, requires_grad=True)
    for k in range(3):
        (slope,) = torch.autograd.grad(law.partial_moment(k, r).sum(), r)
        np.testing.assert_allclose(slope, (r**k * law.pdf(r.detach())).detach(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("law", LAWS[:3], ids=str)
def test_a_tensor_in_a_graph_and_half_precision_are_taken(law):
    q = torch.tensor([0.25, 0.5])
    for method in (law.pdf, law.ppf):
        found = method(q.double().requires_grad_())
        np.testing.assert_allclose(found, method(q.double()), rtol=1e-15)
        half = method(q.bfloat16())
        assert half.dtype == torch.bfloat16
        np.testing.assert_allclose(half.float(), found, rtol=2**-8)


def test_the_gaussian_of_the_plane_has_a_slope_at_the_origin():
    # Rayleigh: p(r) = r exp(-r^2/2), where torch's own derivative of gammainc is NaN
    r = torch.tensor([0.0, 1.3], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(mf.GaussianLaw(2).cdf(r).sum(), r)
    np.testing.assert_allclose(slope, [0, 1.3 * math.exp(-0.845)], rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.BesselLaw(1), ValueError, "d must be a whole number from 2 to 10000; got 1"),
        (lambda: mf.GaussianLaw(1), ValueError, "d must be"),
        (lambda: mf.SphereLaw(1), ValueError, "d must be"),
        (lambda: mf.SphereLaw(3, radius=math.nan), ValueError, "radius must be a finite number from"),
        (
            lambda: mf.BesselLaw(3, frequency=0.0),
            ValueError,
            r"frequency must be a finite number from 1e-50 to 1e\+50; got 0.0",
        ),
        (lambda: mf.BallLaw(3, radius=-1.0), ValueError, "radius must be a finite number from"),
        (lambda: mf.BallLaw(3, radius=1e155), ValueError, "got 1e\\+155"),  # its square is beyond float64
        (lambda: LAWS[0].pdf(-0.1), ValueError, "r must be at least 0; got -0.1"),
        (lambda: LAWS[0].cdf([0.2, math.nan]), ValueError, "r must be at least 0; got nan"),
        (lambda: LAWS[2].partial_moment(1, -1.0), ValueError, "r must be at least 0"),
        (lambda: LAWS[0].partial_moment(4, 1.0), ValueError, "k must be a whole number from 0 to 3; got 4"),
        (lambda: LAWS[0].ppf(1.0001), ValueError, r"q must be in \[0, 1\]; got 1.0001"),
        (lambda: LAWS[2].ppf([0.5, -0.1]), ValueError, "q must be"),
        (lambda: LAWS[0].sample(0, 0), ValueError, "n must be a whole number, at least 1; got 0"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("law", [*map(mf.BesselLaw, (2, 3, 100, 1000)), mf.GaussianLaw(2), mf.GaussianLaw(9),
                                 mf.BallLaw(5, 2.0), mf.SphereLaw(4, 2.5), mf.LimitLaw()], ids=str)  # fmt: skip
def test_moments_at_one_radius_are_those_of_an_array(law):
    # in the power series, the table and the tail; far out the phase of the wave is rounded, its size is not
    r = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 200), [1e30]])
    found = np.array([law.moments_at(x) for x in r.tolist()])
    np.testing.assert_allclose(found.T, law.moments(r, (0, 1, 2)), rtol=4e-15)
    assert all(isinstance(m, float) for m in law.moments_at(0.7))
    for some in (r, r[(r > 0.3) & (r < 2)]):  # also where all lie in the table
        np.testing.assert_allclose(law.moments_along(some), law.moments(some, (0, 1, 2)), rtol=4e-15)


@pytest.mark.parametrize("scale", laws.SCALES)
@pytest.mark.parametrize("law", [mf.BallLaw, mf.SphereLaw, mf.BesselLaw])
def test_any_scale_that_is_accepted_is_only_a_unit_of_length(law, scale):
    """x times c, and alpha over c: the same network, whose first layer moves at c^2 the speed."""
    unit = 1 / scale if law is mf.BesselLaw else scale
    one, scaled = law(3), law(3, scale)
    assert scaled.ppf(0.3) == pytest.approx(unit * one.ppf(0.3), rel=1e-12, abs=0)
    assert scaled.partial_moment(1, 0.4 * unit) == pytest.approx(unit * one.partial_moment(1, 0.4), rel=1e-12, abs=0)
    assert float(scaled.second_moment) == pytest.approx(one.second_moment * unit**2, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    "law", [*LAWS, mf.BesselLaw(1000), mf.GaussianLaw(400), mf.BallLaw(1000), mf.LimitLaw()], ids=str
)
def test_what_is_too_small_for_a_float_is_0_also_where_that_is_an_error(law):
    r = [0.0, 1e-320, 1e-200, 1e-3, 0.5, 40.0, 1e10, 1e155, math.inf]
    SquaredBessel.cache_clear()  # so that its tables are built here, too
    with np.errstate(all="raise"):
        found = [
            law.pdf(r),
            law.cdf(r),
            law.ppf([0.0, 1e-300, 0.5, 1.0]),
            np.array([law.moments_at(x) for x in r[:-1]]),
        ]
        mf.infinite_width(law, 1.0, -0.1, 0.5, [0, 1])
        if law.d < 20:
            mf.harmonic_decay(law, 1.0, -0.1, 0.5, [0, 1])
            mf.convergence(law, 1.0, -0.1, 0.5)
            mf.shallow_lower_bound(law, 3.0)
    assert not any(np.any(np.isnan(x)) for x in found)
