"""What chapters share: the table at their end, which passes over no claim that fails, and training where torch is told

to keep no graph.
"""

import math

import numpy as np
import pytest
import torch

import mfdepth as mf
from mfdepth.chapters import beyond, bottleneck, why_depth


def test_a_table_shows_numbers_as_far_as_every_machine_agrees(capsys):
    mf.claims({"two digits": (0.01234, 0.02), "a decade": (3.2e-11, 1e-9), "ours": (5, ">", 4.5)})
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["claim", "measured", "bound"]
    assert [row.split("  ", 1)[1].split() for row in rows] == [
        ["0.012", "<", "0.02"],
        ["1e-10", "<", "1e-09"],
        ["5", ">", "4.5"],
    ]
    mf.claims({"zero": (0.0, 1e-12), "at a power of ten": (1e-10, 1e-9), "below zero": (-2.0, 1.0)})
    shown = capsys.readouterr().out
    assert "below 1e-14  <" in shown and "1e-10  <  1e-09" in shown and "-2  <" in shown


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0.3, 0.2), "wrong: 0.3 is not < 0.2"),
        ((0.2, 0.2), "wrong: 0.2 is not < 0.2"),
        ((2.0, ">", 3.0), "wrong: 2 is not > 3"),
        ((math.nan, 1.0), "wrong: nan is not < 1"),
        ((0.0, 0), "wrong: 0 is not < 0"),
        ((math.inf, 1e-9), "wrong: inf is not < 1e-09"),
    ],
)
def test_a_claim_that_fails_raises_once_the_table_is_printed(row, words, capsys):
    with pytest.raises(AssertionError, match=words):
        mf.claims({"right": (0.1, 0.2), "wrong": row})
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_another_sign_is_refused():
    with pytest.raises(ValueError, match="rows must hold the sign"):
        mf.claims({"odd": (1.0, "=", 1.0)})


@pytest.mark.parametrize("row", [(np.ones(2), 3), ("small", 1), (1, None), ((), 1)])
def test_what_is_no_number_is_refused_with_the_claim(row):
    with pytest.raises(TypeError, match="rows must hold numbers for 'a list'"):
        mf.claims({"a list": row})


@pytest.mark.parametrize("rows", [[("a", 1, 2)], None, {"a": 1}, {"a": (1,)}, {"a": (1, "<", 2, 3)}, {"a": "12"}])
def test_what_is_no_table_is_refused(rows):
    with pytest.raises(TypeError, match=r"^rows must (be a dict|hold \(measured, bound\)).*; got"):
        mf.claims(rows)


LAW, SECOND = mf.BesselLaw(3), ([-0.1], [0.5])


def learner():
    return mf.learner(torch.eye(3), *SECOND)


TRAINED = {
    "interference": lambda: mf.interference(LAW, torch.eye(3), *SECOND, np.eye(3)).discretization_loss,
    "interference, NumPy": lambda: mf.interference(LAW, np.eye(3), *SECOND, np.eye(3)).discretization_loss,
    "train_adam": lambda: why_depth.train_adam(LAW, why_depth.learner_network(3, 4, 0), steps=2, rng=0).loss,
    "fit_network": lambda: bottleneck.fit_network(learner(), torch.eye(3), torch.ones(3), [2]).losses,
    "sampled_flow": lambda: beyond.sampled_flow(learner(), LAW, mf.tent, [0, 0.2]).loss,
    "sampled_flow, inputs": lambda: beyond.sampled_flow(learner(), torch.eye(3), mf.tent, [0, 0.2]).loss,
}


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("train", TRAINED.values(), ids=TRAINED)
def test_what_trains_trains_where_gradients_are_switched_off(train, mode):
    with mode():
        found = train()
        assert not torch.is_grad_enabled()
    np.testing.assert_array_equal(found, train())
