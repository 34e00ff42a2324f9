"""The law of the radius as d -> infinity: against quadrature in mpmath, and as the limit of Bessel laws."""

import math

import mpmath as mp
import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.laws import SCALES

LAW, FAST = mf.LimitLaw(), mf.LimitLaw(frequency=2.5)
R_0 = math.sqrt(math.e / (2 * math.pi)) / 2


@pytest.mark.parametrize("law", [LAW, FAST], ids=str)
@pytest.mark.parametrize("r", [1.01, 1.4, 3.0, 50.0, 1e6])
def test_moments_are_integrals_of_the_density(law, r):
    # the density in mpmath; r = r_0 cosh(x) takes its singularity at r_0 away
    r_0 = mp.mpf(R_0) / law.frequency
    for k in range(4):
        exact = mp.quad(lambda x, k=k: 2 / mp.pi * (r_0 * mp.cosh(x)) ** k / mp.cosh(x), [0, 1, mp.acosh(mp.mpf(r))])
        assert float(law.partial_moment(k, r * float(r_0))) == pytest.approx(float(exact), rel=1e-12)


def test_the_density_is_the_slope_of_the_cdf():
    r, h = np.array([0.34, 0.5, 1.0, 7.0]), 1e-6
    slope = (LAW.cdf(r + h) - LAW.cdf(r - h)) / (2 * h)
    np.testing.assert_allclose(LAW.pdf(r), slope, rtol=1e-6)
    assert LAW.pdf([0.0, 0.3, R_0 - 1e-9, np.inf]).tolist() == [0, 0, 0, 0]
    assert LAW.pdf(LAW.nearest) == np.inf


def test_bessel_laws_tend_to_it():
    # the density of a Bessel law turns ever faster; its partial moments have a limit, off by about d^(-1/2) near r_0
    r = np.array([0.4, 0.7, 1.0, 2.0, 10.0])
    for k in range(3):
        off = [np.max(np.abs(mf.BesselLaw(d).partial_moment(k, r) - LAW.partial_moment(k, r))) for d in (100, 10_000)]
        assert off[1] < off[0] / 5 and off[1] < 4e-3
    assert mf.BesselLaw(10_000).cdf(0.3) < 1e-15 and LAW.cdf(0.3) == 0


def test_values_stated_in_the_chapter():
    # m_0 = 2 theta/pi, m_1 = (2 r_0/pi) log(sec + tan), m_2 = (2 r_0/pi) sin, theta = arccos r_0
    theta = math.acos(R_0)
    stated = (
        2 * theta / math.pi,
        2 * R_0 / math.pi * math.log((1 + math.sin(theta)) / R_0),
        2 * R_0 / math.pi * math.sin(theta),
    )
    np.testing.assert_allclose([LAW.partial_moment(k, 1.0) for k in range(3)], stated, rtol=1e-14)


def test_frequency_only_rescales_the_radius():
    r = np.array([0.2, 0.5, 3.0])
    np.testing.assert_allclose(FAST.cdf(r), LAW.cdf(2.5 * r), rtol=1e-14)
    np.testing.assert_allclose(FAST.partial_moment(2, r), LAW.partial_moment(2, 2.5 * r) / 2.5**2, rtol=1e-13)
    assert FAST.nearest == pytest.approx(R_0 / 2.5)
    for scale in SCALES:
        law, r = mf.LimitLaw(scale), r / scale
        np.testing.assert_allclose(law.cdf(r), LAW.cdf(scale * r), rtol=1e-14)
        np.testing.assert_allclose(law.pdf(r) / scale, LAW.pdf(scale * r), rtol=1e-14)
        np.testing.assert_allclose(law.partial_moment(1, r) * scale, LAW.partial_moment(1, scale * r), rtol=1e-14)


@pytest.mark.parametrize("law", [LAW, mf.LimitLaw(SCALES[0]), mf.LimitLaw(SCALES[1])], ids=str)
def test_far_out_the_moments_are_those_of_the_tail(law):
    # p = 2 r_0/(pi r^2) up to (r_0/r)^2, so E[|x|; |x| <= r] = 2 r_0/pi log(2 r/r_0), also where r^2 is no float
    for r in (1e155, 1.7e308):
        log = math.log(r) + math.log(2) - math.log(law.nearest)
        assert law.partial_moment(1, r) == pytest.approx(2 * law.nearest / math.pi * log, rel=1e-14, abs=0)
        if (second := 2 * law.nearest / math.pi * r) < math.inf:
            assert law.partial_moment(2, r) == pytest.approx(second, rel=1e-14, abs=0)
        assert law.cdf(r) == 1 and law.pdf(r) == pytest.approx(0, abs=1e-200)


def test_quantiles_invert_the_cdf():
    q = np.array([1e-3, 0.01, 0.5, 0.99, 1 - 1e-9])  # near r_0 the cdf rises like a root: nearer, r has too few digits
    np.testing.assert_allclose(LAW.cdf(LAW.ppf(q)), q, rtol=1e-9)
    assert LAW.ppf([0.0, 1.0]).tolist() == [LAW.nearest, np.inf]


def test_the_ends_and_the_array_kinds():
    assert [float(LAW.partial_moment(k, np.inf)) for k in range(3)] == [1, np.inf, np.inf]
    assert LAW.d == np.inf and LAW.second_moment == np.inf
    r = torch.tensor([0.1, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
    for k in range(4):
        (slope,) = torch.autograd.grad(LAW.partial_moment(k, r).sum(), r)
        np.testing.assert_allclose(slope, (r**k * LAW.pdf(r.detach())).detach(), rtol=1e-12)
    assert LAW.cdf(torch.tensor([0.5], dtype=torch.float32)).dtype == torch.float32


def test_the_flow_has_a_limit_in_which_the_first_layer_stands_still():
    start, t = {"alpha": 0.7, "w2": -0.3, "b2": 0.5}, np.array([0.0, 2.0, 20.0])
    run = mf.infinite_width(LAW, **start, t=t)
    near = mf.infinite_width(mf.BesselLaw(10_000), **start, t=t)
    assert mf.relu_mean(math.inf) == 0 and np.all(run.alpha == 0.7)
    np.testing.assert_allclose(run.w2, near.w2, atol=0.01)
    np.testing.assert_allclose(run.b2, near.b2, atol=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mf.LimitLaw(frequency=0.0), r"frequency must be a finite number from 1e-50 to 1e\+50; got 0.0"),
        (lambda: mf.LimitLaw(frequency=1e200), r"frequency must be .* got 1e\+200"),
        (lambda: LAW.sample(3, np.random.default_rng(0)), "no finite dimension"),
        (lambda: LAW.pdf(-1.0), "r must be at least 0; got -1.0"),
        (lambda: LAW.partial_moment(4, 1.0), "k must be a whole number from 0 to 3; got 4"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
