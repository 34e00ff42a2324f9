"""The infinite-width dynamics with any second layer and any target of the radius: alpha is still enough (ours).

Neurons a sigma(w F + b) with F = alpha |x|, any activation sigma, any sign a. What needs the talk's own second layer
(one neuron, ReLU, a = 1) is not used here; partial moments, which need ReLU, give way to a quadrature in the radius.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfdepth import checks, flow
from mfdepth.checks import Array, Rates
from mfdepth.infinite import refuse_second_layer
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.networks import vector_neuron
from mfdepth.random import uniforms
from mfdepth.sphere import relu_mean

NODES = 500  # radii of the quadrature
EVALUATIONS = 20_000  # of the velocity, at most


def _relu(z, h):
    """The means of ReLU and of its slope over a cell, z +- h: so a kink moves smoothly through the quadrature."""
    share = np.clip(z / (2 * h) + 0.5, 0, 1)
    return np.where(z > h, z, h * share**2), share


def _tanh(z, _):
    value = np.tanh(z)
    return value, 1 - value**2


ACTIVATIONS = {"relu": _relu, "tanh": _tanh}


def radial_neuron(activation: str) -> Callable:
    """The second-layer neuron a sigma(w z + b), weights (a, w, b), as a neuron function for `MeanFieldLayer`.

    activation: "relu" or "tanh"; ValueError otherwise. z: (..., n, 1), weights (..., m, 3), NumPy or torch.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import beyond
    >>> mf.MeanFieldLayer(beyond.radial_neuron("relu"), np.array([[2.0, -1.0, 1.5]]))(np.array([[1.0]]))
    array([[1.]])

    See: the chapter "Beyond".
    """
    return vector_neuron(1, activation=activation)


def spread_neurons(m2: int, seed: int, reach: float = 1.5) -> Array:
    """A second layer whose kinks lie apart, rows (a, w, b), shape (m2, 3): w = -3/2, and a = 2, -2 in turn.

    At alpha = 1 there is one kink in the middle half of each of m2 equal parts of [0, reach], the outermost first; a
    seed chooses where. A page can draw the same (maths/radial_flow.js).

    m2: neurons, at least 1. seed: a whole number from 0 on. reach: positive. Raises ValueError for anything else.

    >>> from mfdepth.chapters import beyond
    >>> neurons = beyond.spread_neurons(2, 0)
    >>> neurons[:, 0], (-neurons[:, 2] / neurons[:, 1]).round(2)
    (array([ 2., -2.]), array([1.09, 0.52]))

    See: the chapter "Beyond".
    """
    m2, seed = checks.whole("m2", m2, 1), checks.whole("seed", seed, 0, 2**32 - 1)
    reach = checks.positive("reach", reach)
    j = np.arange(m2)
    kink = reach * (m2 - 1 - j + 0.25 + 0.5 * uniforms(seed, 0, 0, m2)) / m2
    return np.stack([np.where(j % 2, -2.0, 2.0), np.full(m2, -1.5), 1.5 * kink], axis=1)


@dataclass(frozen=True, eq=False)
class RadialRun:
    """A run at its saved times: t, alpha, loss, stability (T,), neurons (T, m2, 3), rows (a, w, b), activation, status.

    stability: K = d^2 loss/d alpha^2, the second layer held; to first order the discretization error falls where K > 0.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import beyond
    >>> run = beyond.radial_flow(mf.BallLaw(3, 2.0), lambda r: 1 - r / 2, 1.0, [[1.0, -0.5, 1.0]], [0, 1])
    >>> run.neurons.shape, run.stability.shape
    ((2, 1, 3), (2,))

    See: the chapter "Beyond".
    """

    t: Any
    alpha: Any
    neurons: Any
    loss: Any
    stability: Any
    activation: str
    status: str

    def profile(self, i: int, r: Array) -> Array:
        """The network at the i-th saved time as a function of the radius r (n,)."""
        neurons = np.asarray(self.neurons[i])
        F = self.alpha[i] * np.asarray(r, dtype=float)[:, None]
        return np.mean(radial_neuron(self.activation)(F, neurons)[..., 0], axis=-1)


def radial_flow(
    law: RadialLaw,
    target: Callable,
    alpha: float,
    neurons: Array,
    t: Array,
    rates: Rates = (1.0, 1.0),
    *,
    activation: str = "relu",
    train_a: bool = True,
    tolerance: float = 1e-5,
    nodes: int = NODES,
    evaluations: int = EVALUATIONS,
    progress: bool = False,
) -> RadialRun:
    """Follow alpha_t and a general second layer by the gradient flow at infinite width, towards any radial target.

    f(x) = mean_j a_j sigma(w_j alpha |x| + b_j). With g = target - f and S = mean_j a_j w_j sigma'(w_j alpha r + b_j),

        alpha' = 4 eta_1 C_d alpha E[g S r],  a_j' = eta_2 E[g sigma],  (w_j, b_j)' = eta_2 E[g a_j sigma' (alpha r, 1)]

    (ours: nothing but the symmetry of the first layer is used). alpha - 2 C_d (eta_1/eta_2) E w^2 is still conserved.

    law: a radial law. target: a function of radii (n,) that returns (n,). alpha: positive. neurons: rows (a, w, b),
    (m2, 3). t: increasing times. activation: "relu" or "tanh". train_a: False holds the a_j. tolerance: relative, of
    the integrator. nodes: radii of the quadrature, one from the middle of each of as many equally likely cells.
    evaluations: of the velocity, at most. progress: show a bar.
    Returns a `RadialRun`; one that ends early (Ctrl-C, too many evaluations) holds the times before, and says so.
    Raises ValueError for bad arguments, and for neurons or targets that grow with |x| where E|x|^2 is infinite.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import beyond
    >>> run = beyond.radial_flow(mf.BallLaw(3, 2.0), lambda r: 1 - r / 2, 1.0, [[1.0, -0.1, 0.5]], [0, 50])
    >>> bool(run.loss[1] < 0.1 * run.loss[0])
    True

    See: the chapter "Beyond".
    """
    law, alpha, tolerance = checked_law(law), checks.positive("alpha", alpha), checks.positive("tolerance", tolerance)
    neurons = checks.alike("neurons", checks.array("neurons", neurons, ndim=2), np.empty(0))
    checks.array("neurons", neurons, shape=(len(neurons), 3))
    t, rates = checks.times("t", t), checks.rates(rates)
    evaluations, nodes = checks.whole("evaluations", evaluations, 1), checks.whole("nodes", nodes, 2)
    checks.one_of("activation", activation, ACTIVATIONS)
    model = _Radial(law, target, len(neurons), nodes, activation, (*rates, float(train_a)))
    refuse_growth("target(r)", target, law)
    start = np.concatenate([[alpha], neurons.T.ravel()])
    if not math.isfinite(model.loss(start)):
        raise ValueError(f"alpha, neurons, target(r) must leave the loss finite; got {model.loss(start)} at t = 0")
    limits = {"tolerance": tolerance, "evaluations": evaluations, "refuse": model.refuse}
    path = flow.solve(model.velocity, start, t, **limits, progress=progress, label="radial flow")
    losses, stability = (np.array([f(state) for state in path.states]) for f in (model.loss, model.stability))
    saved = path.states[:, 1:].reshape(-1, 3, len(neurons)).transpose(0, 2, 1)
    return RadialRun(path.t, path.states[:, 0], saved, losses, stability, activation, path.status)


def refuse_growth(name: str, f: Callable, law: RadialLaw) -> None:
    """Refuse a function of the radius whose square has an infinite mean: f^2 P(|x| > r) must fall."""
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


class _Radial:
    """The flow of (alpha, a, w, b) on a quadrature of the radius."""

    def __init__(self, law, target, m2, nodes, activation, rates):
        cells = np.arange(nodes) / nodes
        self.r, edges = law.ppf(cells + 0.5 / nodes), law.ppf(cells)
        self.half = np.append(np.diff(edges) / 2, self.r[-1] - edges[-1])[:, None]  # of a cell; the last one is open
        self.values = checks.returned("target(r)", target(self.r.copy()), self.r, self.r.shape)
        self.law, self.m2, self.activation, self.rates = law, m2, activation, rates

    def parts(self, state):
        alpha, (a, w, b) = state[0], state[1:].reshape(3, self.m2)
        h = np.maximum(self.half * abs(w * alpha), 1e-100)
        out, slope = ACTIVATIONS[self.activation](w * (alpha * self.r[:, None]) + b, h)
        return (alpha, a, w, b), out, slope, self.values - out @ a / self.m2

    def loss(self, state):
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.mean(self.parts(state)[-1] ** 2) / 2)

    def velocity(self, _, state):
        (alpha, a, w, _), out, slope, g = self.parts(state)
        h0, h1 = (g @ slope) / len(g), ((g * self.r) @ slope) / len(g)
        eta_1, eta_2, train_a = self.rates
        d_alpha = 4 * eta_1 * relu_mean(self.law.d) * alpha * np.mean(a * w * h1)
        moved = train_a * (g @ out) / len(g), alpha * a * h1, a * h0
        return np.concatenate([[d_alpha], *(eta_2 * x for x in moved)])

    def stability(self, state):
        """K = E[(S r)^2] - E[g r^2 mean_j a_j w_j^2 sigma''], where sigma'' of ReLU leaves the density at a kink."""
        (alpha, a, w, b), out, slope, g = self.parts(state)
        straight = np.mean((slope @ (a * w) / self.m2 * self.r) ** 2)
        if self.activation == "tanh":
            return straight - np.mean(g * self.r**2 * ((-2 * out * slope) @ (a * w**2) / self.m2))
        R = -b / (np.where(w == 0, math.inf, w) * alpha)
        R = np.where((R - self.r[0]) * (R - self.r[-1]) < 0, R, 0.0)  # within the quadrature
        return straight - np.mean(a * abs(w) * R**2 * self.law.pdf(R) * np.interp(R, self.r, g)) / alpha

    def refuse(self, state):
        """Refuse neurons under which the loss or the velocity is infinite."""
        _, w, b = state[1:].reshape(3, self.m2)
        if self.activation == "relu":
            refuse_second_layer(self.law, w, b, flow=True, names=("w", "b"))
        elif self.law.second_moment == math.inf and np.any(w == 0):
            raise ValueError(f"w must not be 0 under {self.law}: its velocity holds E|x|, which is infinite; got w = 0")
