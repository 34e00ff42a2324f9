"""The width that an error needs, against trained networks of that width, closed forms and the theorem's limits."""

import math

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters.discretization.width import loss_per_rho, width_needed


def test_a_network_of_that_width_is_off_by_the_error_asked_for():
    law, t, seeds = mf.BesselLaw(10), [60, 150], 24
    eps = 2e-3
    m1 = 2 * round(width_needed(law, eps, 60)[0] / 2)
    rng = np.random.default_rng(2)
    w1 = np.stack([mf.init_first_layer(10, m1, 1.0, rng, "pairs", "equal") for _ in range(seeds)])
    start = np.full((seeds, 1), -0.1), np.full((seeds, 1), 0.5)
    run = mf.finite_width(law, w1, *start, t, directions=80, rng=rng, save_w1=True)
    u = mf.orthogonal_directions(4000, 10, rng)
    loss = mf.loss(law, run.w1[0], run.w2[0], run.b2[0], u)
    extra = loss - mf.infinite_width(law, 1.0, -0.1, 0.5, [60]).loss[0]
    # second order: an eighth at 28 neurons (2.25e-3 and 2.31e-3 from two sets of 24); and the seeds scatter
    assert abs(extra.mean() - eps) < eps / 8 + 3 * extra.std() / math.sqrt(seeds)
    assert extra.std() < eps


def test_a_unit_of_rho_adds_the_curvature(rng):
    # second method: the loss of a network near round, less that of infinite width, by the library's own loss
    law, t = mf.BesselLaw(3), [40]
    run = mf.infinite_width(law, 0.7, -0.3, 0.6, t)
    w1 = mf.init_first_layer(3, 2400, run.alpha[0], rng, "bases", "gaussian")
    w1 = w1 * (run.alpha[0] / mf.first_layer_alpha(w1)) ** 0.5
    parts = mf.decompose(law, w1, run.w2, run.b2, mf.orthogonal_directions(6000, 3, rng))
    extra = parts.loss - parts.infinite_width_loss
    found = loss_per_rho(law, 0.7, -0.3, 0.6, t)[0] * mf.discretization_error(w1)
    assert found == pytest.approx(extra, rel=0.05)


def test_late_the_width_is_that_of_the_target_whatever_the_start():
    for d, moment in ((2, 0.1155), (10, 0.1744), (100, 0.1933)):
        law = mf.BesselLaw(d)
        assert float(law.partial_moment(2, 1.0)) == pytest.approx(moment, abs=5e-5)
        for start in ((1.0, -0.1, 0.5), (0.5, -0.8, 0.9)):
            assert 2 * loss_per_rho(law, *start, [2000])[0] == pytest.approx(moment, rel=2e-3)


def test_it_is_one_over_the_error_and_hardly_the_dimension():
    law = mf.BesselLaw(30)
    np.testing.assert_allclose(width_needed(law, 1e-4, [10, 50]), 10 * width_needed(law, 1e-3, [10, 50]), rtol=1e-12)
    # in high dimension nothing decays, and m1 = k (pi - 2)/(2 eps)
    [wide] = width_needed(mf.BesselLaw(1000), 1e-3, 400, tolerance=1e-3)
    k = float(mf.BesselLaw(1000).partial_moment(2, 1.0))
    assert wide == pytest.approx(k * (math.pi - 2) / 2e-3, rel=0.02)


def test_bases_need_the_fewest_neurons():
    law = mf.BesselLaw(100)
    needed = {
        k: width_needed(law, 1e-3, 20, directions=k, tolerance=1e-3)[0] for k in ("independent", "pairs", "bases")
    }
    assert needed["bases"] < needed["pairs"] / 7 < needed["independent"] / 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"eps": 0.0}, "eps must be a positive"),
        ({"directions": "frames"}, "directions must be one of"),
        ({"w2": 0.1}, "w2 must be at most 0"),
        ({"t": [-1]}, "t must be"),
    ],
)
def test_bad_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        width_needed(**({"law": mf.BesselLaw(3), "eps": 1e-3, "t": [1]} | change))
