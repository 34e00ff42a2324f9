"""Follow a flow to saved times: one way for what a solver moves, one for steps of our own.

Whatever ends a run early (a step that cannot be taken, a limit, Ctrl-C), what was saved before it comes back with a
sentence, `status`, that says when and why. In a sweep Ctrl-C ends the sweep instead: a row is whole or absent.
"""

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import array_api_compat as api
import numpy as np
import scipy.integrate
from tqdm import tqdm

from mfdepth import checks

EVALUATIONS = 50_000  # of the velocity, at most
STEPS = 10_000_000  # of our own, at most: minutes for the smallest network
AT_A_TIME, EXCESS = 1000, -1  # steps of LSODA, and what it returns after that many
BAR = "{l_bar}{bar}| {n:.4g}/{total:.4g}"
SWEPT = []  # an entry for each point of a sweep that is being run in this process


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A training run at its saved times (T of them).

    t, alpha, loss: shape (T,). w2, b2: shape (T,) for one scalar neuron, else (T, m2). rho: (T,), the discretization
    error, and w1: (T, m1, d), both None at infinite width. Batches of runs put their dimensions after T.
    status: a sentence on how the run ended. stats: steps, evaluations, seconds.

    See: the chapter "The infinite-width dynamics".
    """

    t: Any
    alpha: Any
    w2: Any
    b2: Any
    loss: Any
    rho: Any = None
    w1: Any = None
    status: str = ""
    stats: dict = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Path:
    """What a flow reached: the saved times t (T,), the states then, status, and stats (steps, seconds, evaluations).

    states: an array (T, n) from `solve`; a tuple of arrays (T, ...) from `follow`, what its `save` returned.
    between: from `solve` where it is asked for, the state at any time reached, (n, ...), with the ends of the solver's
    steps as `between.ts`; None where there was no step.
    """

    t: np.ndarray
    states: Any
    status: str
    stats: dict
    between: Any = None


DEAD = "every neuron is dead, so that no weight moves any more; a shorter step may keep them alive"


class Stopped(Exception):
    """A flow cannot go on. Its message is the reason, the second half of a status."""


def solve(
    velocity: Callable,
    start: np.ndarray,
    t: np.ndarray,
    *,
    tolerance: float,
    method: str = "LSODA",
    refuse: Callable | None = None,
    evaluations: int = EVALUATIONS,
    between: bool = False,
    progress: bool = False,
    label: str = "flow",
) -> Path:
    """The solution of state' = velocity(time, state) at the times t, by a solver of SciPy.

    start: (n,), at time 0. t: increasing. tolerance: relative; the absolute one is a hundredth of it. method: as for
    `scipy.integrate.solve_ivp`; LSODA takes stiff problems too. refuse: raises ValueError for a state where the flow is
    not defined; so it is raised for such a start, and later on ends the run. evaluations: of the velocity, at most.
    between: keep the solver's own interpolation, as `Path.between`.

    >>> path = solve(lambda time, x: -x, np.array([1.0]), np.array([0.0, 1.0]), tolerance=1e-8)
    >>> path.status, path.states.round(6).tolist()
    ('reached t = 1', [[1.0], [0.367879]])
    """
    if refuse is not None:
        refuse(start)
    used, last, kept = 0, 0.0, [] if between else None
    compiled = method == "LSODA" and refuse is None and not between

    def counted(time, state):
        nonlocal used, last
        if used >= evaluations:
            raise Stopped(f"{evaluations} evaluations of the velocity were not enough")
        used += 1
        if state.dot(state) < math.inf:
            speed, last = velocity(time, state), time
            return speed
        if compiled:  # it would go on with NaN to the end
            raise Stopped("the weights are no longer finite")
        return np.full_like(state, np.nan)

    def steps():
        yield 0.0, lambda time: start
        if t[-1] == 0:
            return
        if not finite(counted(0.0, start)):
            raise Stopped("the velocity there is not finite")
        stepped = _stepped(counted, start, t[-1], tolerance, method, refuse, kept)
        yield from _compiled(counted, start, t, tolerance, lambda: last) if compiled else stepped

    saved, status, stats = _gather(steps(), t, lambda solution, time: solution(time), progress, label)
    states = np.array(saved).reshape(len(saved), len(start))
    curve = scipy.integrate.OdeSolution([0.0, *(x.t for x in kept)], kept) if kept else None
    return Path(t[: len(saved)], states, status, stats | {"evaluations": used}, curve)


def _stepped(velocity, start, end, tolerance, method, refuse, kept):
    """A solver of SciPy, one step after the other, with its own interpolation, which `kept`, a list, is handed."""
    rtol = max(tolerance, 100 * np.finfo(float).eps)  # SciPy's least, of which it would warn
    solver = getattr(scipy.integrate, method)(velocity, 0.0, start, end, rtol=rtol, atol=tolerance * 1e-2)
    while solver.status == "running":
        with warnings.catch_warnings():  # LSODA warns of what the status says
            warnings.simplefilter("ignore", UserWarning)
            solver.step()
        if not finite(solver.y):
            raise Stopped("the weights are no longer finite")
        if solver.status == "failed" or solver.t == solver.t_old:
            raise Stopped("no step is short enough")
        solution = solver.dense_output()
        if refuse is not None and (why := reason(refuse, solver.y)):
            low, high = solver.t_old, solver.t
            for _ in range(60):  # to the last time at which the flow is defined
                middle = (low + high) / 2
                low, high = (low, middle) if reason(refuse, solution(middle)) else (middle, high)
            yield low, solution
            raise Stopped(why)
        if kept is not None:
            kept.append(solution)
        yield solver.t, solution


def _compiled(velocity, start, t, tolerance, reached):
    """LSODA with its loop over steps in C, from saved time to saved time: a tenth of the time for small states."""
    solver = scipy.integrate.ode(velocity)
    solver.set_integrator("lsoda", rtol=tolerance, atol=tolerance * 1e-2, nsteps=AT_A_TIME)
    solver.set_initial_value(start, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for until in t[t > 0].tolist():
            try:
                while solver.t < until:
                    before = solver.t
                    solver.integrate(until)
                    if solver.get_return_code() not in (2, EXCESS):
                        raise Stopped("no step is short enough")
                    if solver.t - before < (until - before) / AT_A_TIME:  # short steps are kept behind a jump
                        solver.set_initial_value(solver.y, solver.t)
            except (Stopped, KeyboardInterrupt):
                yield min(reached(), until * (1 - 1e-15)), None  # nothing more is read, but the status says when
                raise
            state = solver.y.copy()  # the solver goes on in its own
            yield until, lambda _, state=state: state


def follow(
    advance: Callable,
    state: tuple,
    t: np.ndarray,
    step: float,
    *,
    save: Callable = lambda state: state,
    most: int = STEPS,
    progress: bool = False,
    label: str = "flow",
) -> Path:
    """Steps of our own from time 0 to the times t: of equal length up to each, and at most `step` long.

    advance: a function of a state (a tuple of arrays) and the length of a step that returns the state after it and the
    longest step to take next (infinity leaves it at `step`); or None for the state, which rejects the step. It raises
    `Stopped` where none can be taken. save: what is kept of a state, a tuple of arrays. most: steps; ValueError where
    more are needed.

    >>> path = follow(lambda x, h: ((x[0] - h * x[0],), math.inf), (np.ones(1),), np.array([0.0, 1.0]), 0.5)
    >>> path.status, path.states[0].tolist(), path.stats["steps"]
    ('reached t = 1', [[1.0], [0.25]], 2)
    """
    if (end := float(t[-1])) > most * step:
        raise ValueError(f"step must be at least {end / most:.3g}, for t = {end:g} within {most} steps; got {step!r}")

    def steps():
        now, clock, longest = state, 0.0, step
        yield clock, now
        for until in t.tolist():
            left = 0
            while clock < until:
                left = left or max(1, math.ceil((until - clock) / longest * (1 - 1e-12)))
                after, wanted = advance(now, (until - clock) / left)
                if after is not None:
                    if not finite(after):
                        raise Stopped("the weights are no longer finite: take a shorter step")
                    now, clock, left = after, clock + (until - clock) / left if left > 1 else until, left - 1
                    yield clock, now
                if min(step, wanted) != longest:
                    longest, left = min(step, wanted), 0

    saved, status, stats = _gather(steps(), t, lambda now, _: save(now), progress, label)
    rows = zip(*(saved or [save(state)]), strict=True)
    stacked = tuple(api.array_namespace(row[0]).stack(list(row))[: len(saved)] for row in rows)
    return Path(t[: len(saved)], stacked, status, stats)


def _gather(steps, t, read, progress, label):
    """What was saved at the times t. `steps` yields the time reached and what `read` takes to say what lies before."""
    started, clock, taken, saved = time.perf_counter(), 0.0, -1, []
    bar = tqdm(total=float(t[-1]), disable=not progress, desc=label, bar_format=BAR)
    try:
        with np.errstate(all="ignore"), bar:  # what overflows ends the run, in words
            for reached, found in steps:
                while len(saved) < len(t) and t[len(saved)] <= reached:
                    row = read(found, t[len(saved)])
                    if not finite(row):
                        raise Stopped("the weights grow too large for their type: take a shorter step")
                    saved.append(row)
                clock, taken = reached, taken + 1
                bar.update(clock - bar.n)
        status = f"reached t = {clock:g}"
    except Stopped as why:
        status = f"stopped at t = {clock:g}: {why}"
    except KeyboardInterrupt:
        if SWEPT:
            raise
        status = f"interrupted at t = {clock:g}; the times saved before it are kept"
    return saved, status, {"steps": max(taken, 0), "seconds": time.perf_counter() - started}


class Descent:
    """A loss that must stay below that of its start, as along a gradient flow; where it rises, the step is too long.

    names: the arguments that make the start; ValueError where its loss is infinite. start: (...). zero: the loss of
    f = 0. slack: of both, for what sampling adds. Calling it with a later loss raises `Stopped`.
    """

    def __init__(self, names: str, start: Any, zero: Any, slack: float = 1e-3) -> None:
        if not finite(start):
            raise ValueError(f"{names} must leave the loss finite; got {float(start.max())} at t = 0")
        self.most = start + slack * (start + zero)

    def __call__(self, now: Any) -> None:
        if not finite(now):
            raise Stopped("the loss is no longer finite: take a shorter step")
        if bool((now > self.most).any()):
            raise Stopped(f"the loss rose to {float(now.max()):.3g}, above that of the start: take a shorter step")


def reason(refuse: Callable, *arguments: Any) -> str:
    """Why a function that raises ValueError refuses its arguments, or an empty string."""
    try:
        refuse(*arguments)
    except ValueError as error:
        return str(error)
    return ""


def finite(arrays: Any) -> bool:
    """Whether an array, or every array of a tuple, is finite."""
    if isinstance(arrays, tuple):
        return all(finite(x) for x in arrays)
    return bool(checks.library(arrays).isfinite(arrays).all())


def whole(run: Any, t: np.ndarray) -> None:
    """For a result that has no room for a status: raise it where the run did not reach the last of the times t.

    RuntimeError with the sentence; KeyboardInterrupt where it was that, so that a sweep ends and keeps no torn row.
    """
    if len(run.t) < len(t):
        raise (KeyboardInterrupt if run.status.startswith("interrupted") else RuntimeError)(run.status)
