"""maths/plane.js and maths/certificate.js against their Python twins."""

import numpy as np
import pytest
from front_end import Scripts

import mfdepth as mf
from mfdepth.chapters.convergence.plane import nullclines, plane_of

STARTS = [
    (2, 1.0, -0.1, 0.5),
    (10, 0.5, -1.3, 0.7),
    (100, 1.0, -0.1, 0.5),
    (1000, 0.0126, -0.1, 0.5),
    (3, 0.2, -2.0, 0.9),
]
POINTS = [(0.1, 0.5), (1.4, 0.7), (0.9, 0.9), (0.999, 0.9995), (1e-6, 0.4), (2.0, 1.9)]


@pytest.fixture(scope="module")
def certificate():
    return Scripts("maths/certificate.js", "maths/laws.js")


@pytest.mark.parametrize(("d", "alpha", "w2", "b2"), STARTS)
def test_the_plane_is_that_of_the_library(certificate, d, alpha, w2, b2):
    certificate(f"(globalThis.P = planeOf(besselLaw({d}), {alpha}, {w2})).c0")
    plane = plane_of(mf.BesselLaw(d), alpha, w2)
    for s, b in POINTS:
        np.testing.assert_allclose(certificate(f"residual(P, {s}, {b})"), plane.residual(s, b), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(
            certificate(f"planarVelocity(P, {s}, {b})"), plane.velocity(s, b), rtol=1e-9, atol=1e-14
        )


@pytest.mark.parametrize("d", [2, 10, 1000])
def test_a_ray_knows_the_nullclines_and_the_loss(certificate, d):
    law, plane = mf.BesselLaw(d), plane_of(mf.BesselLaw(d), 1.0, -0.1)
    for R in (0.5, 0.97, 1.0, 1.3, 40.0):
        found = certificate(f"ray(besselLaw({d}), besselLaw({d}).moments(1), {R})")
        assert (found["B0"], found["B1"]) == pytest.approx(nullclines(law, R), rel=1e-9)
        for b in (0.3, 1.7):
            loss = found["A"] - b * found["E"] + b * b * found["D"] / 2
            assert loss == pytest.approx(plane.residual(b / R, b)[0], rel=1e-9)
        level = 0.9 * found["A"]
        heights = certificate(f"crossings({{A: {found['A']}, E: {found['E']}, D: {found['D']}}}, {level})")
        assert [plane.residual(b / R, b)[0] for b in heights] == pytest.approx([level] * 2, rel=1e-9)
    assert certificate(f"ray(besselLaw({d}), besselLaw({d}).moments(1), 1e-3)") is None or d == 2
    assert certificate("crossings({ A: 1, E: 0.1, D: 1 }, 0.5)") is None


@pytest.mark.parametrize(("d", "alpha", "w2", "b2"), STARTS)
def test_the_bounds_are_those_of_the_library(certificate, d, alpha, w2, b2):
    found = certificate(f"certificate(planeOf(besselLaw({d}), {alpha}, {w2}), {-w2 * alpha}, {b2})")
    expected = mf.convergence(mf.BesselLaw(d), alpha, w2, b2)
    assert found["inside"] and found["kappa"] == pytest.approx(expected.kappa, rel=1e-3)
    for name in ("loss", "lyapunov", "rate"):
        assert found[name] == pytest.approx(getattr(expected, name), rel=1e-8), name


@pytest.mark.parametrize("c_0", [-2.0, -1e-13, 0.0, 1e-13, 0.4])
def test_the_lyapunov_function_in_closed_form_for_every_sign_of_c_0(certificate, c_0):
    from scipy.integrate import quad

    s, b, q = 0.3, 0.8, 0.25
    root = lambda x: max(r.real for r in np.roots([1, -c_0, 0, -q * x * x]) if abs(r.imag) < 1e-9)
    along, _ = quad(lambda x: (1 - x) / (root(x) * (3 * root(x) - 2 * c_0)), s, 1, epsabs=1e-12)
    found = certificate(f"lyapunov({{ c0: {c_0}, q: {q} }}, {s}, {b})")
    assert found == pytest.approx((1 - b) ** 2 / 2 + along, rel=1e-6)
