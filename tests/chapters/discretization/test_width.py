"""The width that an error needs, against trained networks of that width, closed forms and the theorem's limits."""

import math

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters.discretization.width import loss_per_rho, width_needed


def added(law, m1, t, seeds, rng):
    """What networks in pairs add to the infinite-width loss, over what their own starts predict: mean, and its error."""
    w1 = np.stack([mf.init_first_layer(law.d, m1, 1.0, rng, "pairs", "equal") for _ in range(seeds)])
    start = np.full((seeds, 1), -0.1), np.full((seeds, 1), 0.5)
    run = mf.finite_width(law, w1, *start, t, directions=80, rng=rng, save_w1=True)
    loss = mf.loss(law, run.w1[0], run.w2[0], run.b2[0], mf.orthogonal_directions(2000, law.d, 99))
    extra = loss - mf.infinite_width(law, 1.0, -0.1, 0.5, t).loss[0]
    rho = mf.predict_rho(law, 1.0, -0.1, 0.5, m1, t, w1=w1, tolerance=1e-6)[0]
    expected = loss_per_rho(law, 1.0, -0.1, 0.5, t)[0] * rho
    return extra.mean() / expected.mean(), (extra - expected).std() / expected.mean() / math.sqrt(seeds)


def test_late_a_network_adds_what_is_predicted_but_for_the_next_order_in_the_width(rng):
    # at t = 150 the second layer has caught up; 1.21, 1.11, 1.05 were seen at 28, 56, 112 neurons: 1 + 6/m1
    law, t = mf.BesselLaw(10), [150]
    (narrow, spread), (wide, less) = (added(law, m1, t, 40, rng) for m1 in (28, 56))
    assert 1.1 < narrow < 1.35 and 1.03 < wide < 1.2
    assert abs(2 * wide - narrow - 1) < 0.02 + 3 * (2 * less + spread)  # a term in 1/m1 drops out of this


def test_while_the_fit_goes_on_the_second_layer_is_behind(rng):
    # at t = 60 a share that no width removes: .13 at 28, 56, 112 and 224 neurons, with the next order in it
    ratio, spread = added(mf.BesselLaw(10), 112, [60], 24, rng)
    assert ratio == pytest.approx(1.12, abs=0.02 + 3 * spread)


def test_the_width_for_an_error_is_where_that_is_predicted_in_the_mean():
    law, eps = mf.BesselLaw(10), 2e-3
    [m1] = width_needed(law, eps, [150])
    rho = mf.predict_rho(law, 1.0, -0.1, 0.5, 56, [150], directions="pairs", tolerance=1e-6)[0] * 56 / m1
    assert loss_per_rho(law, 1.0, -0.1, 0.5, [150])[0] * rho == pytest.approx(eps, rel=1e-4)


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
