"""What two layers can do within a norm budget: the least loss of any two-layer ReLU network, with its certificate.

Averaging a network over rotations keeps sum |a_k||w_k| and, by Jensen, does not raise the loss under a spherically
symmetric law. The average of a neuron is a profile h_b(|x|) of one number, its offset b. So the least loss is a convex
problem over signed measures on b, and a bound for every width. As h_{-b} = h_b + b and a constant is free, b >= 0.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq, nnls

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.sphere import C, cap, profile_bend

PANELS = 600  # of the radius, and cells of the offset, where most of the mass is; twice as many move the loss by 1e-6
RATIO = 1.03  # of successive panels further out, where profiles are smooth in log r
TAIL = 1e-6  # mass beyond the last offset where the radius is not cut
BUDGETS = 1e-100, 1e100  # whose squares, times the penalty, stay far from the ends of floats
PENALTY = 1e7  # holds the budget in the least squares; the relative excess, 1e-7, is scaled away
ROUNDS = 30  # of the exchange; a handful is the rule


@dataclass(frozen=True, eq=False)
class ShallowBound:
    """The least loss of two layers within a norm budget, and the proof of it.

    loss: half-MSE of the best network found. bound: no network within the budget does better (the dual value).
    gap: (loss - bound)/loss. offsets, weights: the network's b >= 0 and its signed measure, sum |weights| <= budget.
    constant: c. slope: -d loss/d budget, from the dual. status: a sentence. See: the chapter "What can two layers do?".
    """

    budget: float
    loss: float
    bound: float
    gap: float
    offsets: Any
    weights: Any
    constant: float
    slope: float
    status: str


def shallow_lower_bound(
    law: RadialLaw, norm_budget: float, *, r_max: float | None = 3.0, tolerance: float = 1e-3
) -> ShallowBound:
    """The least loss of any two-layer ReLU network whose norm is within a budget, whatever its width.

    Over f(x) = sum_k a_k ReLU(w_k.x - b_k) + c with sum |a_k||w_k| <= B, biases and c free of charge (ours: rotation
    average, then a convex problem),

        min 1/2 E (f* - c - sum_b beta_b h_b(|x|))^2,   sum |beta_b| <= B.

    For the residual g of any candidate, with E g = 0 and M = max_b |E g h_b|, weak duality gives the certificate
    loss >= (E g f* - B M)_+^2 / (2 E g^2). M is over all b, by cubic Hermite interpolation between 600 cells; the
    radius is a quadrature that keeps the law's moments of orders 0 to 2 on each of them. Twice as many change nothing
    above 1e-5 of the loss.

    law: a radial law. norm_budget: B, 1e-100 to 1e100. r_max: the law is conditioned on |x| <= r_max; None keeps it
    whole. There, under a law without second moment, the loss is finite only where linear growth cancels: sum beta_b = 0
    is held (h_b - C_d r tends to -b/2), and M is half the range of E g (h_b - C_d r).
    tolerance: the relative gap at which to stop. Returns a `ShallowBound`; `status` says if rounding left a larger gap.
    Raises ValueError for a budget, radius or tolerance out of range, and a law without mass below r_max or dimension.

    >>> import mfdepth as mf
    >>> found = mf.shallow_lower_bound(mf.BesselLaw(10), 10.0)
    >>> round(found.loss, 5), found.gap < 1e-3
    (0.00268, True)

    See: the chapter "What can two layers do?".
    """
    budget = checks.number("norm_budget", norm_budget, *BUDGETS)
    r_max = math.inf if r_max is None else checks.positive("r_max", r_max)
    tolerance = checks.positive("tolerance", tolerance)
    return _Problem(law, r_max).solve(budget, tolerance)


def norm_needed(law: RadialLaw, error: float, *, r_max: float | None = 3.0, tolerance: float = 1e-3) -> float:
    """The least norm budget with which two layers can reach a half-MSE: the inverse of `shallow_lower_bound`.

    The least loss falls with the budget, so this is a root. Three layers need 1/C_d in the same count (ours:
    F = |x| costs 1/C_d, and the second layer 1).

    error: half-MSE, positive and less than that of a constant; ValueError otherwise. r_max, tolerance: as there.
    Returns a float, to a relative 1e-4.

    >>> import mfdepth as mf
    >>> round(mf.norm_needed(mf.BesselLaw(10), 1e-3), 1)
    13.9

    See: the chapter "What can two layers do?".
    """
    error = checks.positive("error", error)
    r_max = math.inf if r_max is None else checks.positive("r_max", r_max)
    problem = _Problem(law, r_max)
    if error >= problem.constant_loss:
        raise ValueError(f"error must be below {problem.constant_loss:.4g}, the loss of a constant; got {error!r}")

    def excess(log_budget):
        return math.log(problem.solve(math.exp(log_budget), checks.positive("tolerance", tolerance)).loss / error)

    high = 0.0
    while excess(high) > 0:
        high += 1.0
        if high > 16:
            raise ValueError(f"error must be within reach of a budget of {math.exp(16):.2g}; got {error!r}")
    low = min(high - 1.0, -1.0)
    while excess(low) < 0:
        low -= 1.0
    return math.exp(brentq(excess, low, high, xtol=1e-4))


@lru_cache(maxsize=8)
class _Problem:
    """The convex problem of one law and one cut of the radius (an infinite one is none): budgets share its tables."""

    def __init__(self, law, r_max, panels=PANELS, tail=TAIL):
        self.d = checked_law(law).d
        if math.isinf(self.d):
            raise ValueError(f"law must have a finite dimension, for directions to average over; got {law}")
        self.balanced = math.isinf(r_max) and math.isinf(law.second_moment)
        if law.cdf(r_max) == 0:
            raise ValueError(f"r_max must leave some mass of {law}; got {r_max!r}")
        self.r, self.p, self.b = radial_rule(law, r_max, panels, tail)
        if math.isfinite(r_max):
            self.p = self.p / np.sum(self.p)
        # a dual vector may vanish beyond the last offset, and then needs no offset there; the loss counts every node
        inside = self.r <= self.b[-1]
        self.rest = (self.r[~inside], self.p[~inside])
        self.r, self.p = self.r[inside], self.p[inside]
        self.target = np.maximum(1 - self.r, 0)
        self.values, self.above = self._columns(self.b), cap(np.clip(self.b / self.r[:, None], -1, 1), self.d)
        self.constant_loss = float(self.p @ self._centred(self.target) ** 2 / 2)

    def _centred(self, x):
        return x - self.p @ x / np.sum(self.p)

    def _columns(self, b, r=None):
        r = self.r if r is None else r
        linear = 0.0 if self.balanced else C(self.d) * r[:, None]
        return profile_bend(r[:, None], b, self.d) + linear

    def solve(self, budget, tolerance):
        """Fully corrective Frank-Wolfe: fit on a few offsets, add those where the dual is violated most, again."""
        offsets = self.b[:: max(1, len(self.b) // 60)]
        columns = self._columns(offsets)
        best = self.constant_loss, np.empty(0), np.empty(0), float(self.p @ self.target / np.sum(self.p))
        if best[0] <= 1e-15 * (self.p @ self.target**2):  # all mass at one radius, or none where f* > 0
            return ShallowBound(budget, best[0], 0.0, 0.0, *best[1:], 0.0, "a constant is f* on all mass")
        bound, slope, reach, gap = 0.0, 0.0, self.constant_loss / budget, 1.0
        for _ in range(ROUNDS):
            try:
                weights = self._fit(columns, budget, reach)
            except RuntimeError:  # the least squares cycle between columns that rounding cannot tell apart
                break
            within = self._within(weights, budget)
            constant, _, loss = self._residual(offsets, columns, within)
            if loss < best[0]:
                best = loss, offsets[within != 0], within[within != 0], constant
            # the dual vector need not be feasible for the primal: a rescaled residual would be a worse one
            residual = self._residual(offsets, columns, weights)[1]
            peaks, reach = self._peaks(residual)
            overlap = self.p @ (residual * self.target)
            dual = max(overlap - budget * reach, 0.0) ** 2 / (2 * self.p @ residual**2)
            if dual >= bound:
                bound, slope = float(min(dual, best[0])), reach
            gap = (best[0] - bound) / best[0]
            if gap <= tolerance:
                break
            keep = weights != 0
            apart = np.abs(peaks[:, None] - offsets[keep]) > 1e-6 * np.maximum(1.0, offsets[keep])
            peaks = peaks[np.all(apart, axis=1)]
            offsets = np.concatenate([offsets[keep], peaks])
            columns = np.concatenate([columns[:, keep], self._columns(peaks)], axis=1)
        held = gap <= tolerance
        status = f"certified to a relative gap of {gap:.1e}" if held else f"rounding stopped it at a gap of {gap:.1e}"
        loss, offsets, weights, constant = best
        order = np.argsort(offsets)
        return ShallowBound(budget, loss, bound, gap, offsets[order], weights[order], constant, slope, status)

    def _fit(self, columns, budget, reach):
        """Weights of norm at most the budget that minimise the loss on these columns: non-negative least squares."""
        root = np.sqrt(self.p)
        data = np.column_stack([self._centred(columns), self._centred(self.target)])
        small: Array = np.linalg.qr(root[:, None] * data, mode="r")
        n = columns.shape[1]
        signed = np.concatenate([small[:, :n], -small[:, :n]], axis=1)
        rows = np.repeat(np.eye(2), n, axis=1) if self.balanced else np.ones((1, 2 * n))
        total = np.full(len(rows), budget / len(rows))
        hold = math.sqrt(PENALTY * reach / budget)  # `reach` is about the slope of the loss in the budget
        system, wanted = np.vstack([signed, hold * rows]), np.concatenate([small[:, n], hold * total])
        size = np.maximum(1.0, np.linalg.norm(signed, axis=0))
        found, _ = nnls(system / size, wanted, maxiter=30 * n)
        found = found / size
        return found[:n] - found[n:]

    def _within(self, weights, budget):
        """The weights scaled into the budget, and to a zero sum where linear growth must cancel."""
        if not self.balanced:
            return weights * min(1.0, budget / np.sum(np.abs(weights)))
        up, down = np.sum(weights[weights > 0]), -np.sum(weights[weights < 0])
        if not min(up, down) > 0:  # nothing can cancel what there is
            return 0.0 * weights
        half = min(up, down, budget / 2)
        return np.where(weights > 0, weights * half / up, weights * half / down)

    def _residual(self, offsets, columns, weights):
        f = columns @ weights
        constant = float(self.p @ (self.target - f) / np.sum(self.p))
        residual = self.target - f - constant
        loss = self.p @ residual**2 / 2
        if len(self.rest[0]):
            used = weights != 0
            outside = self._columns(offsets[used], self.rest[0]) @ weights[used] + constant
            loss += self.rest[1] @ outside**2 / 2
        return constant, residual, float(loss)

    def _peaks(self, residual):
        """Offsets at which E g h_b peaks, and the largest reach M of a unit of norm, over all b."""
        g = self.p * residual
        spline = CubicHermiteSpline(self.b, g @ self.values, -(g @ self.above))
        turns = spline.derivative().roots(extrapolate=False)
        where = np.concatenate([self.b[[0, -1]], turns[np.isfinite(turns)]])
        phi = spline(where)
        high, low = phi.max(), phi.min()
        reach = (high - low) / 2 if self.balanced else max(high, -low)
        middle = (high + low) / 2 if self.balanced else 0.0
        worst = np.argsort(-np.abs(phi - middle))[:16]
        return where[worst], float(reach)


def radial_rule(
    law: RadialLaw, r_max: float, panels: int = PANELS, tail: float = TAIL
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes and weights of the radius, and a grid of offsets: the edges of the panels, of which `tail` lies outside.

    On each panel the rule is two points that keep the law's own moments of orders 0 to 2; the skew is of fourth order.
    """
    far = min(r_max, float(law.ppf(1 - tail)))
    near = min(far, max(1.5, float(law.ppf(0.9))))
    edges = np.linspace(0, near, panels + 1)
    if far > near:
        edges = np.concatenate([edges[:-1], np.geomspace(near, far, 2 + int(math.log(far / near) / math.log(RATIO)))])
    edges = offsets = np.union1d(edges, [1.0] if far > 1 else [])
    if math.isinf(r_max):
        edges = np.concatenate([edges, far * np.geomspace(1, 1e4, 401)[1:]])
    mass, *raw = (np.diff(m) for m in law.moments(edges, (0, 1, 2)))
    keep = mass > 1e-14 * np.sum(mass)
    left, right, mass = edges[:-1][keep], edges[1:][keep], mass[keep]
    mean, square = (m[keep] / mass for m in raw)
    sigma = np.sqrt(np.clip(square - mean**2, 0, None))
    nodes = [np.clip(mean + sign * sigma, left, right) for sign in (-1, 1)]
    weights = [mass / 2, mass / 2]
    return np.concatenate(nodes), np.concatenate(weights), offsets
