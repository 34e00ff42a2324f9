"""Following a flow: against closed forms, and every way in which one can end early."""

import math
import re

import numpy as np
import pytest
import torch

from mfdepth import checks, flow

TIMES = np.array([0.0, 0.3, 1.0, 2.0])
METHODS = ["LSODA", "RK45", "BDF"]


def decay(time, x):
    return -x * np.array([1.0, 2.0])


@pytest.mark.parametrize("method", METHODS)
def test_a_decay_is_solved_at_the_saved_times(method):
    path = flow.solve(decay, np.array([1.0, 3.0]), TIMES, tolerance=1e-7, method=method)
    expected = np.exp(-TIMES[:, None] * [1, 2]) * [1, 3]
    np.testing.assert_allclose(path.states, expected, rtol=1e-4)
    assert path.status == "reached t = 2" and path.t.tolist() == TIMES.tolist()
    assert path.stats["evaluations"] >= path.stats["steps"] > 0 and path.stats["seconds"] > 0


def test_a_flow_to_time_0_is_its_start():
    path = flow.solve(lambda time, x: 1 / 0, np.array([1.0, 3.0]), np.zeros(1), tolerance=1e-7)
    assert path.states.tolist() == [[1, 3]] and path.status == "reached t = 0" and path.stats["evaluations"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_what_becomes_infinite_ends_with_a_sentence(method):
    def square(time, x):  # x = 1/(1 - t)
        return x**2

    path = flow.solve(square, np.ones(1), np.array([0, 0.5, 2]), tolerance=1e-6, method=method, evaluations=5000)
    assert path.t.tolist() == [0, 0.5] and path.states[1, 0] == pytest.approx(2, rel=1e-3)
    assert path.status.startswith("stopped at t = ") and 0.9 < float(path.status.split()[4].strip(":")) < 1.01


@pytest.mark.parametrize("method", METHODS)
def test_a_velocity_that_is_not_finite_ends_with_a_sentence(method):
    path = flow.solve(lambda time, x: x * math.nan, np.ones(2), np.array([0.0, 1.0]), tolerance=1e-6, method=method)
    assert path.t.tolist() == [0] and path.states.tolist() == [[1, 1]] and path.status.startswith("stopped at t = 0: ")


def test_the_state_between_the_saved_times_can_be_had():
    path = flow.solve(decay, np.array([1.0, 3.0]), TIMES, tolerance=1e-9, between=True)
    times = np.linspace(0, 2, 41)
    np.testing.assert_allclose(path.between(times), np.exp(-times * [[1], [2]]) * [[1], [3]], rtol=1e-6)
    assert path.between.ts[0] == 0 and path.between.ts[-1] == 2 and len(path.between.ts) == path.stats["steps"] + 1
    assert flow.solve(decay, np.ones(2), np.zeros(1), tolerance=1e-9, between=True).between is None


def test_the_limit_on_evaluations_ends_a_run_that_is_stiff_for_its_method():
    def stiff(time, x):
        return -1e6 * (x - math.cos(time))

    limited = flow.solve(stiff, np.zeros(1), np.array([0, 1e-9, 1]), tolerance=1e-6, method="RK45", evaluations=900)
    assert len(limited.t) == 2 and limited.stats["evaluations"] == 900
    assert limited.status.endswith(": 900 evaluations of the velocity were not enough")
    done = flow.solve(stiff, np.zeros(1), np.array([0, 1e-9, 1]), tolerance=1e-6, evaluations=900)
    assert done.status == "reached t = 1" and done.states[2, 0] == pytest.approx(math.cos(1), abs=1e-5)


def test_a_flow_that_leaves_its_domain_says_why():
    def falls(time, x):
        return -np.ones(1)

    def refuse(x):
        if x[0] < 0:
            raise ValueError("it fell below 0")

    path = flow.solve(falls, np.ones(1), np.array([0, 0.5, 3]), tolerance=1e-6, refuse=refuse)
    assert path.t.tolist() == [0, 0.5] and path.status == "stopped at t = 1: it fell below 0"
    with pytest.raises(ValueError, match="it fell below 0"):
        flow.solve(falls, -np.ones(1), TIMES, tolerance=1e-6, refuse=refuse)


def test_where_numbers_end_is_told_with_its_time():
    def ends(time, x):
        return np.array([1.0, math.nan if x[0] > 3 else -x[1]])

    path = flow.solve(ends, np.array([0.0, 1.0]), np.array([0, 2, 100.0]), tolerance=1e-6)
    assert path.t.tolist() == [0, 2] and path.status.endswith(": the weights are no longer finite")
    assert 2 < float(path.status.split()[4].strip(":")) < 6 and path.stats["evaluations"] < 100


def test_a_tolerance_below_what_the_solver_can_is_met_as_well_as_it_can_without_a_warning():
    path = flow.solve(decay, np.ones(2), TIMES, tolerance=1e-16, between=True)
    np.testing.assert_allclose(path.states[:, 0], np.exp(-TIMES), rtol=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupt_keeps_what_was_saved(method):
    def interrupted(time, x):
        if time > 1:
            raise KeyboardInterrupt
        return decay(time, x)

    path = flow.solve(interrupted, np.ones(2), TIMES, tolerance=1e-9, method=method)
    assert path.t.tolist() == [0, 0.3] and path.status.startswith("interrupted at t = 0.")


def euler(state, h):
    return tuple(x - h * x for x in state), math.inf


def test_steps_of_equal_length_meet_every_saved_time(kind):
    path = flow.follow(euler, (kind(np.array([1.0, 2.0])), kind(np.ones((1, 1)))), TIMES, 0.25)
    shrunk = np.cumprod([1, (1 - 0.15) ** 2, (1 - 0.7 / 3) ** 3, 0.75**4])
    np.testing.assert_allclose(path.states[0], shrunk[:, None] * [1, 2], rtol=1e-13)
    assert path.states[1].shape == (4, 1, 1) and path.stats["steps"] == 9 and path.status == "reached t = 2"


def test_many_steps_are_not_one_too_many():
    for t_end, step in ((60.0, 0.1), (30.0, 0.3), (100.0, 0.01), (0.7, 0.07)):
        path = flow.follow(lambda state, h: (state, math.inf), (np.ones(1),), np.array([t_end]), step)
        assert path.stats["steps"] == round(t_end / step)


@pytest.mark.parametrize(("end", "step"), [(1.0, 9.9e-8), (1.0, 1e-300), (1e300, 0.1), (1e300, 1e-300)])
def test_more_steps_than_anybody_waits_for_are_refused_before_the_first(end, step):
    def advance(state, h):
        raise flow.Stopped("it began")

    with pytest.raises(ValueError, match=re.escape(f"t = {end:g} within 10000000 steps; got {step!r}")):
        flow.follow(advance, (np.ones(1),), np.array([end]), step)
    assert flow.follow(advance, (np.ones(1),), np.array([1.0]), 1e-7).status.endswith("it began")


def test_steps_may_be_rejected_and_shortened():
    lengths = []

    def careful(state, h):
        if h > 0.1:
            return None, h / 2
        lengths.append(h)
        return euler(state, h)[0], 2 * h

    path = flow.follow(careful, (np.ones(1),), np.array([0.0, 1.0]), 1.0)
    assert sum(lengths) == pytest.approx(1) and max(lengths) <= 0.1 and path.stats["steps"] == len(lengths)
    assert path.states[0][1, 0] == pytest.approx(np.prod(1 - np.array(lengths)))


def test_what_is_saved_is_what_the_caller_asks_for():
    path = flow.follow(euler, (np.ones(2),), np.array([0.0, 0.5]), 0.5, save=lambda state: (state[0].sum(),) * 2)
    assert [row.tolist() for row in path.states] == [[2, 1], [2, 1]]


@pytest.mark.parametrize("first", [0.0, 0.5])
def test_too_long_a_step_ends_with_finite_values(first, kind):
    def squared(state, h):
        return (state[0] - h * state[0] ** 3,), math.inf

    path = flow.follow(squared, (kind(np.full(3, 10.0)),), np.array([first, 100.0]), 0.5)
    assert path.status.startswith("stopped at t = ") and path.status.endswith("take a shorter step")
    assert path.states[0].shape == (len(path.t), 3) and np.all(np.isfinite(np.asarray(path.states[0])))


def test_what_is_saved_must_be_finite_too():
    grows = flow.follow(
        lambda state, h: ((state[0] * 1e80,), math.inf), (np.ones(1),), TIMES, 1, save=lambda state: (state[0] ** 2,)
    )
    assert grows.t.tolist() == [0, 0.3] and "too large for their type" in grows.status


def test_a_step_may_be_longer_than_all_time():
    path = flow.follow(euler, (np.ones(1),), np.array([1e-20]), 1e308)
    assert path.status == "reached t = 1e-20" and path.stats["steps"] == 1


def test_a_step_that_cannot_be_taken_and_an_interrupt_keep_the_past():
    def until(error, bound):
        def advance(state, h):
            if state[0][0] < bound:
                raise error
            return euler(state, h)

        return flow.follow(advance, (np.ones(1),), TIMES, 0.1)

    stopped, stays = until(flow.Stopped("too cold"), 0.5), until(KeyboardInterrupt, 0.2)
    assert stopped.status == "stopped at t = 0.7: too cold" and len(stopped.t) == len(stopped.states[0]) == 2
    assert stays.status.startswith("interrupted at t = 1.6") and len(stays.t) == 3
    flow.whole(stays, TIMES[:3])
    with pytest.raises(RuntimeError, match=r"stopped at t = 0\.7: too cold"):
        flow.whole(stopped, TIMES)
    with pytest.raises(KeyboardInterrupt):  # a sweep ends, and stores no torn row
        flow.whole(stays, TIMES)


def test_the_bar_shows_the_time(capsys):
    flow.follow(euler, (np.ones(1),), TIMES, 0.5, progress=True, label="decay")
    flow.solve(decay, np.ones(2), TIMES, tolerance=1e-6, progress=True, label="solved")
    flow.solve(decay, np.ones(2), TIMES, tolerance=1e-6)
    shown = capsys.readouterr().err
    assert shown.count("2/2") >= 2 and "decay" in shown and "solved" in shown and "flow" not in shown


def test_what_a_function_returned_comes_back_alike():
    want = np.array([1.0, 2.0, 3.0])
    for like in (want, want.astype(np.float32), torch.ones(1), torch.ones(1).double()):
        for value in (
            want,
            want[::-1][::-1],
            want[::-1].copy()[::-1],
            want.astype(">f8"),
            want.astype(int),
            np.broadcast_to(want, (2, 3))[0],
            torch.as_tensor(want).requires_grad_(),
            [1, 2, 3],
        ):
            got = checks.returned("target(x)", value, like, (3,))
            assert type(got) is type(like) and got.dtype == like.dtype and not getattr(got, "requires_grad", False)
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (np.ones((3, 1)), ValueError, r"target\(x\) must have shape \(3,\); got shape \(3, 1\)"),
        (torch.ones(1), ValueError, r"target\(x\) must have shape \(3,\); got shape \(1,\)"),
        (1.0, ValueError, r"target\(x\) must have shape"),
        (None, ValueError, r"target\(x\) must have shape"),
        ([1.0, math.nan, 1.0], ValueError, r"target\(x\) must be finite"),
        (np.ones(3, complex), TypeError, r"target\(x\) must hold real numbers; got dtype complex128"),
        (np.ones(3, bool), TypeError, r"target\(x\) must hold real numbers; got dtype bool"),
        (np.ones(3, object), TypeError, r"target\(x\) must hold real numbers; got dtype object"),
        ("abc", TypeError, r"target\(x\) must be a number"),
    ],
)
def test_what_a_function_must_not_return_is_named(value, error, words):
    with pytest.raises(error, match=words):
        checks.returned("target(x)", value, np.ones(1), (3,))
