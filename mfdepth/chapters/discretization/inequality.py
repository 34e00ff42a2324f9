"""The Lyapunov inequality at finite width: what a first layer that is not quite round adds to it."""

import math

import array_api_compat as api

from mfdepth.checks import Array
from mfdepth.finite import checked_learner
from mfdepth.laws import RadialLaw
from mfdepth.networks import first_layer
from mfdepth.radius import radial_averages
from mfdepth.rho import first_layer_alpha


def lyapunov_inequality(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array) -> tuple:
    """Both sides of V' <= -2 L + E_u[e u_1(F)] + E_u k(R), exact at any width of the first layer (ours).

    In the direction u: F = mean_k |w_k| ReLU(w_k.u), e = F/alpha - 1, the kink R = b2/(|w2| F), u_1 = E[g r; r < R] and
    k(R) = E[(1 - r)^2; R < r < 1], which is 0 for R >= 1. V is the Lyapunov function of `mf.convergence` at
    s = |w2| alpha, b = b2; V' is its derivative along the finite-width flow. The inequality needs F > 0 for almost
    every u (neurons in pairs w, -w, or enough of them: under a law with E|x| = inf u_1 is infinite where F = 0).
    It integrates to L(T) <= V(0)/(2 T) + 1/2 sup_t (E_u[e u_1] + E_u k).

    law: a radial law. w1: (m1, d). w2, b2: shape (1,), w2 < 0 < b2. directions: (n, d), unit rows, over which u is
    averaged: the inequality holds for any such average. Neither side depends on the rates, for V knows them.
    Returns (left, right), two floats. Raises ValueError for other shapes or signs.

    >>> import mfdepth as mf, numpy as np
    >>> w = mf.init_first_layer(10, 32, 1.0, np.random.default_rng(0))
    >>> u = mf.orthogonal_directions(2000, 10, np.random.default_rng(1))
    >>> left, right = lyapunov_inequality(mf.BesselLaw(10), np.concatenate([w, -w]), [-0.5], [0.7], u)
    >>> print(f"V' = {left:.4f}, at most {right:.4f}")
    V' = -0.0140, at most -0.0132

    See: the chapter "Why errors do not compound".
    """
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=True)
    if w1.ndim != 2 or w2.shape != (1,):
        raise ValueError(f"w1 and w2 must have shapes (m1, d) and (1,); got {tuple(w1.shape)} and {tuple(w2.shape)}")
    w, b = float(w2[0]), float(b2[0])
    if not w < 0 < b:
        raise ValueError(f"w2, b2 must have w2 < 0 < b2; got w2 = {w!r}, b2 = {b!r}")
    xp, F, alpha = api.array_namespace(w1), first_layer(w1, directions), float(first_layer_alpha(w1))
    means = radial_averages(law, F, w2, b2)
    s, loss, e = -w * alpha, float(xp.mean(means.loss)), F / alpha - 1
    over_slope = float(means.h1[0]) / alpha  # E_u[F u_1]/alpha, by which w2' and alpha' move s
    left = -(1 - b) * float(means.h0[0]) + (1 - s) * over_slope
    R = xp.where(F > 0, b / (-w * xp.where(F > 0, F, xp.ones_like(F))), xp.full_like(F, math.inf))
    whole = law.moments(xp.ones_like(R), (0, 1, 2))
    k0, k1, k2 = (one - xp.minimum(m, one) for m, one in zip(law.moments(R, (0, 1, 2)), whole, strict=True))
    right = -2 * loss + float(xp.mean(e * means.pull / w)) + float(xp.mean(k0 - 2 * k1 + k2))
    return left, right
