"""The interval proof of the norm bound: just below the float bound, never above a network, and no dual vector fools it."""

import sys

import numpy as np
import pytest
from flint import ctx

import mfdepth as mf
from mfdepth.chapters.lower_bound import computer_proof
from mfdepth.chapters.lower_bound.computer_proof import EDGES, prove_shallow_bound


@pytest.mark.parametrize(("d", "budget"), [(3, 3.0), (3, 10.0), (11, 10.0)])
def test_it_proves_what_floating_point_certifies_but_for_a_hundredth(d, budget):
    found = mf.shallow_lower_bound(mf.BesselLaw(d), budget, tolerance=1e-4)
    proof = prove_shallow_bound(d, budget, 0.99 * found.bound)
    assert 0.99 * found.bound <= proof.bound <= found.loss
    assert proof.reach == pytest.approx(found.slope, rel=3e-3) and proof.reach > found.slope
    assert proof.whole == pytest.approx(proof.bound * mf.BesselLaw(d).cdf(3.0), rel=1e-12)
    with pytest.raises(ArithmeticError, match="not proved: this dual vector gives"):
        prove_shallow_bound(d, budget, 1.01 * found.loss)


def test_a_network_within_the_budget_shows_that_more_would_be_false():
    # its loss by Gauss-Legendre with the density: a second method for the primal
    law = mf.BesselLaw(3)
    found = mf.shallow_lower_bound(law, 10.0, tolerance=1e-4)
    x, w = np.polynomial.legendre.leggauss(16)
    half = 3 / 800
    r = (np.arange(400)[:, None] * 2 + 1 + x) * half
    f = mf.relu_profile(r[..., None], found.offsets, 3) @ found.weights + found.constant
    loss = np.sum(half * w * law.pdf(r) * (np.maximum(1 - r, 0) - f) ** 2) / 2 / law.cdf(3.0)
    assert np.sum(np.abs(found.weights)) <= 10 * (1 + 1e-12)
    assert 0.99 * loss < prove_shallow_bound(3, 10.0, 6.8e-5).bound < loss


@pytest.mark.parametrize("d", [3, 5, 11])
@pytest.mark.parametrize("kind", ["noise", "bump"])
def test_the_reach_is_that_of_a_fine_grid_of_offsets(d, kind, rng):
    # any dual vector, by quadrature with the density and the library's profiles at 3 000 offsets
    g = rng.standard_normal(EDGES.size) if kind == "noise" else np.exp(-(((EDGES - 0.7) / 0.2) ** 2))
    law, (x, w) = mf.BesselLaw(d), np.polynomial.legendre.leggauss(6)
    r = ((EDGES[:-1] + EDGES[1:])[:, None] + x / 256).ravel() / 2
    p = (w / 512 * law.pdf(r).reshape(-1, 6)).ravel()
    p /= p.sum()
    line = np.interp(r, EDGES, g)
    line -= p @ line
    phi = np.concatenate(
        [(p * line) @ mf.relu_profile(r[:, None], b, d) for b in np.split(np.linspace(0, 3, 3000), 10)]
    )
    with ctx.workprec(128):
        _, cells = computer_proof._cells(d)
        lines = computer_proof._lines(g, cells)
        reach = float(computer_proof._reach(d, lines, cells))
        overlap = float(computer_proof._overlap(lines, cells).mid())
    # what the second derivative allows between two edges: (1/256)^2/8 times 1.2 E|g|/r
    assert np.abs(phi).max() * (1 - 1e-9) <= reach <= np.abs(phi).max() * 1.001 + 1e-5
    assert overlap == pytest.approx(p @ (line * np.maximum(1 - r, 0)), rel=1e-8, abs=1e-12)


def test_between_the_edges_the_reach_is_not_missed(monkeypatch):
    # twelve cells: phi peaks between two edges, and the bound by the second derivative must cover it
    g = np.cos(6 * EDGES[::64])
    monkeypatch.setattr(computer_proof, "EDGES", EDGES[::64])
    law, fine = mf.BesselLaw(3), np.linspace(0, 3, 4001)[1:]
    p = law.pdf(fine) / law.pdf(fine).sum()
    line = np.interp(fine, EDGES[::64], g)
    line -= p @ line
    phi = (p * line) @ mf.relu_profile(fine[:, None], np.linspace(0, 3, 1201), 3)
    with ctx.workprec(128):
        _, cells = computer_proof._cells.__wrapped__(3)
        reach = float(computer_proof._reach(3, computer_proof._lines(g, cells), cells))
    at_edges, most = np.abs(phi[::100]), np.abs(phi).max()
    assert at_edges.max() < 0.99 * most < most < reach
    # phi'' = E[g/(2 r); r > b] in three dimensions, so a chord may leave an eighth of width^2 E[|g|/(2 r); r > b]
    bend = [np.sum((p * np.abs(line) / fine / 2)[fine > b]) for b in EDGES[:-1:64]]
    assert reach > np.max(np.maximum(at_edges[:-1], at_edges[1:]) + 0.25**2 / 8 * np.array(bend))


def test_a_wrong_dual_vector_is_refused():
    good = mf.tent(EDGES[:, None]) * (1 - EDGES)
    assert prove_shallow_bound(3, 1.0, 1e-4, good).bound > 1e-4
    for wrong in (-good, np.ones_like(EDGES), np.cos(40 * EDGES), np.zeros_like(EDGES)):
        with pytest.raises(ArithmeticError, match="not proved"):
            prove_shallow_bound(3, 1.0, 1e-4, wrong)


def test_neither_the_mean_nor_the_scale_of_a_dual_vector_matters():
    dual = np.exp(-EDGES)
    first, moved = (prove_shallow_bound(3, 0.1, 1e-6, g) for g in (dual, 1e3 * dual + 7))
    assert moved.bound == pytest.approx(first.bound, rel=1e-10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"d": 10}, "d must be odd"),
        ({"d": 33}, "d must be a whole number from 3 to 31"),
        ({"norm_budget": 0.0}, "norm_budget must be a positive"),
        ({"loss": -1.0}, "loss must be a positive"),
        ({"dual": np.ones(5)}, r"dual must have shape \(769,\)"),
        ({"dual": np.full(769, np.nan)}, "dual must be finite"),
    ],
)
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        prove_shallow_bound(**({"d": 3, "norm_budget": 10.0, "loss": 1e-5} | change))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)  # import raises ImportError
    with pytest.raises(ImportError, match=r'pip install "mfdepth\[proofs\]"'):
        prove_shallow_bound(3, 10.0, 1e-5)
