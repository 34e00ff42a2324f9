"""A batch of seeds is the seeds one by one; what the first order predicts for each is what the library predicts."""

import numpy as np
import pytest

import mfdepth as mf
from mfdepth.chapters import discretization
from mfdepth.chapters.discretization import exponent


def test_seeds_are_drawn_with_the_alpha_asked_for(rng):
    w1 = discretization.draw_seeds(5, 12, 0.7, 3, rng)
    assert w1.shape == (3, 12, 5)
    np.testing.assert_allclose(mf.first_layer_alpha(w1), 0.7, rtol=1e-13)
    assert len(np.unique(mf.discretization_error(w1))) == 3


def test_a_row_holds_the_runs_and_their_predictions():
    law, t = mf.BesselLaw(4), [0, 5, 20]
    row = discretization.train_seeds(4, 64, t, alpha=0.9, w2=-0.2, b2=0.6, seeds=3, rng=2)
    assert {value.shape for name, value in row.items() if name != "ideal_loss"} == {(3, 3)}
    ideal = mf.infinite_width(law, 0.9, -0.2, 0.6, t)
    np.testing.assert_allclose(row["ideal_loss"], ideal.loss, rtol=1e-5)
    w1 = discretization.draw_seeds(4, 64, 0.9, 3, np.random.default_rng([2, 4, 64]))
    np.testing.assert_allclose(row["rho"][0], mf.discretization_error(w1), rtol=1e-12)
    predicted = mf.predict_rho(law, 0.9, -0.2, 0.6, 64, t, w1=w1, degree=40, tolerance=1e-6)
    np.testing.assert_allclose(row["predicted_rho"], predicted, rtol=1e-3)
    gain = ideal.alpha**2 * mf.stability(law, ideal.alpha, ideal.w2, ideal.b2) / 2
    np.testing.assert_allclose(row["predicted_loss"], ideal.loss[:, None] + gain[:, None] * predicted, rtol=1e-3)
    # trained, they stay near what is predicted, and not by standing still
    np.testing.assert_allclose(row["rho"], row["predicted_rho"], rtol=0.25)
    np.testing.assert_allclose(row["loss"], row["predicted_loss"], rtol=0.25)
    assert np.all(row["rho"][2] < 0.8 * row["rho"][0])


def test_the_saved_loss_is_the_population_loss():
    row = discretization.train_seeds(3, 10, [0], seeds=2, bases=3, predict=False)
    assert set(row) == {"rho", "loss"}
    w1 = discretization.draw_seeds(3, 10, 1.0, 2, np.random.default_rng([0, 3, 10]))
    u = mf.orthogonal_directions(6000, 3, np.random.default_rng(1))
    many = mf.loss(mf.BesselLaw(3), w1, np.full((2, 1), -0.1), np.full((2, 1), 0.5), u)
    np.testing.assert_allclose(row["loss"][0], many, rtol=5e-3)


def test_rows_of_a_sweep_share_no_start():
    table = mf.sweep({"d": [3], "m1": [8, 16], "t": [[0]], "seeds": [2]}, discretization.train_seeds, progress=False)
    again = discretization.train_seeds(3, 16, [0], seeds=2)
    np.testing.assert_allclose(table["rho"][1], again["rho"], rtol=1e-12)
    assert not np.allclose(np.multiply(table["rho"][0], 8), np.multiply(table["rho"][1], 16), rtol=1e-3)


def test_a_run_that_stops_leaves_no_row():
    with pytest.raises(RuntimeError, match="stopped at t = "):
        discretization.train_seeds(3, 8, [0, 1], w2=-1e10, b2=1e10, seeds=2)


class Interrupted(np.random.Generator):
    draws = 0

    def standard_normal(self, *arguments, **options):
        self.draws += 1
        if self.draws > 4:  # past the start and the first turns, in the steps
            raise KeyboardInterrupt
        return super().standard_normal(*arguments, **options)


def test_an_interrupt_is_passed_on_so_that_a_sweep_keeps_no_torn_row():
    rng = Interrupted(np.random.PCG64(0))
    with pytest.raises(KeyboardInterrupt, match="interrupted at t = "):
        discretization.train_seeds(3, 8, [0, 100], seeds=2, rng=rng)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rng": -1}, "rng must be a whole number from 0 to"),
        ({"w2": 0.1}, "w2 must be at most 0"),
    ],
)
def test_bad_arguments_are_named(change, words):
    with pytest.raises(ValueError, match=words):
        discretization.train_seeds(**({"d": 3, "m1": 8, "t": [0, 1]} | change))


def test_the_exponent_of_a_power_law_is_found_and_its_interval_holds_the_truth():
    x, rng = np.array([16.0, 32, 64, 128]), np.random.default_rng(0)
    assert exponent(x, 3 * x[:, None] ** -1.5 * np.ones((1, 2))) == "-1.50 [-1.50, -1.50]"
    held = 0
    for _ in range(200):
        noisy = x[:, None] ** -1.0 * rng.lognormal(0, 0.3, (4, 16))
        low, high = exponent(x, noisy).split("[")[1].rstrip("]").split(", ")
        held += float(low) <= -1 <= float(high)
    assert 180 <= held <= 198  # 95 %
    with pytest.raises(ValueError, match="values must be positive"):
        exponent(x, -np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"x must have shape \(4,\)"):
        exponent(x[:3], np.ones((4, 2)))
