"""What a table of seeds says: exponents and widths, with bootstrap intervals."""

import json
from pathlib import Path

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters import discretization

X = np.array([16.0, 32, 64, 128, 256])


def test_a_power_without_noise_is_found_exactly_and_its_interval_is_a_point():
    values = np.repeat(3 * X[:, None] ** -1.25, 4, axis=1)
    np.testing.assert_allclose(discretization.bootstrap_exponent(X, values), -1.25, rtol=1e-12)
    np.testing.assert_allclose(discretization.width_reaching(X, values, 3 * 50**-1.25), 50, rtol=1e-12)


def test_the_intervals_hold_the_truth_in_nineteen_of_twenty_tables():
    # 200 tables of 40 seeds: between 180 and 198 of them, three standard deviations of 200 at .93 to .95
    rng, held = np.random.default_rng(0), np.zeros(2, dtype=int)
    truth = X**-1.0
    for seed in range(200):
        values = truth[:, None] * rng.gamma(4, 1 / 4, (len(X), 40))
        _, low, high = discretization.bootstrap_exponent(X, values, seed)
        _, left, right = discretization.width_reaching(X, values, 1 / 80, seed)
        held += low <= -1 <= high, left <= 80 <= right
    assert np.all((held >= 180) & (held <= 199)), held


def test_a_width_outside_the_table_is_not_a_number():
    values = X[:, None] ** -1
    assert np.isnan(discretization.width_reaching(X, values, 1 / 15)).all()
    assert np.isnan(discretization.width_reaching(X, values, 1 / 257)).all()


def test_a_mean_that_rises_by_chance_is_taken_as_level():
    # from 20 the mean stays at .1 to 40, then falls to .01 at 80: .1 is passed at once, and .05 on the last piece
    width = discretization.width_reaching([10, 20, 40, 80], [[1.0], [0.1], [0.2], [0.01]], 0.05)[0]
    assert width == pytest.approx(40 * 2 ** (np.log(2) / np.log(10)))


@pytest.mark.parametrize("x, values", [([1, 2], [[1.0], [0.0]]), ([1, 2], [[1.0]]), ([0, 2], [[1.0], [1.0]])])
def test_tables_without_logarithms_are_refused(x, values):
    with pytest.raises(ValueError, match=r"^(values|x) must"):
        discretization.bootstrap_exponent(x, values)


def test_widths_that_do_not_increase_are_refused():
    with pytest.raises(ValueError, match=r"^m1 must increase"):
        discretization.width_reaching([2, 1], [[1.0], [0.5]], 0.7)


def test_the_stored_study_needs_the_width_that_is_predicted():
    # d = 100, error .001 at t = 300: 51 neurons by twenty seeds a width, 52 by the first order, Gaussian lengths
    stored = json.loads((Path(__file__).parents[3] / "benchmarks/scaling.json").read_text())
    rows = sorted((row for row in stored["rows"] if row["d"] == 100), key=lambda row: row["m1"])
    assert all(np.shape(row["loss"]) == (5, 20) for row in rows)
    m1, law, start = [row["m1"] for row in rows], mf.BesselLaw(100), (1.0, -0.1, 0.5, [300])
    added = np.array([row["loss"][-1] for row in rows]) - mf.infinite_width(law, *start, tolerance=1e-8).loss
    width = discretization.width_reaching(m1, added, 1e-3)
    rho = mf.predict_rho(law, 1.0, -0.1, 0.5, 50, [300], lengths="gaussian", tolerance=1e-5)
    predicted = discretization.loss_per_rho(law, *start) * 50 * rho / 1e-3
    assert width[0] == pytest.approx(predicted[0], rel=0.05) and width[1] < width[0] < width[2]
