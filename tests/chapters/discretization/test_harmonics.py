"""rho harmonic by harmonic: against Fourier series, sums and draws; the polynomials and energies behind it."""

import math

import mpmath as mp
import numpy as np
import pytest
from references import circle

import mfdepth as mf
from mfdepth.chapters.discretization.harmonics import expected_harmonics, gegenbauer, relu_energies

KINDS = [(directions, lengths) for directions in ("independent", "pairs", "bases") for lengths in ("gaussian", "equal")]


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
    d = 5  # the density of u_1 is 3/4 (1 - x^2) there
    values = np.array(list(gegenbauer(x, d, 12)))
    np.testing.assert_allclose(list(gegenbauer(np.array(1.0), d, 12)), 1, rtol=1e-13)
    products = values @ (values * w * 3 / 4 * (1 - x * x)).T
    np.testing.assert_allclose(products, np.diag(1 / np.array(mf.harmonic_dimension(d, 12))), atol=1e-14)


def test_harmonic_errors_are_the_fourier_coefficients_on_the_circle(rng, kind):
    w1 = rng.standard_normal((5, 2))
    F = mf.first_layer(w1, circle(4096)[1])
    power = np.abs(np.fft.rfft(F) / len(F)) ** 2
    found = mf.harmonic_errors(kind(w1), 12)
    np.testing.assert_allclose(found, 2 * power[1:13] / power[0], rtol=1e-4, atol=1e-7)
    assert np.all(np.asarray(found)[2::2] == 0)  # odd degrees from 3 on


def test_a_neuron_of_length_zero_leaves_the_harmonics_as_they_are(rng, kind):
    w1 = rng.standard_normal((5, 4))
    longer = np.concatenate([w1, np.zeros((2, 4))])
    np.testing.assert_allclose(mf.harmonic_errors(kind(longer), 6), mf.harmonic_errors(w1, 6), rtol=1e-12, atol=1e-16)


def test_harmonic_errors_sum_to_rho_and_have_the_expected_mean(rng):
    w1 = mf.random_directions(300 * 8, 6, rng).reshape(300, 8, 6)
    parts = mf.harmonic_errors(w1, 100)
    np.testing.assert_allclose(mf.harmonic_errors(w1, 1), parts[:, :1], rtol=1e-12)
    np.testing.assert_allclose(parts.sum(axis=-1), mf.discretization_error(w1), rtol=1e-3)
    mean, error = parts.mean(axis=0), parts.std(axis=0) / math.sqrt(300)
    dimensions, eigenvalues = mf.harmonic_dimension(6, 100), mf.relu_eigenvalues(6, 100)
    expected = np.array(dimensions, dtype=float) * (eigenvalues / eigenvalues[0]) ** 2 / 8
    assert np.all(np.abs(mean - expected[1:])[:10] <= 4 * error[:10])


@pytest.mark.parametrize(("dtype", "reach"), [(np.float32, 37), (np.float64, 300)])
def test_the_parts_of_rho_do_not_depend_on_the_scale_of_the_weights(rng, kind, dtype, reach):
    w1 = rng.standard_normal((6, 4))
    parts = mf.harmonic_errors(w1, 4)
    for exponent in (-reach, -reach // 2, -12, 9, reach // 2, reach):
        scaled = kind((w1 * 10.0**exponent).astype(dtype))
        np.testing.assert_allclose(mf.harmonic_errors(scaled, 4), parts, rtol=2e-5, atol=1e-12)


def test_no_part_of_rho_is_negative(kind):
    for m1 in (3, 20, 150):  # rings, symmetric but for 1/m1^4
        for dtype in (np.float32, np.float64):
            assert bool((mf.harmonic_errors(kind(circle(m1)[1].astype(dtype)), 30) >= 0).all())


@pytest.mark.parametrize(("directions", "lengths"), KINDS)
def test_the_expected_error_is_the_mean_of_drawn_layers(directions, lengths):
    for d, m1, draws in ((2, 4, 4000), (3, 12, 4000), (10, 40, 1000)):
        rng = np.random.default_rng([d, m1])
        layers = np.stack([mf.init_first_layer(d, m1, 1.0, rng, directions, lengths) for _ in range(draws)])
        rho = mf.discretization_error(layers)
        expected = mf.expected_rho(d, m1, directions, lengths)
        assert abs(rho.mean() - expected) < 4 * rho.std() / math.sqrt(draws) + 1e-13
        parts = mf.harmonic_errors(layers, 6)
        by_degree = expected_harmonics(d, m1, directions, lengths, 6)
        assert np.all(np.abs(parts.mean(axis=0) - by_degree) < 4.5 * parts.std(axis=0) / math.sqrt(draws) + 1e-13)


@pytest.mark.parametrize(("directions", "lengths"), KINDS)
def test_the_parts_of_the_expected_error_sum_to_it(directions, lengths):
    for d, m1 in ((2, 8), (5, 20), (50, 300)):
        parts = expected_harmonics(d, m1, directions, lengths, 4000 if d == 2 else 400)
        total = mf.expected_rho(d, m1, directions, lengths)
        assert parts.sum() == pytest.approx(total, rel=1e-4) and parts.min() >= 0  # less a slow tail


def test_in_high_dimension_the_three_starts_leave_pi_minus_one_two_three():
    for directions, k in (("independent", 1), ("pairs", 2), ("bases", 3)):
        assert 40_000 * mf.expected_rho(10_000, 40_000, directions, "equal") == pytest.approx(math.pi - k, abs=3e-4)


@pytest.mark.parametrize("d", [2, 299, 300, 10**4, 10**8, 10**12, 10**15])
def test_bases_keep_the_digits_of_their_expected_error_in_any_dimension(d):
    with mp.workdps(60):
        a = 4 * mp.pi * mp.exp(2 * (mp.loggamma(mp.mpf(d + 1) / 2) - mp.loggamma(mp.mpf(d) / 2)))  # 1/C_d^2
        exact = float(a / (2 * d) + (d - 1) * a / (mp.pi * d) - 2 * d)
    # below 300 it is a difference: (d - 1) eps, over 0.14
    found = 2 * d * mf.expected_rho(d, 2 * d, "bases", "equal")
    assert found == pytest.approx(exact, rel=1e-11 if d < 300 else 1e-12)


def test_a_start_that_there_is_not_has_no_expected_error():
    with pytest.raises(ValueError, match="m1 must be a multiple of 6 for bases in dimension 3; got 9"):
        mf.expected_rho(3, 9, "bases")
