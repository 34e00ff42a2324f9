"""The infinite-width dynamics: by symmetry the first layer is one number alpha_t, beside the second layer."""

import math
from collections.abc import Callable

import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rates
from mfdepth.flow import Trajectory, finite, solve
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.radius import radial_averages, reach
from mfdepth.sphere import C

EVALUATIONS = 200_000  # of the velocity, at most: seconds


def infinite_width(
    law: RadialLaw,
    alpha: float,
    w2: Array,
    b2: Array,
    t: Array,
    rates: Rates = (1.0, 1.0),
    *,
    tolerance: float = 1e-11,
    evaluations: int = EVALUATIONS,
) -> Trajectory:
    """Follow alpha_t and the second layer by the exact gradient flow at infinite width.

    With F = alpha |x| (the lemma of the talk), g = f* - f, r = |x|, m2 neurons each moving by m2 times the negative
    gradient of L = 1/2 E g^2 (the closed equations are ours, from the lemma):

        alpha' = 4 eta_1 C_d alpha E[g S r],   S = mean_j w2_j 1{neuron j active}
        w2_j'  =   eta_2 alpha E[g r 1{neuron j active}]
        b2_j'  =   eta_2 E[g 1{neuron j active}]

    law: a radial law. alpha: positive. w2, b2: numbers, or arrays of shape (m2,). t: increasing times, from 0 on.
    rates: (eta_1, eta_2). tolerance: relative, of a step of the integrator (LSODA: late times are stiff); the run is
    off by about ten times as much. The default is there for its digits: 1e-8 takes a quarter of the time.
    evaluations: of the velocity, at most.
    Returns a `Trajectory`; one that ends early (Ctrl-C, too many evaluations) holds the times before, and `status` says
    why. Raises ValueError for bad input, and where the flow is not defined: under a law without
    second moment any w2 > 0 (infinite loss) or w2 = 0 < b2 (infinite velocity), and a start with every neuron dead.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(100), alpha=1.0, w2=-0.1, b2=0.5, t=[0, 5, 60])
    >>> [round(float(x), 4) for x in run.alpha]
    [1.0, 1.0058, 1.0504]

    See: the chapter "The infinite-width dynamics".
    """
    scalar = np.ndim(w2) == 0 and np.ndim(b2) == 0
    start, velocity, unpacked = packed(law, alpha, w2, b2, rates)
    t, tolerance = checks.times("t", t), checks.positive("tolerance", tolerance)
    evaluations = checks.whole("evaluations", evaluations, 1)
    path = solve(velocity, start, t, tolerance=tolerance, evaluations=evaluations)
    a, w, b = unpacked(path.states)
    with np.errstate(over="ignore", invalid="ignore"):  # in what the loss does not need
        loss = radial_averages(law, a[:, None], w, b).loss[:, 0].clip(0)  # whatever rounding made of a square
    if scalar:
        w, b = w[:, 0], b[:, 0]
    stats = {name: path.stats[name] for name in ("evaluations", "seconds")}
    return Trajectory(path.t, a, w, b, loss, status=path.status, stats=stats)


def packed(law: RadialLaw, alpha: float, w2: Array, b2: Array, rates: Rates) -> tuple:
    """What an ODE solver moves, how, and the way back: from states (T, ...) to alpha (T,), w2 and b2 (T, m2).

    Raises ValueError for a bad start. Where w2 may not reach 0, its logarithm is followed: a start with a small b2
    drives w2 to 1e-20 and back. A solver asks a thousand times, so one neuron is moved in Python's own floats and many
    in few calls of NumPy.
    """
    law, alpha, rates = checked_law(law), checks.positive("alpha", alpha), checks.rates(rates)
    w2, b2 = (np.atleast_1d(checks.alike(name, x, np.empty(0))) for name, x in (("w2", w2), ("b2", b2)))
    if w2.ndim != 1 or w2.shape != b2.shape:
        raise ValueError(f"w2 and b2 must be numbers or have one shape (m2,); got shapes {w2.shape} and {b2.shape}")
    refuse_second_layer(law, w2, b2)
    refuse_dead(w2, b2)
    with np.errstate(all="ignore"):
        loss = radial_averages(law, np.asarray([alpha]), w2, b2).loss
    if not finite(loss):
        raise ValueError(f"alpha, w2, b2 must leave the loss finite; got {loss[0]} at t = 0")

    m2, growth, eta_2 = w2.size, 4 * rates[0] * C(law.d), rates[1]
    logarithmic = law.second_moment == math.inf and bool(np.all(w2 < 0))
    forces = one_neuron(law) if m2 == 1 else many_neurons(law)

    def velocity_of_one(_, state):
        alpha, w, b = state.tolist()
        if logarithmic:
            w = -math.exp(max(min(w, 700.0), -700.0))
        h0, h1 = forces(alpha * w, b)
        return np.array((growth * alpha * w * h1, eta_2 * alpha * h1 / (w if logarithmic else 1.0), eta_2 * h0))

    def velocity(_, state):
        alpha, w, b = state[0], state[1 : m2 + 1], state[m2 + 1 :]
        if logarithmic:
            w = -np.exp(w)
        h0, h1 = forces(alpha * w, b)
        dw2 = eta_2 * alpha * h1
        return np.concatenate([[growth * alpha * (w @ h1) / m2], dw2 / w if logarithmic else dw2, eta_2 * h0])

    def unpacked(states):
        w2 = states[:, 1 : m2 + 1]
        return states[:, 0], -np.exp(w2) if logarithmic else w2, states[:, m2 + 1 :]

    start = np.concatenate([[alpha], np.log(-w2) if logarithmic else w2, b2])
    return start, velocity_of_one if m2 == 1 else velocity, unpacked


def one_neuron(law: RadialLaw) -> Callable:
    """(E[g 1{active}], E[g r 1{active}]) of f = ReLU(a r + b), as a function of the floats a and b."""
    far = reach(law)
    one, whole = law.moments_at(1.0), law.moments_at(far)  # a > 0 is refused where these have no limit

    def forces(a, b):
        kink = min(max(-b / a, 0.0), far) if a else far * (b > 0)
        m0, m1, m2 = below = law.moments_at(kink)
        i0, i1, i2 = one if kink >= 1 else below
        if a > 0:  # active beyond its kink: everywhere, less up to it
            m0, m1, m2 = whole[0] - m0, whole[1] - m1, whole[2] - m2
            i0, i1, i2 = one[0] - i0, one[1] - i1, one[2] - i2
        return i0 - i1 - b * m0 - a * m1, i1 - i2 - b * m1 - a * m2

    return forces


def many_neurons(law: RadialLaw) -> Callable:
    """The same for f = mean_j ReLU(a_j r + b_j), as a function of a and b, shape (m2,): two rows.

    What `radial_averages` says in one direction, in a third of the calls where every a_j <= 0.
    """
    unit, one, far = np.ones(1), np.array(law.moments_at(1.0))[:, None], reach(law)

    def forces(a, b):
        if a.max() > 0:
            mean = radial_averages(law, unit, a, b, loss=False)
            return mean.h0, mean.h1
        kink = np.maximum(b, 0.0) / np.maximum(-a, 1 / far)
        order = kink.argsort()
        below = law.moments_along(kink.take(order))  # E[r^k; r < kink]
        inner = np.minimum(below, one)
        own = np.array((b, a)).take(order, axis=1) / len(a)
        further = own[:, ::-1].cumsum(axis=1)[:, ::-1] - own
        nearer = (own[0] * below[:2] + own[1] * below[1:]).cumsum(axis=1)  # these end on the way
        found = inner[:2] - inner[1:] - nearer - further[0] * below[:2] - further[1] * below[1:]
        return found.take(order.argsort(), axis=1)

    return forces


def refuse_second_layer(
    law: RadialLaw, w2: Array, b2: Array, *, flow: bool = True, names: tuple[str, str] = ("w2", "b2")
) -> None:
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


def refuse_dead(w2: Array, b2: Array) -> None:
    """Refuse a second layer whose neurons are all dead: the flow would stand still for ever."""
    if not bool(((w2 > 0) | (b2 > 0)).any()):
        raise ValueError(
            "w2, b2 must leave a neuron alive (w2 > 0 or b2 > 0): here every second-layer neuron is dead, f = 0 and "
            f"the gradient is zero; got w2 = {w2!r}, b2 = {b2!r}"
        )
