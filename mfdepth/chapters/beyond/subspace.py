"""The subspace target at infinite width: two radii of the inputs, two lengths of the neurons, and who aligns with whom.

With x = (y, z), y = A'x in R^k and z the rest, the target ReLU(1 - |y|) and the Gaussian law do not change when y and z
are rotated apart. A first layer that starts so stays so, and is a law of two lengths (|A'w|, |w - AA'w|). That is no
longer one number; but it is a law in the plane, whatever the dimension.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import array_api_compat as api
import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import betaincinv, gammaincinv, xlog1py

from mfdepth import checks, flow
from mfdepth.checks import Array, Rates
from mfdepth.networks import checked_first_layer, tent
from mfdepth.sphere import relu_mean, relu_profile

CELLS, RADII = 400, (32, 16)  # of the table of the profile; of |y| and |z|, equally likely
EVALUATIONS = 10_000  # of the velocity, at most


@dataclass(frozen=True, eq=False)
class SubspaceRun:
    """The flow at its saved times: t (T,), u and v (T, m), w2, b2 (T,), loss (T,), alignment (T,), status, a sentence.

    u, v: the lengths of the neurons inside and outside the subspace. alignment: E u^2 / E(u^2 + v^2).

    >>> from mfdepth.chapters import beyond
    >>> run = beyond.subspace_flow(6, 2, [0, 1], m=8)
    >>> run.u.shape, run.loss.shape
    ((2, 8), (2,))

    See: the chapter "Beyond".
    """

    t: Any
    u: Any
    v: Any
    w2: Any
    b2: Any
    loss: Any
    alignment: Any
    status: str = ""


def subspace_alignment(w1: Array, columns: Array) -> Array:
    """The share of the first layer inside a subspace, E|A'w|^2 / E|w|^2: k/d for a round cloud, 1 when it has aligned.

    w1: (..., m1, d). columns: A, (d, k), orthonormal columns. Returns shape (...). Raises ValueError for bad arguments.

    >>> import numpy as np
    >>> from mfdepth.chapters import beyond
    >>> float(beyond.subspace_alignment(np.array([[3.0, 4.0]]), np.array([[1.0], [0.0]])))
    0.36

    See: the chapter "Beyond".
    """
    w1, columns = checked_first_layer(w1), checks.finite_array("columns", columns, ndim=2)
    if columns.shape[0] != w1.shape[-1]:
        raise ValueError(f"columns must have shape (d, k) with d = {w1.shape[-1]}; got {tuple(columns.shape)}")
    xp = api.array_namespace(w1, columns)
    w1 = w1 / xp.max(xp.abs(w1), axis=(-2, -1), keepdims=True)  # whose squares neither overflow nor vanish
    return xp.sum((w1 @ columns) ** 2, axis=(-2, -1)) / xp.sum(w1**2, axis=(-2, -1))


def subspace_tent(columns: Array) -> Callable:
    """The subspace target of the talk's outlook, f*(x) = ReLU(1 - |A'x|), as a function of x.

    columns: A, shape (d, k), orthonormal columns; ValueError otherwise. The talk names it and leaves it open.

    >>> import numpy as np
    >>> subspace_tent(np.eye(3)[:, :1])(np.array([[0.25, 7.0, 7.0]]))
    array([0.75])

    See: the chapter "Beyond".
    """
    a = checks.finite_array("columns", columns, ndim=2)
    xp = api.array_namespace(a)
    off = float(xp.max(xp.abs(xp.matrix_transpose(a) @ a - xp.eye(a.shape[1], dtype=a.dtype))))
    if off > 1e-6:
        raise ValueError(f"columns must be orthonormal, A'A = 1; got one that is off by {off:.2g}")
    return partial(_tent_within, checks.copied(a))


def _tent_within(columns, x):
    return tent(x @ columns)


def two_radii_profile(s: Array, t: Array, k: int, rest: int) -> Array:
    """The mean of a ReLU over two rotations, E ReLU(s xi + t zeta), xi and zeta one coordinate of each unit sphere.

    xi is uniform on the sphere of R^k (k = 1: a sign), zeta on that of R^rest. Homogeneous of degree 1 in (s, t);
    C_k s at t = 0 and C_rest t at s = 0. So F(x) = E |w| profile(|A'w| |A'x|, ...) for a first layer with the symmetry
    of the subspace (ours). By 400 angles, to 1e-4 in every dimension.

    s, t: lengths, at least 0, broadcast. k: at least 1. rest: at least 2. Returns a NumPy array.
    Raises ValueError for negative or infinite lengths and bad dimensions.

    >>> from mfdepth.chapters import beyond
    >>> round(float(beyond.two_radii_profile(0.0, 2.0, 1, 3)), 6)  # 2 C_3
    0.5

    See: the chapter "Beyond".
    """
    k, rest = checks.whole("k", k, 1), checks.whole("rest", rest, 2)
    s, t = (checks.within(n, checks.finite_array(n, x), 0, math.inf, "at least 0") for n, x in (("s", s), ("t", t)))
    if k == 1:
        xi, weight = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    else:
        # the angle's law is exp(-k x^2/2) about the equator, and more narrow: nothing counts beyond 8 of its widths
        xi = np.sin(np.linspace(-1, 1, 801)[1::2] * min(math.pi / 2, 8 / math.sqrt(k)))
        weight = np.exp(xlog1py(k / 2 - 1, -xi * xi))
    s, t = np.broadcast_arrays(s, t)
    return relu_profile(t[..., None], -s[..., None] * xi, rest) @ (weight / np.sum(weight))


def subspace_flow(
    d: int,
    k: int,
    t: Array,
    *,
    alpha: float = 1.0,
    w2: float = -0.1,
    b2: float = 0.5,
    m: int = 16,
    rates: Rates = (1.0, 1.0),
    tolerance: float = 1e-4,
    evaluations: int = EVALUATIONS,
    progress: bool = False,
) -> SubspaceRun:
    """Learn ReLU(1 - |A'x|) under the Gaussian law at infinite width, as a flow of two lengths and the second layer.

    For a neuron with |A'w| = u and |w - AA'w| = v the first layer is F(p, q) = E n kappa(u p, v q), n^2 = u^2 + v^2, at
    |A'x| = p, |x - AA'x| = q, with kappa = `two_radii_profile`. With g = f* - f and S the slope of the second layer,

        (u, v)' = eta_1 E[g S d/d(u, v) (n kappa(u p, v q))],  w2' = eta_2 E[g 1{active} F],  b2' = eta_2 E[g 1{active}]

    (ours: the gradient flow of the learner, rotated apart in both subspaces). The start is round: u^2/n^2 follows its
    beta law, cut into m equally likely parts. One second-layer neuron.

    d: dimension. k: of the subspace, at least 1 and at most d - 2. t: increasing times. alpha, m, rates, tolerance:
    positive. w2, b2: numbers. evaluations: of the velocity, at most. progress: show a bar.
    Returns a `SubspaceRun`; one that ends early (Ctrl-C, too many evaluations) holds the times before, and says so.
    Raises ValueError for bad arguments, for a dead neuron, and for a start whose loss is infinite.

    >>> from mfdepth.chapters import beyond
    >>> run = beyond.subspace_flow(6, 2, [0, 200], m=8)
    >>> [round(float(x), 1) for x in run.alignment]
    [0.3, 0.9]

    See: the chapter "Beyond".
    """
    d = checks.whole("d", d, 3)
    k, m = checks.whole("k", k, 1, d - 2), checks.whole("m", m, 1)
    t, rates = checks.times("t", t), checks.rates(rates)
    alpha, tolerance = checks.positive("alpha", alpha), checks.positive("tolerance", tolerance)
    w2, b2 = checks.number("w2", w2), checks.number("b2", b2)
    evaluations = checks.whole("evaluations", evaluations, 1)
    if w2 <= 0 and b2 <= 0:
        raise ValueError(f"w2, b2 must leave the neuron alive (w2 > 0 or b2 > 0); got w2 = {w2!r}, b2 = {b2!r}")
    share = betaincinv(k / 2, (d - k) / 2, (np.arange(m) + 0.5) / m)
    length = math.sqrt(alpha / relu_mean(d))
    start = np.concatenate([length * np.sqrt(share), length * np.sqrt(1 - share), [w2, b2]])
    model = TwoRadii(d, k, m, rates)
    if not (flow.finite(start) and math.isfinite(model.loss(start))):
        raise ValueError(f"alpha, w2, b2 must leave the loss finite; got {alpha!r}, {w2!r}, {b2!r}")
    limits = {"tolerance": tolerance, "evaluations": evaluations}
    path = flow.solve(model.velocity, start, t, **limits, progress=progress, label="subspace flow")
    u, v, (slope, bias) = path.states[:, :m], path.states[:, m : 2 * m], path.states[:, 2 * m :].T
    inside, outside = np.sum(u**2, axis=1), np.sum(v**2, axis=1)
    losses = np.array([model.loss(state) for state in path.states])
    return SubspaceRun(path.t, u, v, slope, bias, losses, inside / (inside + outside), path.status)


class TwoRadii:
    """The flow's velocity on a grid of equally likely radii (p, q)."""

    def __init__(self, d: int, k: int, m: int, rates: Rates) -> None:
        p, q = (
            np.sqrt(2 * gammaincinv(dim / 2, (np.arange(n) + 0.5) / n))
            for dim, n in zip((k, d - k), RADII, strict=True)
        )
        self.p, self.q = (x.ravel() for x in np.meshgrid(p, q, indexing="ij"))
        self.target, self.m, self.rates = np.maximum(1 - self.p, 0), m, rates
        share = np.linspace(0, 1, CELLS + 1)
        table = CubicSpline(share, two_radii_profile(1 - share, share, k, d - k))
        self.value, self.slope = table(share), table(share, 1)

    def profile(self, s: Array, t: Array) -> Array:
        """kappa(s, t) and its two derivatives, by the share z = t/(s + t): kappa = (s + t) h(z)."""
        total = np.maximum(s + t, 1e-300)
        z = np.clip(t / total, 0, 1)
        left = np.minimum((z * CELLS).astype(int), CELLS - 1)
        part = z * CELLS - left
        h, bend = (x[left] + part * (x[left + 1] - x[left]) for x in (self.value, self.slope))
        return total * h, h - z * bend, h + (1 - z) * bend

    def parts(self, state: Array) -> tuple:
        u, v, (w2, b2) = state[: self.m], state[self.m : 2 * self.m], state[-2:]
        kappa, by_s, by_t = self.profile(np.outer(self.p, u), np.outer(self.q, v))
        length = np.hypot(u, v)
        F = kappa @ length / self.m
        active = w2 * F + b2 > 0
        g = self.target - (w2 * F + b2) * active
        return g, g * active, F, (u, v, length, kappa, by_s, by_t), w2

    def loss(self, state: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.mean(self.parts(state)[0] ** 2) / 2)

    def velocity(self, _: float, state: Array) -> Array:
        _, gap, F, (u, v, length, kappa, by_s, by_t), w2 = self.parts(state)
        q = gap * w2 / len(gap)
        grow = q @ kappa / length
        du = u * grow + length * ((q * self.p) @ by_s)
        dv = v * grow + length * ((q * self.q) @ by_t)
        eta_1, eta_2 = self.rates
        return np.concatenate([eta_1 * du, eta_1 * dv, [eta_2 * np.mean(gap * F), eta_2 * np.mean(gap)]])
