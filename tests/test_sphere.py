"""Constants of the sphere against integrals over the first coordinate."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import gammaln

import mfdepth as mf
from mfdepth.chapters.discretization.harmonics import gegenbauer
from mfdepth.sphere import both_active, tangent_eigenvalues


def first_coordinate_density(d, x):
    """Density of u_1 for u uniform on the sphere."""
    return math.exp(gammaln(d / 2) - gammaln((d - 1) / 2)) / math.sqrt(math.pi) * (1 - x * x) ** ((d - 3) / 2)


@pytest.mark.parametrize("d", [3, 4, 10, 57])
def test_relu_mean_is_its_integral(d):
    assert mf.relu_mean(d) == pytest.approx(quad(lambda x: x * first_coordinate_density(d, x), 0, 1)[0], rel=1e-10)


def test_relu_mean_at_small_and_large_dimension():
    assert mf.relu_mean(2) == pytest.approx(1 / math.pi, rel=1e-14)
    assert mf.relu_mean(10_000) == pytest.approx(1 / math.sqrt(2 * math.pi * 10_000), rel=1e-4)


@pytest.mark.parametrize("cosine", [-1.0, -0.7, 0.0, 0.3, 0.99, 1.0])
def test_relu_kernel_is_the_integral_over_the_circle(cosine, kind):
    angle = math.acos(cosine)
    phi = 2 * math.pi * (np.arange(200_000) + 0.5) / 200_000  # kinks leave O(1/n^2)
    mean = np.mean(np.maximum(np.cos(phi), 0) * np.maximum(np.cos(phi - angle), 0))
    assert float(mf.relu_kernel(kind(np.float64(cosine)), 2)) == pytest.approx(mean, abs=1e-10)


def test_a_cosine_that_rounding_took_beyond_one_is_one(kind):
    ends = 1 + 1e-15, -1 - 1e-15
    assert np.asarray(mf.relu_kernel(kind(np.array(ends)), 4)).tolist() == [1 / 8, 0]


def test_relu_kernel_in_d_dimensions_is_its_monte_carlo_mean(rng):
    d, a, b = 6, np.eye(6)[0], np.array([0.6, 0.8, 0, 0, 0, 0])
    u = mf.orthogonal_directions(48_000, d, rng)
    products = np.maximum(u @ a, 0) * np.maximum(u @ b, 0)
    standard_error = products.std() / math.sqrt(48_000)
    assert abs(products.mean() - mf.relu_kernel(0.6, d)) < 4 * standard_error


@pytest.mark.parametrize(("cosine", "slope"), [(-1.0, 0.0), (-0.4, None), (0.8, None), (1.0, 1 / 12)])
def test_relu_kernel_has_its_derivative_up_to_the_ends(cosine, slope):
    # (pi - t)/(2 pi d): autograd of arc cosine and root alone gives NaN at 1 and -1
    c = torch.tensor(cosine, dtype=torch.float64, requires_grad=True)
    mf.relu_kernel(c, 6).backward()
    assert float(c.grad) == pytest.approx((math.pi - math.acos(cosine)) / (12 * math.pi) if slope is None else slope)


@pytest.mark.parametrize("d", [2, 3, 10, 10_000])
def test_relu_eigenvalues_are_their_integrals(d):
    # P_l as a hypergeometric polynomial in (1 - x)/2, the first coordinate by quadrature, in 40 digits
    degrees = [0, 1, 2, 3, 4, 5, 8, 20]
    found = mf.relu_eigenvalues(d, 20)
    with mp.workdps(40):
        scale = 1 / mp.sqrt(d)
        ends = [0, scale, 3 * scale, 9 * scale, 1] if d > 100 else [0, 0.5, 1]
        constant = mp.gamma(mp.mpf(d) / 2) / mp.gamma(mp.mpf(d - 1) / 2) / mp.sqrt(mp.pi)
        for n in degrees:

            def integrand(angle, n=n):  # x = sin(angle)
                x = mp.sin(angle)
                p = mp.hyp2f1(-n, n + d - 2, mp.mpf(d - 1) / 2, (1 - x) / 2)
                return x * p * mp.cos(angle) ** (d - 2)

            value = constant * mp.quad(integrand, [mp.asin(x) for x in ends])
            assert found[n] == pytest.approx(float(value), rel=4e-12, abs=1e-42), n
    assert np.all(found[3::2] == 0)


def test_the_profile_is_its_average_over_the_sphere(rng):
    for d in (2, 3, 10, 100):
        first = mf.random_directions(40_000, d, rng)[:, 0]
        for b in (-0.4, 0.0, 0.15, 0.6, 2.5):
            values = np.maximum(1.3 * first - b, 0)
            error = values.std() / 200
            assert (
                abs(mf.relu_profile(1.3, b, d) - values.mean()) <= 4 * error + 1e-7
            )  # at d = 100 a sample may miss the cap


def test_the_profile_in_closed_form():
    b = np.array([-3.0, -1.7, -0.2, 0.0, 0.5, 1.9, 2.0, 4.0])
    inside = np.clip(b, -2, 2)
    # d = 3: u_1 is uniform; d = 2: u_1 = cos t
    three = np.where(b < -2, -b, (2 - inside) ** 2 / 8)
    np.testing.assert_allclose(mf.relu_profile(2.0, b, 3), three, atol=1e-15)
    t = np.arccos(inside / 2)
    two = np.where(b < -2, -b, (2 * np.sin(t) - inside * t) / math.pi)
    np.testing.assert_allclose(mf.relu_profile(2.0, b, 2), two, atol=1e-14)


def test_the_profile_at_the_origin_far_out_and_mirrored():
    np.testing.assert_array_equal(mf.relu_profile(0.0, [-1.0, 0.0, 1.0], 7), [1.0, 0.0, 0.0])
    assert mf.relu_profile(3.0, 0.0, 7) == pytest.approx(3 * mf.relu_mean(7), rel=1e-14)
    b = np.linspace(0, 4, 9)
    np.testing.assert_allclose(mf.relu_profile(2.0, -b, 12), b + mf.relu_profile(2.0, b, 12), atol=1e-14)
    # C_d r - b/2 + (d - 1) C_d b^2/(2 r) + O(1/r^3)
    for r in (1e3, 1e5):
        rest = mf.relu_profile(r, 2.0, 5) - mf.relu_mean(5) * r + 1.0
        assert rest == pytest.approx(4 * mf.relu_mean(5) * 2 / r, rel=1e-4)


def exact_relu_mean(d):
    """By 40 digits of the logarithms of gamma functions."""
    with mp.workdps(40):
        return mp.exp(mp.loggamma(mp.mpf(d) / 2) - mp.loggamma(mp.mpf(d + 1) / 2)) / (2 * mp.sqrt(mp.pi))


def test_constants_keep_their_digits_at_any_dimension():
    for d in [*range(2, 700), 10**4, 10**5, 10**6, 10**8, 10**12, 10**15]:
        exact = exact_relu_mean(d)
        assert abs(float(mp.mpf(mf.relu_mean(d)) / exact - 1)) < 1e-14, d
        assert abs(float(mp.mpf(float(mf.relu_eigenvalues(d, 2)[2])) * (d + 1) / exact - 1)) < 1e-14, d


@pytest.mark.parametrize("d", [2, 3, 12])
def test_tangent_eigenvalues_are_integrals_of_the_kernel(d):
    # Funk-Hecke, for N = 3 k(c) + c P(both active) and E|w|^2 = 1; c = cos t makes the integrand smooth
    x, w = np.polynomial.legendre.leggauss(200)
    t = (x + 1) * math.pi / 2
    c, weight = np.cos(t), w * np.sin(t) ** (d - 2) / np.sum(w * np.sin(t) ** (d - 2))
    N = 3 * mf.relu_kernel(c, d) + c * both_active(c)
    integrals = [np.sum(weight * N * p) for p in gegenbauer(c, d, 10)]
    np.testing.assert_allclose(tangent_eigenvalues(d, 10), integrals, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.relu_kernel(1.01, 3), ValueError, r"cosine must be in \[-1, 1\]; got 1.01"),
        (lambda: mf.relu_kernel([0.0, -1.01], 3), ValueError, r"cosine must be in \[-1, 1\]; got -1.01"),
        (lambda: mf.relu_kernel(math.nan, 3), ValueError, "cosine"),
        (lambda: mf.relu_kernel(0.5, 1), ValueError, "d must be"),
        (lambda: mf.relu_profile(-1.0, 0.0, 3), ValueError, "r must be at least 0; got -1.0"),
        (lambda: mf.relu_profile(1.0, math.nan, 3), ValueError, "b must be finite"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_cosines_may_exceed_one_by_rounding():
    assert mf.relu_kernel(1 + 4e-16, 3) == mf.relu_kernel(1.0, 3)
    assert mf.relu_kernel(np.float32(1 + 2e-7), 3) == pytest.approx(1 / 6, rel=1e-6)
