"""The infinite-width dynamics: by symmetry the first layer is one number alpha_t, beside the second layer."""

import math
import time

import numpy as np
from scipy.integrate import solve_ivp

from mfdepth import checks
from mfdepth.flow import Trajectory
from mfdepth.radius import radial_averages
from mfdepth.sphere import relu_mean


def infinite_width(law, alpha, w2, b2, t, rates=(1.0, 1.0), *, tolerance=1e-11):
    """Follow alpha_t and the second layer by the exact gradient flow at infinite width.

    With F = alpha |x| (the lemma of the talk), g = f* - f, r = |x|, m2 neurons each moving by m2 times the negative
    gradient of L = 1/2 E g^2 (the closed equations are ours, from the lemma):

        alpha' = 4 eta_1 C_d alpha E[g S r],   S = mean_j w2_j 1{neuron j active}
        w2_j'  =   eta_2 alpha E[g r 1{neuron j active}]
        b2_j'  =   eta_2 E[g 1{neuron j active}]

    law: a radial law. alpha: positive. w2, b2: numbers, or arrays of shape (m2,). t: increasing times, from 0 on.
    rates: (eta_1, eta_2). tolerance: relative, of the integrator (LSODA: late times are stiff).
    Returns a `Trajectory`. Raises ValueError for bad input, and where the flow is not defined: under a law without
    second moment any w2 > 0 (infinite loss) or w2 = 0 < b2 (infinite velocity), and a start with every neuron dead.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(100), alpha=1.0, w2=-0.1, b2=0.5, t=[0, 5, 60])
    >>> [round(float(x), 4) for x in run.alpha]
    [1.0, 1.0058, 1.0504]

    See: the chapter "The infinite-width dynamics".
    """
    scalar = np.ndim(w2) == 0 and np.ndim(b2) == 0
    start, m2 = packed_start(law, alpha, w2, b2)
    t = checks.times("t", t)
    velocity = packed_velocity(law, m2, checks.rates(rates))
    tolerance = checks.positive("tolerance", tolerance)
    started, second = time.perf_counter(), slice(1, m2 + 1)
    # Where w2 may not reach 0, its logarithm is followed: a start with a small b2 drives w2 to 1e-20 and back.
    logarithmic = law.second_moment == math.inf and bool(np.all(start[second] < 0))
    if logarithmic:
        start[second], velocity = np.log(-start[second]), _logarithmic(velocity, second)
    if t[-1] > 0:
        found = solve_ivp(velocity, (0.0, t[-1]), start, "LSODA", t, rtol=tolerance, atol=tolerance * 1e-2)
        states, saved, evaluations = found.y.T, found.t, found.nfev
        status = f"reached t = {saved[-1]:g}" if found.success else f"stopped at t = {saved[-1]:g}: {found.message}"
    else:
        states, saved, evaluations, status = start[None], t, 0, "reached t = 0"
    a, w, b = states[:, 0], states[:, second], states[:, m2 + 1 :]
    if logarithmic:
        w = -np.exp(w)
    loss = radial_averages(law, a[:, None], w, b).loss[:, 0]
    stats = {"evaluations": evaluations, "seconds": time.perf_counter() - started}
    if scalar:
        w, b = w[:, 0], b[:, 0]
    return Trajectory(saved, a, w, b, loss, status=status, stats=stats)


def packed_start(law, alpha, w2, b2):
    """(alpha, w2, b2) as the one vector that the ODE solver moves, and m2; ValueError for a bad start."""
    alpha = checks.positive("alpha", alpha)
    w2, b2 = np.atleast_1d(checks.finite_array("w2", w2)), np.atleast_1d(checks.finite_array("b2", b2))
    if w2.ndim != 1 or w2.shape != b2.shape:
        raise ValueError(f"w2 and b2 must be numbers or have one shape (m2,); got shapes {w2.shape} and {b2.shape}")
    refuse_second_layer(law, w2, b2, flow=True)
    refuse_dead(w2, b2)
    return np.concatenate([[alpha], w2, b2]), w2.size


def packed_velocity(law, m2, rates):
    """The closed equations as a function (t, state) -> d state/dt."""
    eta_1, eta_2 = rates
    growth = 4 * eta_1 * relu_mean(law.d)

    def velocity(_, state):
        alpha, w2, b2 = state[0], state[1 : m2 + 1], state[m2 + 1 :]
        mean = radial_averages(law, np.asarray([alpha]), w2, b2)
        dalpha = growth * alpha * mean.pull
        return np.concatenate([dalpha, eta_2 * mean.h1, eta_2 * mean.h0])

    return velocity


def _logarithmic(velocity, second):
    """The same flow with log(-w2) in place of w2."""

    def moved(t, state):
        state = state.copy()
        state[second] = -np.exp(state[second])
        speed = velocity(t, state)
        speed[second] /= state[second]
        return speed

    return moved


def refuse_second_layer(law, w2, b2, *, flow, names=("w2", "b2")):
    """Refuse a second layer for which the loss (or, where `flow`, the velocity) is infinite."""
    # written with comparisons alone, so that NumPy and torch arrays both pass
    w, b = names
    if law.second_moment == math.inf:
        if bool((w2 > 0).any()):
            raise ValueError(
                f"{w} must be at most 0 under {law}: a neuron with {w} > 0 grows with |x|, whose second moment is "
                f"infinite, so the loss is infinite; got {float(w2.max())!r}"
            )
        if flow and bool(((w2 == 0) & (b2 > 0)).any()):
            raise ValueError(
                f"{w} must be below 0 where {b} > 0 under {law}: such a neuron is active everywhere and its velocity "
                f"holds E|x|, which is infinite; got {w} = 0"
            )


def refuse_growth(name, f, law):
    """Refuse a function of the radius that grows so fast that the mean of its square is infinite: f^2 P(|x| > r) must fall."""
    if law.second_moment == math.inf:
        tail = 0.1 ** np.arange(2, 8)
        r = law.ppf(1 - tail)
        with np.errstate(all="ignore"):
            value = checks.array(name, f(r), shape=r.shape)
            share = value**2 * tail
        if share[-1] > 0 and share[-1] >= 0.9 * np.max(share):
            raise ValueError(
                f"{name} must not grow with |x|, whose second moment is infinite under {law}, so the loss is infinite; "
                f"got {value[-1]:.3g} at |x| = {r[-1]:.3g}"
            )


def refuse_dead(w2, b2):
    """Refuse a second layer whose neurons are all dead: the flow would stand still for ever."""
    if not bool(((w2 > 0) | (b2 > 0)).any()):
        raise ValueError(
            "w2, b2 must leave a neuron alive (w2 > 0 or b2 > 0): here every second-layer neuron is dead, f = 0 and "
            f"the gradient is zero; got w2 = {w2!r}, b2 = {b2!r}"
        )
