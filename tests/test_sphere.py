"""Constants of the sphere against integrals over the first coordinate, and the direction samplers."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln

import mfdepth as mf


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


def test_relu_kernel_in_d_dimensions_is_its_monte_carlo_mean(rng):
    d, a, b = 6, np.eye(6)[0], np.array([0.6, 0.8, 0, 0, 0, 0])
    u = mf.orthogonal_directions(48_000, d, rng)
    products = np.maximum(u @ a, 0) * np.maximum(u @ b, 0)
    standard_error = products.std() / math.sqrt(48_000)
    assert abs(products.mean() - mf.relu_kernel(0.6, d)) < 4 * standard_error


def test_directions_are_unit_antithetic_and_orthonormal(rng):
    u = mf.orthogonal_directions(20, 5, rng)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1, rtol=1e-13)
    np.testing.assert_allclose(u.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(u.T @ u / 20, np.eye(5) / 5, atol=1e-14)
    assert mf.orthogonal_directions(8, 5, rng).shape == (8, 5)


def test_orthonormal_bases_are_uniform(rng):
    # u_1^4 has mean 3/(d(d+2)); without the sign correction of the QR factor the basis is not uniform
    u = np.concatenate([mf.orthogonal_directions(6, 3, rng)[:3] for _ in range(4000)])
    np.testing.assert_allclose(np.mean(u**4, axis=0), 3 / 15, atol=0.012)  # 4 standard errors
    np.testing.assert_allclose(u[::3].mean(axis=0), 0, atol=4 / math.sqrt(3 * 4000))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.relu_mean(1), ValueError, "d must be a whole number, at least 2; got 1"),
        (lambda: mf.relu_kernel(1.01, 3), ValueError, r"cosine must be in \[-1, 1\]; got 1.01"),
        (lambda: mf.relu_kernel(math.nan, 3), ValueError, "cosine"),
        (lambda: mf.relu_kernel(0.5, 1), ValueError, "d must be"),
        (lambda: mf.orthogonal_directions(5, 3, np.random.default_rng(0)), ValueError, "n must be even"),
        (lambda: mf.random_directions(4, 3, None), TypeError, "rng must be"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_cosines_may_exceed_one_by_rounding():
    assert mf.relu_kernel(1 + 4e-16, 3) == mf.relu_kernel(1.0, 3)
    assert mf.relu_kernel(np.float32(1 + 2e-7), 3) == pytest.approx(1 / 6, rel=1e-6)
