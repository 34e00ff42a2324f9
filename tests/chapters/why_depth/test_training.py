"""Training by Adam: its losses against fresh samples and the proved bound, the rate and width kept, networks on file."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import why_depth

LAW = mf.BesselLaw(10)
FEW = {"rates": (1e-4, 0.1), "steps": 60, "batch": 128}


def test_training_stays_above_the_bound_and_three_layers_below_two():
    law, losses = mf.BesselLaw(5), {}
    for start in (why_depth.shallow_network, why_depth.learner_network):
        rng = torch.Generator().manual_seed(0)
        network = start(5, 32, rng)
        before = [p.clone() for p in network.parameters]
        done = why_depth.train_adam(law, network, steps=150, batch=256, rate=1e-2, rng=rng)
        assert all(torch.equal(p, q) for p, q in zip(network.parameters, before, strict=True))
        assert done.history.shape == (150,) and done.history[-10:].mean() < done.history[:10].mean() / 4
        assert done.history[-10:].mean() == pytest.approx(done.loss, rel=0.4)
        losses[start.__name__] = done
        x = law.sample(50_000, np.random.default_rng(1))
        r = np.linalg.norm(x, axis=1)
        x, r = torch.as_tensor(x[r <= 3], dtype=torch.float32), r[r <= 3]
        values = (np.maximum(1 - r, 0) - done.network(x).numpy()) ** 2 / 2
        error = math.hypot(done.error, values.std() / math.sqrt(len(r)))
        assert abs(done.loss - values.mean()) < 4 * error
        assert done.error == pytest.approx(values.std() / 256, rel=0.2)
    two, three = losses["shallow_network"], losses["learner_network"]
    assert three.loss < two.loss / 2
    w, _, a, _ = two.network.parameters
    norm = float((a.abs() * w.norm(dim=1)).sum())
    assert two.loss + 4 * two.error > mf.shallow_lower_bound(law, norm).bound


def test_training_repeats_with_its_seed_and_an_interrupt_keeps_what_is_reached(monkeypatch):
    def run(steps):
        rng = torch.Generator().manual_seed(3)
        return why_depth.train_adam(
            mf.BesselLaw(3), why_depth.shallow_network(3, 4, rng), steps=steps, batch=32, rng=rng
        )

    assert run(5).loss == run(5).loss
    calls = []
    step = torch.optim.Adam.step

    def interrupted(self, *args):
        calls.append(self.param_groups[0]["lr"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return step(self, *args)

    monkeypatch.setattr(torch.optim.Adam, "step", interrupted)
    done = run(10)
    assert done.status == "interrupted after 2 steps" and len(done.history) == 2
    cosine = [3e-3 * (1 + math.cos(math.pi * k / 10)) / 2 for k in range(3)]
    np.testing.assert_allclose(calls, cosine, rtol=1e-12)


def test_an_interrupt_ends_the_rates_and_the_widths(monkeypatch):
    calls, step = [], torch.optim.Adam.step

    def interrupted(self, *args):
        calls.append(self)
        if len(calls) % 16 == 0:
            raise KeyboardInterrupt
        return step(self, *args)

    monkeypatch.setattr(torch.optim.Adam, "step", interrupted)
    few = {"rates": (1e-2, 1e-3, 1e-1), "steps": 10, "batch": 32, "rng": 0}
    done = why_depth.train_tuned(mf.BesselLaw(3), lambda rng: why_depth.shallow_network(3, 4, rng), **few)
    assert done.status.startswith("interrupted after 5 steps, at rate 2 of 3, 0.001; best so far 0.")
    assert len(calls) == 16
    done = why_depth.trained_width(mf.BesselLaw(3), 1e-9, (2, 4, 8), **few | {"rates": (1e-2,)})
    assert len(calls) == 32 and done.width is None and list(done.losses) == [2]
    assert done.status.startswith("interrupted after 5 steps, at rate 1 of 1, 0.01") and done.status.endswith("width 4")


def test_tuning_keeps_the_best_rate():
    def run(rates):
        rng = torch.Generator().manual_seed(0)
        return why_depth.train_tuned(
            mf.BesselLaw(3),
            lambda rng: why_depth.shallow_network(3, 16, rng),
            rates=rates,
            steps=60,
            batch=128,
            rng=rng,
        )

    low, both = run((1e-4,)), run((1e-4, 0.1))
    assert both.loss < low.loss / 2
    assert both.status == "trained for 60 steps, at the best of 2 rates, 0.1"
    assert low.status.endswith("at the best of 1 rates, 0.0001") and run((1e-4,)).loss == low.loss


def test_the_rate_kept_is_never_one_that_diverged():
    law, few = mf.BesselLaw(5), {"steps": 50, "batch": 64}

    def start(rng):
        return why_depth.shallow_network(5, 32, rng)

    done = why_depth.train_tuned(law, start, rates=(1e10, 3e-2), rng=0, **few)
    assert done.status == "trained for 50 steps, at the best of 2 rates, 0.03" and done.loss < 0.05
    done = why_depth.train_tuned(law, start, rates=(1e10, 1e12), rng=0, **few)
    assert done.status == "diverged at all of 2 rates, from 1e+10 on"
    done = why_depth.train_adam(law, start(0), rate=1e4, rng=0, **few)  # a large loss, though finite
    assert done.status == "trained for 50 steps, and diverged: take a smaller rate" and done.loss > 1


def test_a_trained_network_can_be_kept():
    for start in (why_depth.shallow_network, why_depth.learner_network):
        done, file = why_depth.train_adam(mf.BesselLaw(3), start(3, 4, 0), steps=2, rng=0), io.BytesIO()
        torch.save(done, file)
        file.seek(0)
        kept, x = torch.load(file, weights_only=False), torch.ones(2, 3)
        assert torch.equal(kept.network(x), done.network(x)) and kept.status == done.status


@pytest.mark.parametrize("start", [why_depth.shallow_network, why_depth.learner_network])
def test_a_seed_or_any_generator_starts_and_trains(start):
    def losses(rng):
        return why_depth.train_adam(mf.BesselLaw(3), start(3, 4, rng), steps=2, batch=8, rng=rng).history

    assert np.array_equal(losses(0), losses(0)) and not np.array_equal(losses(0), losses(1))
    by_numpy = start(3, 4, np.random.default_rng(0)).parameters
    assert all(p.dtype == torch.float32 for p in by_numpy)
    rng = np.random.default_rng(0)
    assert np.array_equal(losses(np.random.default_rng(0)), losses(np.random.default_rng(0)))
    assert not np.array_equal(losses(rng), losses(rng))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: why_depth.train_tuned(mf.BesselLaw(3), None, rates=(), rng=0), "rates must hold at least one"),
        (lambda: why_depth.train_tuned(mf.BesselLaw(3), None, rates=(0.0,), rng=0), "rates must be a positive"),
        (
            lambda: why_depth.trained_width(LAW, 1.0, (), rng=None),
            "widths must be increasing whole numbers, at least one",
        ),
        (lambda: why_depth.trained_width(LAW, 1.0, (4, 4), rng=None), "widths must be increasing"),
        (
            lambda: why_depth.trained_width(LAW, 1.0, (0, 4), rng=None),
            "widths must be a whole number, at least 1; got 0",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("change", [{"steps": 0}, {"batch": 0}, {"rate": 0.0}, {"r_max": -1.0}])
def test_bad_training_is_refused(change):
    network = why_depth.shallow_network(10, 3, 0)
    with pytest.raises(ValueError, match=f"{next(iter(change))} must be"):
        why_depth.train_adam(mf.BesselLaw(10), network, rng=0, **change)


def test_a_network_that_returns_a_column_is_refused():
    start = why_depth.shallow_network(3, 8, 0)
    column = replace(start, forward=lambda x, *weights: start.forward(x, *weights)[:, None])
    with pytest.raises(
        ValueError, match=r"network must return a Tensor of shape \(64,\); got Tensor of shape \(64, 1\)"
    ):
        why_depth.train_adam(mf.BesselLaw(3), column, steps=2, batch=64, rng=0)


def test_the_trained_width_is_the_first_that_reached_the_error():
    law, rng = mf.BesselLaw(3), torch.Generator().manual_seed(0)
    found = why_depth.trained_width(law, 1.5e-2, (1, 16, 64), **FEW, rng=rng)
    assert found.width == 16 and list(found.losses) == [1, 16]
    assert found.losses[16] <= 1.5e-2 < found.losses[1]
    assert found.status == "width 16 reached 0.015"
    none = why_depth.trained_width(law, 1e-9, (1, 2), **FEW, rng=rng)
    assert none.width is None and list(none.losses) == [1, 2] and none.status == "none of the widths reached 1e-09"


def test_three_layers_are_trained_when_asked_for():
    rng = torch.Generator().manual_seed(0)
    asked = {}
    found = why_depth.trained_width(
        mf.BesselLaw(5),
        1e-2,
        (16,),
        start=lambda *a: asked.setdefault("net", why_depth.learner_network(*a)),
        **FEW,
        rng=rng,
    )
    assert found.width == 16 and len(asked["net"].parameters) == 3


def test_an_error_within_sampling_noise_does_not_count():
    # the standard error of the loss, some 1e-2 of it, is on the reader's side
    rng = torch.Generator().manual_seed(1)
    done = why_depth.train_tuned(LAW, lambda rng: why_depth.shallow_network(10, 4, rng), **FEW, rng=rng)
    rng = torch.Generator().manual_seed(1)
    barely = why_depth.trained_width(LAW, done.loss + done.error, (4,), **FEW, rng=rng)
    assert barely.width is None and barely.losses[4] == done.loss
