"""How wide two layers must be for an error: a width that is proved to be enough.

Enough, by sampling (the argument of Maurey and Barron; the version and its constants are ours). The best network within
a norm budget is a few offsets b with weights beta_b, each spread over all directions. Draw m_b directions for each: the
mean over draws is the spread-out network, so the expected half-MSE is its loss plus half of the variance, which is
sum_b beta_b^2 V_b/(2 m_b). Some draw is at least as good as the mean. Nothing here is a lower bound: those that are
known for the width hold for large d and small errors alone (Safran, Eldan and Shamir 2019, Theorem 5).
"""

import math
from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np
from scipy.optimize import minimize_scalar

from mfdepth import checks
from mfdepth.chapters.lower_bound.budget import norm_needed, radial_rule, shallow_lower_bound
from mfdepth.checks import Array, Rng
from mfdepth.laws import RadialLaw
from mfdepth.networks import ParametricNetwork, two_layers
from mfdepth.random import directions, generator
from mfdepth.sphere import C, cap, relu_profile

WIDEST = 4.0  # the largest budget tried, as a multiple of the least one; the best ones lie near 1.4


@dataclass(frozen=True, eq=False)
class SufficientWidth:
    """A two-layer network in law: its width is enough for the error.

    width: neurons in all. expected: the mean half-MSE over draws, at most the error. loss: that of infinite width,
    within `budget`. offsets, weights, counts: the b, beta_b and m_b, so that sum |weights| <= budget and sum counts =
    width. constant: c. d: the dimension. See: the chapter "What can two layers do?".
    """

    d: int
    error: float
    width: int
    expected: float
    budget: float
    loss: float
    offsets: Any
    weights: Any
    counts: Any
    constant: float

    def draw(self, rng: Rng) -> ParametricNetwork:
        """One such network, f(x) = sum_k a_k ReLU(w_k.x - b_k) + c, the w_k uniform on the unit sphere.

        rng: a seed or a generator; a torch.Generator gives torch, else NumPy. Returns a `ParametricNetwork` with
        parameters (w, b, a, c), shapes (m, d), (m,), (m,) and ().
        """
        w = directions(self.width, self.d, generator(rng))
        xp = api.array_namespace(w)
        b, a = np.repeat(self.offsets, self.counts), np.repeat(self.weights / self.counts, self.counts)
        given = (xp.asarray(value, dtype=w.dtype, device=api.device(w)) for value in (b, a, self.constant))
        return ParametricNetwork(two_layers, (w, *given))


def sufficient_width(law: RadialLaw, error: float, *, r_max: float | None = 3.0) -> SufficientWidth:
    """A width that is enough for two layers to have a half-MSE of at most `error`, by drawing neurons (ours).

    Within a norm budget B the best network has a loss l and weights beta_b at a few offsets b. With m_b neurons at b,
    their directions independent and uniform,

        E half-MSE = l + sum_b beta_b^2 V_b/(2 m_b),   V_b = E Var_u ReLU(r u_1 - b),

    exactly. The counts are m_b = ceil(|beta_b| s_b sum(|beta| s)/(2 (error - l))), s_b the root of V_b: the least
    total, up to rounding up, for which the mean is at most `error`. So some network of that width is as good. The
    budget is chosen so that the total is small. That fewer neurons fail is not claimed.

    law: a radial law. error: half-MSE, positive and less than that of a constant. r_max: the law is conditioned on
    |x| <= r_max; None keeps all of it, if its second moment is finite. Returns a `SufficientWidth`.
    Raises ValueError for an error or radius out of range, or an infinite second moment: there independent neurons have
    infinite variance.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import lower_bound
    >>> found = lower_bound.sufficient_width(mf.BesselLaw(10), 1e-2)
    >>> 40 <= found.width <= 50, found.expected <= 1e-2
    (True, True)

    See: the chapter "What can two layers do?".
    """
    error = checks.positive("error", error)
    if r_max is None and math.isinf(law.second_moment):
        raise ValueError(f"r_max must be a positive number under a law without second moment, {law}; got None")
    least = norm_needed(law, error, r_max=r_max, tolerance=1e-2)
    r, p, _ = radial_rule(law, math.inf if r_max is None else r_max)
    r, p = r[:, None], p / np.sum(p)

    def at(ratio):
        found = shallow_lower_bound(law, least * ratio, r_max=r_max)
        b = found.offsets
        spread = p @ (relu_second_moment(r, b, law.d) - relu_profile(r, b, law.d) ** 2)
        size, spare = np.abs(found.weights) * np.sqrt(np.maximum(spread, 0)), error - found.loss
        return found, size, np.sum(size) ** 2 / (2 * spare) if spare > 0 else math.inf

    # any budget is good for a proof, so the search need not be exact
    search = {"method": "bounded", "bounds": (math.log(1.02), math.log(WIDEST)), "options": {"xatol": 0.1}}
    ratio = math.exp(minimize_scalar(lambda x: at(math.exp(x))[2], **search).x)
    found, size, _ = at(ratio)
    counts = np.ceil(size * np.sum(size) / (2 * (error - found.loss))).astype(np.int64)
    counts = np.maximum(counts, 1)
    return SufficientWidth(
        d=law.d,
        error=error,
        width=int(np.sum(counts)),
        expected=float(found.loss + np.sum(size**2 / counts) / 2),
        budget=found.budget,
        loss=found.loss,
        offsets=found.offsets,
        weights=found.weights,
        counts=counts,
        constant=found.constant,
    )


def relu_second_moment(r: Array, b: Array, d: int) -> Array:
    """The rotation average of a squared ReLU neuron, E_u ReLU(r u_1 - b)^2, u uniform on the unit sphere of R^d.

    With s = b/r in [-1, 1], e = C_d (1 - s^2)^((d-1)/2) and P = P(u_1 > s) it is r^2 ((1/d + s^2) P - (1 + 1/d) s e)
    (ours).

    r: radii, positive. b: offsets, any sign; r and b broadcast. d: dimension. Returns a NumPy array.

    >>> float(relu_second_moment(2.0, 0.0, 4))  # r^2/(2 d)
    0.5
    """
    s = np.clip(b / r, -1.0, 1.0)
    edge, upper = C(d) * (1 - s * s) ** ((d - 1) / 2), cap(s, d)
    inside = r * r * ((1 / d + s * s) * upper - (1 + 1 / d) * s * edge)
    return np.where(b < -r, r * r / d + np.square(b), inside)
