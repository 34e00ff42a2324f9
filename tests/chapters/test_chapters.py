"""The table at the end of a chapter: its numbers, and that a claim which fails is not passed over."""

import math

import numpy as np
import pytest

import mfdepth as mf


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
