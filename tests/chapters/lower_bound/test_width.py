"""The width that is enough, against the loss of networks drawn."""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import lower_bound
from mfdepth.chapters.lower_bound import width as widths
from mfdepth.chapters.lower_bound.budget import radial_rule

LAW = mf.BesselLaw(10)


def half_mse(law, network, n, rng, r_max=3.0):
    """The loss of a network by sampled inputs, and its standard error."""
    r = law.ppf(float(law.cdf(r_max)) * rng.random((n, 1)))
    values = (np.maximum(1 - r[:, 0], 0) - network(r * mf.random_directions(n, law.d, rng))) ** 2 / 2
    return values.mean(), values.std() / math.sqrt(n)


def test_the_second_moment_of_a_profile_is_its_average_over_the_sphere(rng):
    for d in (2, 3, 10, 100):
        first = mf.random_directions(40_000, d, rng)[:, 0]
        for b in (-2.0, -0.4, 0.0, 0.15, 0.6, 2.5):
            values = np.maximum(1.3 * first - b, 0) ** 2
            error = values.std() / 200
            assert abs(widths.relu_second_moment(1.3, b, d) - values.mean()) <= 4 * error + 1e-7
    b = np.array([-1.5, 0.0, 0.7, 2.0])  # d = 3: u_1 is uniform
    np.testing.assert_allclose(widths.relu_second_moment(2.0, b, 3), (2 - b) ** 3 / 12, atol=1e-15)
    assert widths.relu_second_moment(2.0, -3.0, 3) == pytest.approx(4 / 3 + 9)


@pytest.mark.parametrize("error", [1e-2, 2e-3])
def test_networks_drawn_have_the_loss_expected(rng, error):
    found = lower_bound.sufficient_width(LAW, error)
    assert found.expected <= error and found.expected == pytest.approx(error, rel=2e-2)
    assert found.loss < found.expected
    assert found.width == np.sum(found.counts) and np.all(found.counts >= 1)
    assert np.sum(np.abs(found.weights)) <= found.budget * (1 + 1e-12)
    losses = np.array([half_mse(LAW, found.draw(rng), 1000, rng)[0] for _ in range(80)])
    assert abs(losses.mean() - found.expected) < 4 * losses.std() / math.sqrt(len(losses))
    assert losses.std() / math.sqrt(len(losses)) < 0.1 * error
    assert losses.min() < error  # the network that is claimed to exist
    assert losses.mean() - found.loss > 0.5 * (error - found.loss)


def test_a_network_drawn_is_within_the_budget_and_near_its_mean(rng):
    found = lower_bound.sufficient_width(mf.BesselLaw(3), 1e-4)
    network = found.draw(rng)
    w, b, a, c = network.parameters
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), 1, rtol=1e-12)
    assert np.sum(np.abs(a)) == pytest.approx(np.sum(np.abs(found.weights)), rel=1e-12)
    assert w.shape == (found.width, 3) and b.shape == a.shape == (found.width,)
    r = np.array([0.3, 0.8, 1.4])
    profile = mf.relu_profile(r[:, None], found.offsets, 3) @ found.weights + float(c)
    x = r[:, None] * mf.random_directions(3, 3, rng)
    np.testing.assert_allclose(network(x), profile, atol=0.1)
    np.testing.assert_allclose(network(x), [np.maximum(w @ row - b, 0) @ a + c for row in x], atol=1e-12)


def test_torch_draws_torch():
    network = lower_bound.sufficient_width(LAW, 1e-2).draw(torch.Generator().manual_seed(0))
    assert all(isinstance(p, torch.Tensor) and p.dtype == torch.float64 for p in network.parameters)
    assert network(torch.zeros(4, 10, dtype=torch.float64)).shape == (4,)


def test_the_width_enough_depends_on_the_error_far_more_than_on_the_dimension():
    # stored: 20 budgets and plain arithmetic gave 1942 and 2991 for 1e-3 and 44 for 1e-2
    for d, width in ((10, 1942), (100, 2991)):
        assert lower_bound.sufficient_width(mf.BesselLaw(d), 1e-3).width == pytest.approx(width, rel=1e-2)
    assert lower_bound.sufficient_width(LAW, 1e-2).width == pytest.approx(44, abs=2)


def test_the_budget_chosen_is_near_the_best():
    found = lower_bound.sufficient_width(LAW, 1e-3)
    r, p, _ = radial_rule(LAW, 3.0)
    r, p = r[:, None], p / p.sum()
    for budget in np.geomspace(14.1, 40, 13):
        other = mf.shallow_lower_bound(LAW, budget)
        spread = p @ (widths.relu_second_moment(r, other.offsets, 10) - mf.relu_profile(r, other.offsets, 10) ** 2)
        total = np.sum(np.abs(other.weights) * np.sqrt(spread)) ** 2 / (2 * (1e-3 - other.loss))
        assert found.width <= total * 1.01 + len(other.offsets) or other.loss >= 1e-3


def test_the_whole_law_where_its_second_moment_is_finite():
    ball = mf.BallLaw(4, radius=2.0)
    assert lower_bound.sufficient_width(ball, 1e-3, r_max=None).width == lower_bound.sufficient_width(ball, 1e-3).width
    with pytest.raises(ValueError, match="r_max must be a positive number under a law without second moment"):
        lower_bound.sufficient_width(LAW, 1e-3, r_max=None)


def test_an_error_that_a_constant_reaches_is_refused():
    with pytest.raises(ValueError, match="error must be below"):
        lower_bound.sufficient_width(LAW, 1.0)
