"""The exact law of the discretization error, at any width: theorem C of "Why errors do not compound" (ours).

In the direction u the loss is l(F(u)), F = alpha (1 + e), and rho = E_u e^2. Let nu be the law of the directions
v_k = w_k/|w_k|, each with weight |w_k|^2, and x^(v) = E_u[x(u) ReLU(v.u)]. Then the flow moves e by

    e' = -(eta_1/C_d) N l'(F),   <x, N y> = E_nu[4 (x^ - E_nu x^)(y^ - E_nu y^) + grad x^ . grad y^].

N knows the first layer alone. It is symmetric, positive semidefinite, and N 1 = 0: what all directions ask alike, the
change of alpha that fits the target, does not move e. Nothing is expanded and nothing is small.

Means over the sphere of what holds a loss are means over `directions`, as in `velocity`; all else is in closed form.
"""

import math
from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rates
from mfdepth.finite import checked_learner
from mfdepth.laws import RadialLaw
from mfdepth.networks import checked_first_layer, first_layer
from mfdepth.radius import radial_averages
from mfdepth.rho import direction_law, discretization_error, first_layer_alpha, stability
from mfdepth.sphere import C, both_active, kernel

NEAR = 1e-3  # relative distance from alpha within which a second difference of l' is lost in rounding


def relative_error(w1: Array, directions: Array) -> Array:
    """The relative error of the first layer in each direction: e(u) = F(u)/alpha - 1, of mean zero and mean square rho.

    w1: (..., m1, d). directions: (n, d), unit rows. Returns shape (..., n). Raises ValueError for bad arguments.

    >>> import numpy as np
    >>> relative_error(np.eye(2), np.eye(2)).round(4).tolist()  # F = 1/2, alpha = 1/pi
    [0.5708, 0.5708]

    See: the chapter "Why errors do not compound".
    """
    w1, directions = _checked(w1, directions)
    xp = api.array_namespace(w1)
    w1 = w1 / xp.max(xp.abs(w1), axis=(-2, -1), keepdims=True)  # whose squares neither overflow nor vanish
    return first_layer(w1, directions) / first_layer_alpha(w1)[..., None] - 1


def apply_operator(w1: Array, x: Array, directions: Array) -> Array:
    """N x, for a function x on the sphere that is given by its values on `directions`, and on the same directions.

    (N x)(u) = 4 Cov_nu(ReLU(v.u), x^(v)) + E_nu[grad_v ReLU(v.u) . grad x^(v)],   x^ a mean over `directions`.

    N 1 = 0 holds as well as the directions average ReLU(v.u), the same for all v on the whole sphere.

    w1: (..., m1, d). x: (..., n). directions: (n, d), unit rows. Returns shape (..., n). Raises ValueError for bad
    arguments.

    >>> import numpy as np
    >>> angle = 2 * np.pi * (np.arange(4000) + 0.5) / 4000
    >>> u = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    >>> w1 = np.array([[1.0, 0.2], [0.3, -2.0]])
    >>> bool(np.all(abs(apply_operator(w1, np.ones(4000), u)) < 1e-3))
    True

    See: the chapter "Why errors do not compound".
    """
    w1, directions = _checked(w1, directions)
    x = checks.finite_array("x", x, ndim=1)
    if x.shape[-1] != directions.shape[0]:
        raise ValueError(f"x must have shape (..., n), n = {directions.shape[0]} directions; got {tuple(x.shape)}")
    return _apply(*direction_law(w1), x, directions)


def error_velocity(
    law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, rates: Rates = (1.0, 1.0)
) -> Array:
    """de/dt in each direction along the gradient flow: e' = -(eta_1/C_d) N l'(F), exactly that of `velocity`.

    law, w1, w2, b2, directions: as for `velocity`. rates: (eta_1, eta_2). Returns shape (..., n). Raises ValueError as
    `velocity` does.

    >>> import mfdepth as mf, numpy as np
    >>> w1, u = mf.init_first_layer(10, 64, 1.0, 0), mf.orthogonal_directions(400, 10, 1)
    >>> moved = error_velocity(mf.BesselLaw(10), w1, np.array([-0.1]), np.array([0.5]), u)
    >>> moved.shape, round(float(2 * np.mean(relative_error(w1, u) * moved) / mf.discretization_error(w1)), 3)
    ((400,), -0.004)

    See: the chapter "Why errors do not compound".
    """
    eta_1, _ = checks.rates(rates)
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=True)
    pull = radial_averages(law, first_layer(w1, directions), w2, b2).pull  # -l'(F)
    return eta_1 / C(law.d) * _apply(*direction_law(w1), pull, directions)


def rho_velocity(
    law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, rates: Rates = (1.0, 1.0)
) -> Array:
    """d rho/dt along the gradient flow, by the exact law of the error (theorem C, ours).

    rho' = -(2 eta_1/C_d) E_u[(N e)(u) l'(F(u))],   F = alpha (1 + e),

    for any first and second layer. N e is in closed form; only the outer mean is one over `directions`, that of
    `velocity`. So this is the derivative of `discretization_error` along `velocity`, to rounding. The second layer's
    motion does not enter.

    law, w1, w2, b2, directions: as for `velocity`. rates: (eta_1, eta_2). Returns shape (...). Raises ValueError as
    `velocity` does.

    >>> import mfdepth as mf, numpy as np
    >>> law, u = mf.BesselLaw(10), mf.orthogonal_directions(400, 10, 1)
    >>> w1 = mf.init_first_layer(10, 64, 1.0, 0)
    >>> for w2, b2 in ((-0.1, 0.5), (-0.5, 0.2)):  # the kink beyond the target's support, and inside
    ...     print(f"{float(mf.rho_velocity(law, w1, np.array([w2]), np.array([b2]), u)):.1e}")
    -1.8e-04
    1.7e-03

    See: the chapter "Why errors do not compound".
    """
    eta_1, _ = checks.rates(rates)
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=True)
    share, unit = direction_law(w1)
    xp = api.array_namespace(w1)
    pull = radial_averages(law, first_layer(w1, directions), w2, b2).pull
    moved = _spread(share, unit, *_seen(share, unit), directions)
    return 2 * eta_1 / C(law.d) * xp.mean(moved * pull, axis=-1)


def contraction(w1: Array) -> Array:
    """<e, N e>, in closed form: how strongly a bent loss pulls the error back.

    Where l is quadratic over the range of F, l'' = K, rho' = -(2 eta_1 alpha K/C_d) <e, N e> at any width, however
    large the error: K >= 0 can only shrink rho. Always 0 <= <e, N e> <= 4 (1/(2 d) - C_d^2) rho (ours).

    w1: (..., m1, d). Returns shape (...). Raises ValueError as `discretization_error` does.

    >>> import mfdepth as mf
    >>> w1 = mf.init_first_layer(10, 64, 1.0, 0)
    >>> most = 4 * (1 / 20 - mf.relu_mean(10) ** 2) * mf.discretization_error(w1)
    >>> round(float(contraction(w1) / most), 2)
    0.21

    See: the chapter "Why errors do not compound".
    """
    share, unit = direction_law(checked_first_layer(w1))
    xp = api.array_namespace(share)
    seen, gradient = _seen(share, unit)
    off = seen - xp.sum(share * seen, axis=-1, keepdims=True)
    return xp.sum(share * (4 * off**2 + xp.sum(gradient**2, axis=-1)), axis=-1)


@dataclass(frozen=True, eq=False)
class FirstOrder:
    """What the curvature at alpha says of rho', and how far the truth may be from it: |rho' - velocity| <= remainder.

    velocity: -(2 eta_1 alpha K/C_d) <e, N e>. stability: K. bending: Lambda. All of shape (...).

    See: the chapter "Why errors do not compound".
    """

    velocity: Any
    remainder: Any
    stability: Any
    bending: Any


def first_order(
    law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, rates: Rates = (1.0, 1.0)
) -> FirstOrder:
    """rho' by the curvature K = l''(alpha) alone, with a bound on what that leaves out (proposition C3, ours).

    remainder = (5/2) sqrt(1/(2 d C_d^2) - 1) eta_1 Lambda alpha^2 rho^(3/2), where Lambda is the least number with
    |l'(a) - l'(alpha) - K (a - alpha)| <= 1/2 Lambda (a - alpha)^2 on the range of F, here its values on `directions`.

    With the kink beyond 1 Lambda is moderate in every dimension; with the kink inside it grows with d, and K > 0 says
    little.

    Arguments as for `rho_velocity`. Returns a `FirstOrder`. Raises ValueError as it does.

    >>> import mfdepth as mf, numpy as np
    >>> law, u = mf.BesselLaw(100), mf.orthogonal_directions(2000, 100, 0)
    >>> w1 = mf.init_first_layer(100, 256, 1.0, np.random.default_rng(4))
    >>> found = first_order(law, w1, np.array([-0.5]), np.array([0.2]), u)
    >>> bool(found.stability > 0), bool(found.velocity < 0), bool(found.remainder > -found.velocity)
    (True, True, True)

    See: the chapter "Why errors do not compound".
    """
    eta_1, _ = checks.rates(rates)
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=True)
    xp, c = api.array_namespace(w1), C(law.d)
    alpha, rho = first_layer_alpha(w1), discretization_error(w1)
    K = stability(law, alpha, w2, b2)
    F = xp.concat([first_layer(w1, directions), alpha[..., None]], axis=-1)
    slope = -radial_averages(law, F, w2, b2).pull
    off = F[..., :-1] / alpha[..., None] - 1
    bent = xp.abs(slope[..., :-1] - slope[..., -1:] - (K * alpha)[..., None] * off)
    bent = xp.max(2 * bent / xp.where(xp.abs(off) > NEAR, off, math.inf) ** 2, axis=-1)  # alpha^2 Lambda
    constant = 2.5 * math.sqrt(1 / (2 * law.d * c**2) - 1)
    velocity = -2 * eta_1 * alpha * K / c * contraction(w1)
    with np.errstate(over="ignore"):  # beyond the range of floats it is infinite
        return FirstOrder(velocity, constant * eta_1 * bent * rho**1.5, K, bent / alpha / alpha)


def _checked(w1, directions):
    w1 = checked_first_layer(w1)
    return w1, checks.unit_rows("directions", directions, w1.shape[-1])


def _apply(share, unit, x, directions):
    """N x, with x^ and its gradient on the sphere as means over the directions."""
    xp = api.array_namespace(share)
    positive = directions @ xp.matrix_transpose(unit)
    active = xp.astype(positive > 0, unit.dtype)
    weight = active * x[..., None] / x.shape[-1]
    seen = xp.sum(positive * weight, axis=-2)
    gradient = xp.matrix_transpose(weight) @ directions - seen[..., None] * unit
    return _spread(share, unit, seen, gradient, directions)


def _spread(share, unit, seen, gradient, directions):
    """N x on the directions, from x^ (..., m1) and its gradient (..., m1, d)."""
    xp = api.array_namespace(share)
    positive = directions @ xp.matrix_transpose(unit)
    active = xp.astype(positive > 0, unit.dtype)
    lengths = 4 * (seen - xp.sum(share * seen, axis=-1, keepdims=True))
    turning = directions @ xp.matrix_transpose(gradient)
    return ((active * (positive * lengths[..., None, :] + turning)) @ share[..., None])[..., 0]


def _seen(share, unit):
    """e^, up to a constant, and its gradient in closed form: e = E_nu ReLU(v.u)/C_d - 1, and ReLUs have a kernel."""
    xp, d = api.array_namespace(share), unit.shape[-1]
    cosine = unit @ xp.matrix_transpose(unit)
    toward = both_active(cosine) * share[..., None, :] / d  # the kernel's derivative in the cosine
    gradient = toward @ unit - xp.sum(toward * cosine, axis=-1, keepdims=True) * unit
    return (kernel(cosine, d) @ share[..., None])[..., 0] / C(d), gradient / C(d)
