"""Heun's method for the finite flow: a step, what it is off by, and how long the next may be."""

import math
from functools import lru_cache

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.flow import Stopped, reason
from mfdepth.infinite import refuse_dead, refuse_second_layer
from mfdepth.radius import radial_averages
from mfdepth.rho import rho_of
from mfdepth.sphere import C

NODES, SMOOTH = 8, 3e-3  # slopes at which the second layer is seen; how small the last coefficients must be
MANY = 2000  # directions times neurons, from which on
AT_ONCE = 150_000  # the same for a loss, so that its tables stay within reach
EVALUATIONS = 1_000_000  # of the velocity, at most


class Heun:
    """Steps of Heun's method with error control, on a state (first layer, w2, b2); the first is moved in place."""

    def __init__(self, law, view, rates, tolerance, shortest, save_w1=False):
        self.law, self.view, self.rates, self.tolerance, self.shortest = law, view, rates, tolerance, shortest
        self.evaluations, self.rejected, self.nodes, self.save_w1 = 0, 0, NODES, save_w1
        self.xp, self.euler = view.xp, view.xp.empty_like(view.start)

    def advance(self, state, h):
        """The state after a step, or None if it must be shorter, and the longest step to take next."""
        (w1, w2, b2), (eta_1, eta_2), xp = state, self.rates, self.xp
        self.view.turn(w1)
        moved, dalpha, *speed = self.velocity(w1, w2, b2, h * eta_1 / 2)  # half of the way
        error = _largest(2 * _square(moved) / self.view.squares)  # half the square of the whole way
        euler = w2 + h * eta_2 * speed[0], b2 + h * eta_2 * speed[1]
        if shorter := self.shorter(h, error, *euler):
            return None, shorter
        w1 += moved
        xp.add(w1, moved, out=self.euler)
        self.view.turn(w1, self.euler)
        moved, dalpha_2, *speed_2 = self.velocity(self.euler, *euler, h * eta_1 / 2)
        after = [x + h * eta_2 / 2 * (v + v_2) for x, v, v_2 in zip((w2, b2), speed, speed_2, strict=True)]
        differences = [_share(x - y, x) for x, y in zip(after, euler, strict=True)]
        error = max(error, *(_largest(x) for x in (*differences, xp.abs(dalpha_2 - dalpha) / self.view.alpha)))
        if shorter := self.shorter(h, error, *after):
            w1 *= 2
            w1 -= self.euler  # the start of the step again, in another frame
            return None, shorter
        w1 += moved
        return (w1, *after), h * min(2.0, 0.9 * (self.tolerance / max(error, 1e-300)) ** 0.5)

    def shorter(self, h, error, w2, b2):
        """How long the next step may be where this one, to (w2, b2), cannot be taken; else 0."""
        why = "" if math.isfinite(error) else "the weights are no longer finite"
        why = why or reason(refuse_second_layer, self.law, w2, b2) or reason(refuse_dead, w2, b2)
        large = error > self.tolerance
        if not (why or large):
            return 0.0
        self.rejected += 1
        shorter = h * max(0.2, 0.9 * (self.tolerance / error) ** 0.5) if large else h / 2
        if shorter < self.shortest:
            raise Stopped(why or "no step is short enough")
        return shorter

    def velocity(self, w1, w2, b2, h):
        """h times d w1 (in the view's own array) and d alpha, then d w2 and d b2, at unit rates."""
        if self.evaluations >= EVALUATIONS:
            raise Stopped(f"{EVALUATIONS} evaluations of the velocity were not enough")
        self.evaluations += 1
        F = self.view.slopes(w1)
        pull, h0, h1 = self.averages(F, w2, b2)
        pull = pull * (h / F.shape[-1])
        dalpha = 4 * C(self.law.d) * self.xp.sum(pull * F, axis=-1)
        return self.view.velocity(w1, pull), dalpha, h1, h0

    def averages(self, F, w2, b2):
        """E[g S r] at every slope F, and the means that move b2 and w2; of many neurons through few slopes.

        All that depends on the direction depends on it through F(u), smoothly. So the second layer is seen at Chebyshev
        nodes of the range of F; where the last coefficients of its pull are not small, at twice as many; and at all F
        where that is still not enough, or F is widely spread.
        """
        xp, n = self.xp, F.shape[-1]
        while n * w2.shape[-1] >= MANY and 4 * self.nodes <= n:
            low, high = xp.min(F, axis=-1, keepdims=True), xp.max(F, axis=-1, keepdims=True)
            if bool(xp.any(low < high / 8)):
                break
            middle, half = (low + high) / 2, (high - low) / 2 + 1e-6 * high
            points, degrees, to_coefficients = _chebyshev(self.nodes, xp, F.dtype, api.device(F))
            nodes, T = middle + half * points, xp.cos(xp.acos((F - middle) / half)[..., None] * degrees)
            mean = radial_averages(self.law, nodes, w2, b2, xp.sum(T, axis=-2) / n @ to_coefficients, loss=False)
            coefficients = (mean.pull * nodes) @ xp.matrix_transpose(to_coefficients)  # F pull, as both layers feel it
            last, most = (_largest(xp.abs(c)) for c in (coefficients[..., -2:], coefficients[..., 1:]))
            if last <= SMOOTH * most:
                return (T @ coefficients[..., None])[..., 0] / F, mean.h0, mean.h1
            self.nodes *= 2
        mean = radial_averages(self.law, F, w2, b2, loss=False)
        return mean.pull, mean.h0, mean.h1

    def save(self, state):
        """alpha, w2, b2, the loss and rho, and the weights if they are kept."""
        w1, w2, b2 = state
        self.view.turn(w1)
        self.evaluations += 1
        F, some = self.view.slopes(w1), 1 + AT_ONCE // w2.shape[-1]
        parts = [F[..., i : i + some] for i in range(0, F.shape[-1], some)]
        losses = self.xp.concat([radial_averages(self.law, part, w2, b2).loss for part in parts], axis=-1)
        losses = self.xp.clip(self.xp.mean(losses, axis=-1), 0, None)  # whatever rounding made of a square
        kept = (self.view.turned_back(w1),) if self.save_w1 else ()
        return self.view.alpha, w2, b2, losses, rho_of(self.xp.matrix_transpose(w1)), *kept


@lru_cache
def _chebyshev(n, xp, dtype, device):
    """Chebyshev's points, the degrees below n, and the matrix from values at the points to coefficients."""
    angle, degrees = (np.arange(n) + 0.5) * math.pi / n, np.arange(n)
    found = np.cos(angle), degrees, np.linalg.inv(np.cos(np.outer(angle, degrees)))
    return [xp.asarray(x, dtype=dtype, device=device) for x in found]


def _share(change, x):
    """The norm of a change over that of x, for each run of a batch; 0 where there is neither."""
    xp = checks.library(x)
    return xp.sqrt(xp.sum(change * change, axis=-1) / (xp.sum(x * x, axis=-1) + xp.finfo(x.dtype).tiny))


def _square(x):
    """The sum of the squares of a layer, for each run of a batch."""
    flat = checks.library(x).reshape(x, (*x.shape[:-2], 1, -1))
    return (flat @ checks.library(x).matrix_transpose(flat))[..., 0, 0]


def _largest(x):
    return float(checks.library(x).max(x))
