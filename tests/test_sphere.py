"""Constants of the sphere against integrals over the first coordinate."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import gammaln

import mfdepth as mf
from mfdepth.sphere import gegenbauer, relu_energies


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


@pytest.mark.parametrize("d", [2, 3, 7, 200])
def test_harmonic_dimensions_count_polynomials(d):
    # homogeneous polynomials of degree l less those of degree l - 2
    expected = [math.comb(n + d - 1, n) - (math.comb(n + d - 3, n - 2) if n > 1 else 0) for n in range(40)]
    assert mf.harmonic_dimension(d, 39) == expected
    assert mf.harmonic_dimension(d, 0) == [1] and mf.harmonic_dimension(d, 1) == [1, d]


@pytest.mark.parametrize("d", [2, 3, 10, 100, 10_000])
def test_energies_are_products_and_obey_the_sum_rule(d):
    counts, eigenvalues = mf.harmonic_dimension(d, 24), mf.relu_eigenvalues(d, 24)
    for n in (0, 1, 2, 3, 4, 5, 24):
        energies = relu_energies(d, n)
        assert energies.shape == (n + 1,)
        products = [float(count * mp.mpf(x) ** 2) for count, x in zip(counts, eigenvalues[: n + 1], strict=False)]
        np.testing.assert_allclose(energies, products, rtol=1e-12)
    total = np.sum(relu_energies(d, 40_000))  # what remains falls like l^-3, later in high dimension like l^(-3/2)
    assert total == pytest.approx(1 / (2 * d), rel=1e-5 if d < 1000 else 1e-3) and total < (1 + 1e-12) / (2 * d)


@pytest.mark.parametrize("d", [2, 3, 12])
def test_relu_kernel_is_the_sum_of_its_harmonics(d):
    c = np.linspace(-1, 1, 41)
    degree = 1500
    terms = (e * p for e, p in zip(relu_energies(d, degree), gegenbauer(c, d, degree), strict=True))
    np.testing.assert_allclose(sum(terms), mf.relu_kernel(c, d), atol=1e-8 if d > 2 else 1e-6)


def test_gegenbauer_polynomials_are_one_at_one_and_orthogonal():
    x, w = np.polynomial.legendre.leggauss(40)
    d = 5  # the weight (1 - x^2)^((d - 3)/2) is a polynomial there
    values = np.array(list(gegenbauer(x, d, 12)))
    np.testing.assert_allclose(list(gegenbauer(np.array(1.0), d, 12)), 1, rtol=1e-13)
    products = values @ (values * w * first_coordinate_density(d, x)).T
    np.testing.assert_allclose(products, np.diag(1 / np.array(mf.harmonic_dimension(d, 12))), atol=1e-14)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mf.relu_mean(1), ValueError, "d must be a whole number, at least 2; got 1"),
        (lambda: mf.relu_kernel(1.01, 3), ValueError, r"cosine must be in \[-1, 1\]; got 1.01"),
        (lambda: mf.relu_kernel([0.0, -1.01], 3), ValueError, r"cosine must be in \[-1, 1\]; got -1.01"),
        (lambda: mf.relu_kernel(math.nan, 3), ValueError, "cosine"),
        (lambda: mf.relu_kernel(0.5, 1), ValueError, "d must be"),
        (lambda: mf.relu_eigenvalues(1, 3), ValueError, "d must be"),
        (lambda: mf.relu_eigenvalues(3, -1), ValueError, "degree must be a whole number, at least 0; got -1"),
        (lambda: mf.harmonic_dimension(1, 3), ValueError, "d must be"),
        (lambda: mf.harmonic_dimension(3, -1), ValueError, "degree must be a whole number, at least 0; got -1"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_cosines_may_exceed_one_by_rounding():
    assert mf.relu_kernel(1 + 4e-16, 3) == mf.relu_kernel(1.0, 3)
    assert mf.relu_kernel(np.float32(1 + 2e-7), 3) == pytest.approx(1 / 6, rel=1e-6)
