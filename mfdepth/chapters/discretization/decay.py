"""How rho shrinks, to first order: each harmonic at its own rate, all driven by the curvature K of the loss (ours)."""

import array_api_compat as api
import numpy as np

from mfdepth import checks, flow
from mfdepth.chapters.discretization.harmonics import expected_harmonics, expected_rho, harmonics_of
from mfdepth.checks import Array, Rates
from mfdepth.infinite import packed
from mfdepth.laws import RadialLaw
from mfdepth.networks import checked_first_layer
from mfdepth.rho import rho_of, stability
from mfdepth.sphere import C, tangent_eigenvalues

NODES, AT_ONCE = 9, 4_000_000  # of Gauss's rule on a step of the solver; pairs of weights at a time


def harmonic_decay(
    law: RadialLaw,
    alpha: float,
    w2: Array,
    b2: Array,
    t: Array,
    rates: Rates = (1.0, 1.0),
    *,
    degree: int = 30,
    tolerance: float = 1e-10,
) -> np.ndarray:
    """The factor by which each harmonic's part of rho has shrunk at the times t, to first order.

    Around the symmetric trajectory (ours: the talk's "Taylor expand, look at the first-order terms", carried out)

        rho_l(t) = rho_l(0) exp(-2 int_0^t gamma_l),   gamma_l = eta_1 (4 + l (l + d - 2)) lambda_l^2 (alpha/C_d) K,

    with K the `stability` along the infinite-width flow from (alpha, w2, b2). The 4 is the growth of lengths, l (l+d-2)
    the turning of directions.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. degree: at least 1. tolerance: relative, of the integrator.
    Returns shape (T, degree), NumPy, for degrees 1 .. `degree`. Raises ValueError as `infinite_width` does, and
    RuntimeError where the flow does not reach the last of the times.

    >>> import mfdepth as mf
    >>> decay = mf.harmonic_decay(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 100], degree=4)
    >>> [float(x) for x in decay[0]], [round(float(x), 2) for x in decay[1]]
    ([1.0, 1.0, 1.0, 1.0], [0.0, 0.57, 1.0, 0.99])

    See: the chapter "Why errors do not compound".
    """
    start, velocity, unpacked = packed(law, alpha, w2, b2, rates)
    t, rates = checks.times("t", t), checks.rates(rates)
    degree, tolerance = checks.whole("degree", degree, 1), checks.positive("tolerance", tolerance)
    speeds = tangent_eigenvalues(law.d, degree)[1:]
    path = flow.solve(velocity, start, t, tolerance=tolerance, between=True)
    flow.whole(path, t)

    def rate(times):
        states = unpacked(path.between(times).T)
        if not law.has_density:
            _refuse_crossing(law, unpacked(start[None]), states)
        return rates[0] * states[0] / C(law.d) * stability(law, *states)

    integral = np.zeros(len(t)) if path.between is None else _integral(rate, path.between.ts, t, len(start))
    return np.exp(-2 * integral[:, None] * speeds)


def _integral(f, steps, t, size):
    """The integrals of f from 0 to the times t, by Gauss's rule on each step of the solver; f takes times (n,)."""
    ends = np.union1d(steps, t)  # f is asked for some at once, as K takes memory by the square of the size of a state
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(ends)[:, None] / 2
    times = (ends[:-1, None] + half * (1 + nodes)).ravel()
    values = np.concatenate([f(some) for some in np.array_split(times, 1 + times.size * size**2 // AT_ONCE)])
    pieces = (values.reshape(-1, NODES) @ weights) * half[:, 0]
    return np.concatenate([[0.0], np.cumsum(pieces)])[np.searchsorted(ends, t)]


def _refuse_crossing(law, start, states):
    """Refuse a flow that takes a kink through all the mass of a law: K is infinite there."""

    def reached(state, side):  # by the mass of the law, a little before or behind each kink
        alpha, w2, b2 = state
        kink = -b2 / (np.where(w2 == 0, np.inf, w2) * alpha[:, None])
        return law.cdf(np.maximum(kink, 0) * (1 + side))

    before, now = ([reached(x, side) for side in (-1e-6, 1e-6)] for x in (start, states))
    if np.any((before[1] < now[0]) | (now[1] < before[0])):
        raise ValueError(f"w2, b2 must not take a kink through the radius of {law}: the curvature K is infinite there")


def predict_rho(
    law: RadialLaw, alpha: float, w2: Array, b2: Array, m1: int, t: Array, rates: Rates = (1.0, 1.0), *,
    w1: Array | None = None, directions: str = "independent", lengths: str = "equal", degree: int = 30,
    tolerance: float = 1e-10,
) -> Array:  # fmt: skip
    """The discretization error at the times t, predicted to first order with no free parameter.

    E rho_t = sum_{l >= 1} E rho_l(0) exp(-2 int_0^t gamma_l)   (ours)

    with gamma_l of `harmonic_decay`. For independent directions E rho_l(0) is N(d, l) (lambda_l/lambda_0)^2 times
    E[sum n^2/(sum n)^2], n = |w|^2. Degrees beyond `degree` hardly move; their sum comes from the closed form of the
    total, `expected_rho`, so that t = 0 is exact. The remainder is of relative order 1/m1 and grows with time.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. m1: neurons of the first layer.
    directions, lengths: how they are drawn, as for `init_first_layer`, but of one length unless told "gaussian".
    w1: a first layer (..., m1, d) whose own harmonics at the start replace their mean; how layers are drawn is then not
    used. Give it to predict one run: rho itself scatters by tens of percent between seeds.
    Returns shape (T,), or (T, ...) of the kind of w1. Raises ValueError as `infinite_width` does.

    >>> import mfdepth as mf
    >>> [round(512 * float(x), 4) for x in mf.predict_rho(mf.BesselLaw(10), 1.0, -0.1, 0.5, 512, [0, 100])]
    [1.9886, 0.311]

    See: the chapter "Why errors do not compound".
    """
    degree = checks.whole("degree", degree, 1)
    total = expected_rho(law.d, m1, directions, lengths)
    if w1 is None:
        parts = expected_harmonics(law.d, m1, directions, lengths, degree)
    else:
        w1 = checked_first_layer(w1)
        parts, total = harmonics_of(w1, degree), rho_of(w1)
        if tuple(w1.shape[-2:]) != (m1, law.d):
            raise ValueError(f"w1 must have shape (..., m1, d) = (..., {m1}, {law.d}); got shape {tuple(w1.shape)}")
    return remaining(total, parts, harmonic_decay(law, alpha, w2, b2, t, rates, degree=degree, tolerance=tolerance))


def remaining(total: Array, parts: Array, decay: Array) -> Array:
    """What is left of rho, total (...) with parts (..., degree), once they have shrunk by decay (T, degree): (T, ...).

    >>> remaining(3.0, np.array([1.0, 1.5]), np.array([[1.0, 1.0], [0.0, 0.5]]))
    array([3.  , 1.25])
    """
    xp = api.array_namespace(parts)
    loss = xp.asarray(1 - decay, dtype=parts.dtype, device=api.device(parts))
    loss = xp.reshape(loss, (loss.shape[0],) + (1,) * (parts.ndim - 1) + (loss.shape[1],))
    return xp.clip(total - xp.sum(parts * loss, axis=-1), 0, None)
