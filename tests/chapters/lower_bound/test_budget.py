"""Two layers within a norm budget: the certified bound and its table."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

import mfdepth as mf
from mfdepth.chapters.lower_bound import budget as shallow

LAW = mf.BesselLaw(10)


@pytest.mark.parametrize("law", [LAW, mf.GaussianLaw(4), mf.BallLaw(3, radius=2.0)], ids=str)
def test_the_quadrature_keeps_moments_and_means(law):
    r, p, edges = shallow.radial_rule(law, 1.7)
    assert np.all(r >= 0) and np.all(p >= 0) and edges[-1] == pytest.approx(1.7)
    for k in range(3):
        assert p @ r**k == pytest.approx(float(law.partial_moment(k, 1.7)), rel=1e-10)
    # a profile with a fine scale, against Gauss-Legendre with the density
    x, w = np.polynomial.legendre.leggauss(16)
    half = 1.7 / 800
    nodes = (np.arange(400)[:, None] * 2 + 1 + x) * half
    direct = np.sum(half * w * law.pdf(nodes) * mf.relu_profile(nodes, 0.3, law.d) ** 2)
    assert p @ mf.relu_profile(r, 0.3, law.d) ** 2 == pytest.approx(direct, rel=1e-7)


@pytest.mark.parametrize(
    ("d", "budget", "loss"),
    [
        (3, 10, 6.91e-5),
        (3, 30, 6.41e-7),
        (10, 1, 2.017e-2),
        (10, 30, 8.22e-5),
        (10, 1000, 2.122e-6),
        (30, 100, 5.09e-5),
        (100, 3, 1.947e-2),
        (100, 100, 1.349e-4),
        (100, 1000, 1.972e-5),
    ],
)
def test_the_table_of_the_note(d, budget, loss):
    # SCIENCE prints two or three digits; the last here are ours
    found = mf.shallow_lower_bound(mf.BesselLaw(d), budget)
    assert found.loss == pytest.approx(loss, rel=2e-3)
    assert found.loss * (1 - 1e-3) <= found.bound <= found.loss
    assert found.status.startswith("certified")


@pytest.mark.parametrize(("d", "error", "budget"), [(3, 1e-4, 9.05), (10, 1e-3, 13.92), (100, 1e-4, 117.4)])
def test_the_norm_that_an_error_needs(d, error, budget):
    assert mf.norm_needed(mf.BesselLaw(d), error) == pytest.approx(budget, rel=2e-3)
    assert mf.shallow_lower_bound(mf.BesselLaw(d), budget).loss == pytest.approx(error, rel=2e-2)


@pytest.mark.parametrize("r_max", [3.0, None])
def test_the_network_found_has_the_loss_and_the_norm_it_claims(r_max):
    law, found = LAW, mf.shallow_lower_bound(LAW, 30.0, r_max=r_max)
    assert np.sum(np.abs(found.weights)) == pytest.approx(30, rel=1e-6)
    assert np.sum(np.abs(found.weights)) <= 30 * (1 + 1e-12)

    def squares(r):
        f = mf.relu_profile(r[..., None], found.offsets, law.d) @ found.weights + found.constant
        return (np.maximum(1 - r, 0) - f) ** 2 / 2

    # by Gauss-Legendre with the density, below 3; beyond, sampled
    x, w = np.polynomial.legendre.leggauss(16)
    half = 3 / 800
    nodes = (np.arange(400)[:, None] * 2 + 1 + x) * half
    inside = np.sum(half * w * law.pdf(nodes) * squares(nodes))
    mass = float(law.cdf(3.0))
    if r_max is None:
        assert abs(np.sum(found.weights)) < 1e-12 * 30  # linear growth cancels
        far = law.ppf(mass + (1 - mass) * (np.arange(20_000) + 0.5) / 20_000)
        assert inside + (1 - mass) * squares(far).mean() == pytest.approx(found.loss, rel=1e-3)
    else:
        assert inside / mass == pytest.approx(found.loss, rel=1e-5)


def test_the_certificate_holds_between_the_cells_of_the_offset():
    # the largest reach over 20 000 offsets, from the profiles themselves, proves the same bound
    found, problem = mf.shallow_lower_bound(LAW, 100.0), shallow._Problem(LAW, 3.0)
    f = mf.relu_profile(problem.r[:, None], found.offsets, 10) @ found.weights + found.constant
    residual = np.maximum(1 - problem.r, 0) - f
    b = np.linspace(0, 3, 20_001)
    g = problem.p * residual
    phi = np.concatenate([g @ mf.relu_profile(problem.r[:, None], part, 10) for part in np.array_split(b, 40)])
    reach = problem._peaks(residual)[1]
    assert np.abs(phi).max() <= reach * (1 + 1e-5)
    assert reach <= np.abs(phi).max() * (1 + 1e-5)
    assert found.slope == pytest.approx(reach, rel=1e-2)
    at_atoms = np.interp(found.offsets, b, phi)  # complementary slackness: every atom sits where the reach is attained
    np.testing.assert_allclose(at_atoms * np.sign(found.weights), reach, rtol=3e-2)


def test_wide_cells_are_interpolated_and_mass_left_outside_is_counted():
    # 60 cells: the reach between them is that of 20 000 offsets on the same radii
    problem = shallow._Problem(LAW, 3.0, panels=60)
    cap = np.exp(-(((problem.r - 0.7) / 0.2) ** 2))
    residual = cap - problem.p @ cap  # its reach peaks between the cells
    phi = (problem.p * residual) @ mf.relu_profile(problem.r[:, None], np.linspace(0, 3, 20_001), 10)
    assert problem._peaks(residual)[1] == pytest.approx(np.abs(phi).max(), rel=1e-5)
    # 2 % of the mass lies beyond the last offset: f tends to c - sum beta b/2 there
    problem = shallow._Problem(LAW, math.inf, panels=60, tail=0.02)
    found = problem.solve(5.0, 1e-3)
    inside = problem.target - (problem._columns(found.offsets) @ found.weights + found.constant)
    far = LAW.ppf(0.98 + 0.02 * (np.arange(4000) + 0.5) / 4000)
    outside = mf.relu_profile(far[:, None], found.offsets, 10) @ found.weights + found.constant
    whole = problem.p @ inside**2 / 2 + 0.02 * np.mean(outside**2) / 2
    assert found.loss == pytest.approx(whole, rel=1e-4)
    assert whole - problem.p @ inside**2 / 2 > 1e-3 * whole
    assert found.bound <= mf.shallow_lower_bound(LAW, 5.0, r_max=None).loss <= found.loss * (1 + 1e-3)


def test_against_a_general_solver_on_few_offsets(rng):
    # the same non-negative least squares by SLSQP; and the dual bound is below any feasible network
    problem = shallow._Problem(LAW, 3.0)
    b = np.array([0.0, 0.2, 0.5, 0.9])
    columns = problem._columns(b)

    def loss(z):
        residual = problem._residual(b, columns, z[:4] - z[4:])[1]
        return 1e3 * (problem.p @ residual**2) / 2

    budget = {"type": "ineq", "fun": lambda z: 6.0 - np.sum(z)}
    start = np.full(8, 0.1)
    slow = minimize(loss, start, bounds=[(0, None)] * 8, constraints=budget, method="SLSQP", options={"ftol": 1e-12})
    weights = problem._within(problem._fit(columns, 6.0, 1e-3), 6.0)
    fast = problem._residual(b, columns, weights)[2]
    assert fast == pytest.approx(slow.fun / 1e3, rel=1e-5)
    bound = mf.shallow_lower_bound(LAW, 6.0).bound
    assert bound <= fast
    for _ in range(20):  # any network within the budget, at any offsets
        weights, offsets = rng.standard_normal(5), rng.uniform(0, 2, 5)
        weights *= 6 / np.sum(np.abs(weights))
        assert problem._residual(offsets, problem._columns(offsets), weights)[2] >= bound


def test_the_full_law_costs_more_and_bounds_hold():
    # the part of the loss below 3 obeys the truncated problem: P(r <= 3) times its bound is a bound
    for d, budget, loss in ((10, 10, 3.233e-3), (100, 100, 1.477e-4)):
        law = mf.BesselLaw(d)
        whole, cut = mf.shallow_lower_bound(law, budget, r_max=None), mf.shallow_lower_bound(law, budget)
        assert whole.loss == pytest.approx(loss, rel=2e-3) and whole.gap <= 1e-3
        assert whole.loss >= float(law.cdf(3.0)) * cut.bound
    # under a law with a second moment nothing need cancel, and cutting where there is no mass changes nothing
    ball = mf.BallLaw(5, radius=2.0)
    free, same = mf.shallow_lower_bound(ball, 10, r_max=None), mf.shallow_lower_bound(ball, 10)
    assert free.loss == pytest.approx(same.loss, rel=1e-4)
    assert abs(free.weights.sum()) > 1


def test_the_balanced_reach_is_a_linear_programme():
    # sum beta phi over sum beta = 0, sum |beta| <= B is B (max - min)/2: linprog on the grid of offsets
    problem = shallow._Problem(LAW, math.inf)
    residual = problem.target - problem.p @ problem.target / problem.p.sum()
    phi = (problem.p * residual) @ problem.values
    n = len(phi)
    found = linprog(
        -np.concatenate([phi, -phi]),
        A_ub=np.ones((1, 2 * n)),
        b_ub=[5.0],
        A_eq=np.concatenate([np.ones(n), -np.ones(n)])[None],
        b_eq=[0.0],
    )
    assert problem._peaks(residual)[1] == pytest.approx(-found.fun / 5, rel=1e-3)


def test_loss_falls_with_the_budget_at_the_rate_of_the_dual():
    low, mid, high = (mf.shallow_lower_bound(LAW, b, tolerance=1e-5) for b in (19.9, 20.0, 20.1))
    assert low.loss > mid.loss > high.loss
    assert (low.loss - high.loss) / 0.2 == pytest.approx(mid.slope, rel=1e-2)


@pytest.mark.parametrize(("radius", "constant"), [(0.7, 0.3), (2.0, 0.0)])
def test_on_one_sphere_a_constant_is_the_target(radius, constant):
    found = mf.shallow_lower_bound(mf.SphereLaw(3, radius), 5.0)
    assert found.bound == 0.0 <= found.loss < 1e-16 and found.gap == 0.0 and len(found.weights) == 0
    assert found.constant == pytest.approx(constant, abs=1e-9) and found.status == "a constant is f* on all mass"


@pytest.mark.parametrize("r_max", [3.0, None])
def test_the_least_budget_leaves_a_constant(r_max):
    found = mf.shallow_lower_bound(LAW, 1e-100, r_max=r_max)
    constant = shallow._Problem(LAW, math.inf if r_max is None else r_max).constant_loss
    assert 0 < found.bound <= found.loss == constant == pytest.approx(found.bound, rel=1e-12)


def test_an_impossible_accuracy_is_said():
    found = mf.shallow_lower_bound(mf.BesselLaw(2), 100.0, tolerance=1e-9)
    assert found.gap > 1e-9 and found.status.startswith("rounding stopped it at a gap of")
    assert found.bound <= found.loss


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: mf.shallow_lower_bound(LAW, math.inf),
            ValueError,
            r"norm_budget must be a finite number from 1e-100 to 1e\+100; got inf",
        ),
        (lambda: mf.shallow_lower_bound(LAW, 1e-300), ValueError, "norm_budget must be .* got 1e-300"),
        (
            lambda: mf.shallow_lower_bound(mf.LimitLaw(), 3.0),
            ValueError,
            "law must have a finite dimension, .* LimitLaw",
        ),
        (lambda: mf.norm_needed(mf.LimitLaw(), 1e-3), ValueError, "law must have a finite dimension"),
        (lambda: mf.shallow_lower_bound(mf.GaussianLaw(100), 1.0, r_max=1e-9), ValueError, "r_max must leave some"),
        (lambda: mf.norm_needed(LAW, 1.0), ValueError, "error must be below 0.0"),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
