"""The discretization error rho: in closed form from the weights, harmonic by harmonic, and how it moves.

Around the symmetric trajectory the loss is l(alpha) + 1/2 l''(alpha) alpha^2 rho to second order, l(alpha) the
infinite-width loss (ours): its curvature K = l'' decides whether the error is pulled back.
"""

import math

import array_api_compat as api
import numpy as np

from mfdepth import checks, flow
from mfdepth.checks import Array, Rates
from mfdepth.infinite import packed, refuse_second_layer
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.networks import checked_first_layer
from mfdepth.radius import FAR, hinges, pieces
from mfdepth.sphere import C, gegenbauer, kernel, relu_energies, tangent_eigenvalues
from mfdepth.starts import expected_harmonics, expected_rho

NODES, AT_ONCE = 9, 4_000_000  # of Gauss's rule on a step of the solver; pairs of weights at a time
BLOCK = 16_384  # pairs of neurons of the first layer at a time


def first_layer_alpha(w1: Array) -> Array:
    """The number the infinite-width theory keeps: alpha = C_d * mean |w|^2, for w1 of shape (..., m1, d).

    It is the mean of F over the unit sphere whatever the neurons are (the talk's symmetrization, F~ = alpha |x|).

    >>> import numpy as np
    >>> round(float(first_layer_alpha(np.eye(3))), 12)
    0.25

    See: the chapter "The infinite-width dynamics".
    """
    return alpha_of(checked_first_layer(w1))


def alpha_of(w1: Array) -> Array:
    """`first_layer_alpha`, unchecked."""
    xp = api.array_namespace(w1)
    return C(w1.shape[-1]) * xp.mean(xp.sum(w1 * w1, axis=-1), axis=-1)


def discretization_error(w1: Array) -> Array:
    """How far m1 neurons are from symmetry: rho = E_u (F - F~)^2 / F~^2 over the unit sphere, in closed form.

    rho = n'K n / (C_d^2 (sum n)^2) - 1 with n_k = |w_k|^2 and K the ReLU kernel of the directions (ours). It does not
    change when all weights are rescaled or rotated. Its mean over random starts is `expected_rho`.

    w1: (..., m1, d). Returns shape (...). Raises ValueError for neurons that are empty, all zero or not finite.

    >>> import mfdepth as mf, numpy as np
    >>> round(float(mf.discretization_error(np.array([[1.0, 0.0], [-1.0, 0.0]]))), 4)  # F = |x_1|/2: pi^2/8 - 1
    0.2337

    See: the chapter "The infinite-width dynamics".
    """
    return rho_of(checked_first_layer(w1))


def rho_of(w1: Array) -> Array:
    """`discretization_error`, unchecked."""
    xp, (m1, d) = api.array_namespace(w1), w1.shape[-2:]
    share, unit = direction_law(w1)
    square, rows, total = C(d) ** 2, -(-BLOCK // m1), 0.0
    for i in range(0, m1, rows):  # some neurons at a time, which keeps arrays in the cache, against those from them on
        own, twice = share[..., None, i : i + rows], 2 * share[..., i + rows :]
        excess = kernel(unit[..., i : i + rows, :] @ xp.matrix_transpose(unit[..., i:, :]), d) - square
        total = total + (own @ excess @ xp.concat([own[..., 0, :], twice], axis=-1)[..., None])[..., 0, 0]
    return _not_negative(total / square)


def harmonic_errors(w1: Array, degree: int) -> Array:
    """Split rho over the harmonics of the direction: the parts of degree 1 .. `degree`, closed form.

    rho_l = N(d, l) (lambda_l/lambda_0)^2 n'P_l(cosines) n / (sum n)^2,   n_k = |w_k|^2   (ours, by Funk-Hecke).
    They sum to `discretization_error` over all degrees; odd degrees from 3 on are zero. For uniform directions and
    equal norms the mean of rho_l is N(d, l) (lambda_l/lambda_0)^2 / m1.

    w1: (..., m1, d). degree: at least 1. Returns shape (..., degree). Raises ValueError as `discretization_error` does.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> bool(np.isclose(np.sum(mf.harmonic_errors(w1, 60)), mf.discretization_error(w1), rtol=1e-4))
    True

    See: the chapter "Why errors do not compound".
    """
    return harmonics_of(checked_first_layer(w1), checks.whole("degree", degree, 1))


def harmonics_of(w1: Array, degree: int) -> Array:
    """`harmonic_errors`, unchecked."""
    xp, d = api.array_namespace(w1), w1.shape[-1]
    share, unit = direction_law(w1)
    cosines = xp.clip(unit @ xp.matrix_transpose(unit), -1, 1)
    weights = (relu_energies(d, degree) / C(d) ** 2).tolist()
    parts = [weight * _form(share, p) for weight, p in zip(weights, gegenbauer(cosines, d, degree), strict=True)]
    return _not_negative(xp.stack(parts[1:], axis=-1))


def direction_law(w1: Array) -> Array:
    """The law nu of the first layer's directions: shares of sum |w|^2 (..., m1), unit rows (..., m1, d), unchecked.

    Both know nothing of the scale of w1; a neuron at 0 has no share.
    """
    xp = api.array_namespace(w1)
    w = w1 / xp.max(xp.abs(w1), axis=(-2, -1), keepdims=True)  # whose squares neither overflow nor vanish
    n = xp.sum(w * w, axis=-1)
    unit = w / xp.sqrt(xp.where(n > 0, n, xp.ones_like(n)))[..., None]
    return n / xp.sum(n, axis=-1, keepdims=True), unit


def _form(share, matrix):
    """share' matrix share."""
    return (share[..., None, :] @ matrix @ share[..., None])[..., 0, 0]


def _not_negative(x):
    """A square that rounding may have taken below zero."""
    return api.array_namespace(x).clip(x, 0, None)


def stability(law: RadialLaw, alpha: Array, w2: Array, b2: Array) -> Array:
    """The curvature K of the infinite-width loss in alpha: to first order the discretization error decays where K > 0.

    K = E[S^2 r^2] - 1/alpha mean_j |w2_j| R_j^2 p(R_j) g(R_j),   S = mean_j w2_j 1{neuron j active},   g = f* - f

    over the neurons with a kink R_j = -b2_j/(w2_j alpha) > 0. For one neuron w2 < 0 < b2 it reads
    K = w2^2 E[r^2; r <= R] + w2 R^2 p(R) ReLU(1 - R)/alpha: positive when R >= 1; a kink inside the target's support
    can make it negative, and then rho grows (ours; the talk's claim needs this condition). At finite width K > 0 alone
    does not stop rho: what l does over the range of F counts, not at alpha alone; `rho_velocity` is exact.

    law: a radial law. alpha: positive, of any shape (...). w2, b2: the same shape for one neuron, or (..., m2), like
    the fields of a `Trajectory`. Returns shape (...). Raises ValueError for bad shapes and values.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> bool(mf.stability(law, 1.0, -0.1, 0.5) > 0), bool(mf.stability(law, 1.0, -0.5, 0.2) > 0)
    (True, False)

    See: the chapter "Why errors do not compound".
    """
    law = checked_law(law)
    like = next((x for x in (alpha, w2, b2) if api.is_torch_array(x)), checks.array("alpha", alpha))
    alpha, w2, b2 = (checks.alike(name, x, like) for name, x in (("alpha", alpha), ("w2", w2), ("b2", b2)))
    if tuple(w2.shape) == tuple(alpha.shape) == tuple(b2.shape):
        w2, b2 = w2[..., None], b2[..., None]
    if w2.shape != b2.shape or tuple(w2.shape[:-1]) != tuple(alpha.shape):
        shapes = tuple(alpha.shape), tuple(w2.shape), tuple(b2.shape)
        raise ValueError(f"w2, b2 must have alpha's shape, or one dimension (m2) more; got alpha, w2, b2 {shapes}")
    checks.within("alpha", alpha, math.ulp(0.0), math.inf, "positive")
    refuse_second_layer(law, w2, b2, flow=False)
    xp = api.array_namespace(alpha, w2, b2)
    (f,), inner = pieces(law, (hinges(alpha[..., None], w2, b2),))
    bend = xp.stack([xp.zeros_like(f[1]), f[1]])  # alpha S r
    R = -b2 / (xp.where(w2 == 0, xp.ones_like(w2), w2) * alpha[..., None])
    inside = (R > 0) & (R < FAR)
    R = xp.where(inside, R, xp.ones_like(R))
    f_at = xp.mean(xp.clip((w2 * alpha[..., None])[..., None, :] * R[..., None] + b2[..., None, :], 0, None), axis=-1)
    gap = xp.clip(1 - R, 0, None) - f_at
    kinks = xp.where(inside, xp.abs(w2) * R**2 * _density(law, R, gap) * gap, xp.zeros_like(R))
    return (inner(bend, bend)[..., 0] / alpha**2 - xp.mean(kinks, axis=-1) / alpha)[()]


def _density(law, R, gap):
    """p(R), and 0 where a law has all its mass on a kink but f = f* there; ValueError where f is not."""
    xp = api.array_namespace(R)
    p = law.pdf(R)
    if law.has_density:
        return p
    on = p > 0
    if bool(xp.any(on & (xp.abs(gap) > 64 * xp.finfo(R.dtype).eps))):
        worst = float(xp.max(xp.where(on, xp.abs(gap), xp.zeros_like(gap))))
        raise ValueError(
            f"w2, b2 must not put a kink at the radius of {law} unless f = f* there: the loss has a corner in alpha, "
            f"and its curvature is infinite; got |f* - f| = {worst:.3g}"
        )
    return xp.zeros_like(p)


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
    path = flow.solve(velocity, start, t, tolerance=tolerance, between=True)
    flow.whole(path, t)

    def rate(times):
        states = unpacked(path.between(times).T)
        if not law.has_density:
            _refuse_crossing(law, unpacked(start[None]), states)
        return rates[0] * states[0] / C(law.d) * stability(law, *states)

    integral = np.zeros(len(t)) if path.between is None else _integral(rate, path.between.ts, t, len(start))
    return np.exp(-2 * integral[:, None] * tangent_eigenvalues(law.d, degree)[1:])


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
    return _not_negative(total - xp.sum(parts * loss, axis=-1))
