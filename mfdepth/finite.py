"""The finite-width gradient flow: population loss, velocity, and an integrator.

Only the direction of x is sampled, the radius is integrated exactly (mfdepth.radial). Every function takes NumPy or
torch arrays, with any leading batch dimensions (seeds, sweeps).
"""

import math
import time
from dataclasses import dataclass

import array_api_compat as api
import numpy as np
from tqdm import tqdm

from mfdepth import checks
from mfdepth.checks import Array, Rates, Rng
from mfdepth.infinite import Trajectory, refuse_dead, refuse_second_layer
from mfdepth.laws import RadialLaw
from mfdepth.networks import checked_first_layer, first_layer
from mfdepth.radius import radial_averages
from mfdepth.random import generator, orthonormal_bases
from mfdepth.rho import alpha_of, rho_of

METHODS = ("euler", "heun")  # in the order of their evaluations a step


@dataclass(frozen=True)
class Bounds:
    """Where the projected flow keeps each neuron: intervals for |w1_k|, w2_j and b2_j.

    The talk's theorem is for "a simple variant of gradient flow" and does not say which; this variant is ours. After
    each stage of a step every neuron goes to the nearest point of its set. w2 < 0 keeps the loss finite under a law
    without second moment, b2 > 0 keeps the neuron alive, and bounds on |w1| keep the kinks R = -b2/(w2 F) within reach.
    Without, a long step of Euler's method crosses w2 = 0, beyond which there is no loss to descend.

    length: (least, most) of |w1_k|. w2, b2: (least, most). Any of them may be infinite, least <= most; ValueError else.

    >>> import numpy as np
    >>> w1, w2, b2 = Bounds(length=(0.0, 2.0)).project(np.array([[0.0, 4.0]]), np.array([0.5]), np.array([-1.0]))
    >>> w1.tolist(), w2.tolist(), b2.tolist()
    ([[0.0, 2.0]], [-0.01], [0.01])

    See: the chapter "A finite network, simulated".
    """

    length: tuple = (0.0, np.inf)
    w2: tuple = (-np.inf, -0.01)
    b2: tuple = (0.01, np.inf)

    def __post_init__(self):
        for name in ("length", "w2", "b2"):
            low, high = getattr(self, name)
            if not low <= high or (name == "length" and low < 0):
                raise ValueError(
                    f"{name} must be a pair (least, most), least <= most, lengths not negative; got {low, high}"
                )

    def project(self, w1: Array, w2: Array, b2: Array) -> tuple[Array, Array, Array]:
        """The nearest weights within the bounds; a neuron w1_k = 0 has no direction and stays."""
        xp = api.array_namespace(w1)
        length = xp.linalg.vector_norm(w1, axis=-1, keepdims=True)
        factor = xp.clip(length, *self.length) / xp.where(length > 0, length, xp.ones_like(length))
        return w1 * factor, xp.clip(w2, *self.w2), xp.clip(b2, *self.b2)


def loss(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array) -> Array:
    """The population loss 1/2 E (f* - f)^2 of the three-layer learner, with the radius integrated exactly.

    f(x) = mean_j ReLU(w2_j F(x) + b2_j), F(x) = mean_k |w1_k| ReLU(w1_k.x), f* = ReLU(1 - |x|) (the talk's learner and
    target); the direction x/|x| is averaged over the rows of `directions`. Differentiable by torch.

    law: a radial law. w1: (..., m1, d). w2, b2: (..., m2). directions: (n, d), unit rows. Returns shape (...).
    Raises ValueError for bad shapes or values, and for w2 > 0 under a law without second moment (infinite loss).

    >>> import mfdepth as mf, numpy as np
    >>> w1 = np.concatenate([np.eye(2), -np.eye(2)])
    >>> u = np.array([[1.0, 0.0], [0.0, -1.0]])
    >>> round(float(mf.loss(mf.BesselLaw(2), w1, np.array([-4.0]), np.array([1.0]), u)), 12)  # f = f* on both rows
    0.0

    See: the chapter "A finite network, simulated".
    """
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=False)
    xp = api.array_namespace(w1)
    return xp.mean(radial_averages(law, first_layer(w1, directions), w2, b2).loss, axis=-1)


def velocity(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array) -> tuple[Array, Array, Array]:
    """The mean-field gradient flow (dw1, dw2, db2): each neuron moves by the layer's width times the negative gradient.

    With g = f* - f and S = mean_j w2_j 1{neuron j active} (the gradient of the talk's loss, written out by us):

        dw1_k = E[g S (w_k/|w_k| ReLU(w_k.x) + |w_k| 1{w_k.x > 0} x)]
        dw2_j = E[g 1{neuron j active} F],   db2_j = E[g 1{neuron j active}]

    Arguments as for `loss`. Returns arrays shaped like w1, w2, b2, for unit rates. Raises ValueError as `loss` does, and
    for w2 = 0 < b2 under a law without first moment (infinite velocity).

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(3, 4, 1.0, np.random.default_rng(0))
    >>> dw1, dw2, db2 = mf.velocity(mf.BesselLaw(3), w1, np.array([-0.1]), np.array([0.5]), np.eye(3))
    >>> dw1.shape, dw2.shape, db2.shape
    ((4, 3), (1,), (1,))

    See: the chapter "A finite network, simulated".
    """
    return _velocity(law, *checked_learner(law, w1, w2, b2, directions, flow=True))[1]


def finite_width(
    law: RadialLaw,
    w1: Array,
    w2: Array,
    b2: Array,
    t: Array,
    rates: Rates = (1.0, 1.0),
    *,
    directions: Array | int | None = None,
    step: float = 1.25,
    tolerance: float = 0.003,
    method: str = "heun",
    bounds: Bounds | None = None,
    rng: Rng = 0,
    save_w1: bool = False,
    progress: bool = False,
) -> Trajectory:
    """Train the three-layer learner by its mean-field gradient flow and save it at the times t.

    Heun's method with error control: a step is at most `step` long, and its difference from Euler's at most `tolerance`
    of the root mean square of each layer. Each of the two stages of a step averages over fresh random orthonormal bases
    and their negatives (ours: they integrate the second harmonics of the direction exactly, which is where the sampling
    error lives). The defaults follow the exact flow to 0.1 % at the paper's size, from our standard start.

    law, w1, w2, b2: as for `loss`. t: increasing times, from 0 on. rates: (eta_1, eta_2).
    directions: a whole number n, for n fresh ones each stage (default: whole bases, at least 200), or an array (n, d)
    of unit rows kept throughout. method: "heun", or "euler", whose steps are `step` long and not controlled.
    bounds: a `Bounds`, for the projected flow. rng: a seed or a generator. save_w1: also keep the first layer at the
    saved times. progress: show a bar.
    Returns a `Trajectory`; an interrupt (Ctrl-C) returns the part computed so far, and `status` says so.
    Raises ValueError as `velocity` does, and for a start with every second-layer neuron dead.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(mf.BesselLaw(10), w1, np.array([-0.1]), np.array([0.5]), [0, 10], rng=1)
    >>> run.status
    'reached t = 10'

    See: the chapter "A finite network, simulated".
    """
    t = checks.times("t", t)
    rates = checks.rates(rates)
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}; got {method!r}")
    step, tolerance = checks.positive("step", step), checks.positive("tolerance", tolerance)
    fixed = api.is_array_api_obj(directions)
    *state, directions_kept = checked_learner(law, w1, w2, b2, directions if fixed else None, flow=True)
    refuse_dead(*state[1:])
    if not fixed:
        n = 2 * law.d * -(-100 // law.d) if directions is None else checks.even("directions", directions)
        bases = orthonormal_bases(-(-n // (2 * law.d)), law.d, generator(rng, state[0]), state[0])

    def draw():
        if fixed:
            return directions_kept, False
        return next(bases)[: n // 2, :], True

    started, clock, h, status, saved = time.perf_counter(), 0.0, step, "", []
    stats = {"steps": 0, "rejected": 0, "evaluations": 0}
    bar = tqdm(
        total=float(t[-1]), disable=not progress, desc="gradient flow", bar_format="{l_bar}{bar}| {n:.4g}/{total:.4g}"
    )
    try:
        for until in t.tolist():
            while clock < until and not status:
                h = (until - clock) / math.ceil((until - clock) / h)  # equal steps up to the saved time
                after, error, reason = _step(law, state, h, rates, draw, method, bounds)
                stats["evaluations"] += METHODS.index(method) + 1
                if reason or error > tolerance:
                    stats["rejected"] += 1
                    h /= 2
                    if h < 1e-9 * step:
                        status = f"stopped at t = {clock:g}: {reason or 'no step is short enough'}"
                    continue
                state, clock = after, until if clock + h > until * (1 - 1e-12) else clock + h
                stats["steps"] += 1
                bar.update(clock - bar.n)
                h = min(step, h * min(2.0, 0.9 * (tolerance / max(error, 1e-300)) ** 0.5))
            if status:
                break
            saved.append((until, *state, _velocity(law, *state, *draw())[0]))
            stats["evaluations"] += 1
        status = status or f"reached t = {clock:g}"
    except KeyboardInterrupt:
        status = f"interrupted at t = {clock:g}; the times saved before it are kept"
    bar.close()
    return _trajectory(saved, status, stats | {"seconds": time.perf_counter() - started}, save_w1)


def _step(law, state, h, rates, draw, method, bounds):
    """The state after a step h, its difference from Euler's (relative), and why it left the flow's domain, if so."""
    scales = (h * rates[0], h * rates[1], h * rates[1])
    project = bounds.project if bounds is not None else lambda *weights: weights

    def move(base):
        return [k * v for k, v in zip(scales, _velocity(law, *base, *draw())[1], strict=True)]

    first = move(state)
    euler = project(*(x + v for x, v in zip(state, first, strict=True)))
    reason = _left_domain(law, euler)
    if reason or method == "euler":
        return euler, 0.0, reason
    second = move(euler)
    after = project(*(x + (v + w) / 2 for x, v, w in zip(state, first, second, strict=True)))
    xp = api.array_namespace(state[0])
    size = [xp.sqrt(xp.mean((x - y) ** 2)) / xp.sqrt(xp.mean(x * x)) for x, y in zip(after, euler, strict=True)]
    return after, max(float(s) for s in size), _left_domain(law, after)


def _velocity(law, w1, w2, b2, directions, mirrored=False):
    """The loss and its mean-field velocity, unchecked; mirrored: over `directions` and their negatives, at half the cost."""
    xp = api.array_namespace(w1)
    length = xp.linalg.vector_norm(w1, axis=-1, keepdims=True)
    preactivation = directions @ xp.matrix_transpose(w1)  # (..., n, m1): w_k.u
    active = xp.astype(preactivation > 0, w1.dtype)
    positive = preactivation * active
    slope = [positive @ length] + ([(positive - preactivation) @ length] if mirrored else [])
    mean = radial_averages(law, xp.concat(slope, axis=-2)[..., 0] / w1.shape[-2], w2, b2)

    q = mean.pull[..., None] / mean.pull.shape[-1]  # E_r[g S r]/n, n directions
    n = directions.shape[-2]
    pull = active * q[..., :n, :]
    if mirrored:  # -u meets the neurons that u does not
        pull = pull - xp.astype(preactivation < 0, w1.dtype) * q[..., n:, :]
    toward = xp.matrix_transpose(pull) @ directions  # mean_u q 1{w_k.u > 0} u
    unit = w1 / xp.where(length > 0, length, xp.ones_like(length))
    stretch = xp.sum(toward * w1, axis=-1, keepdims=True)  # mean_u q ReLU(w_k.u)
    dw1 = unit * stretch + length * toward
    return xp.mean(mean.loss, axis=-1), (dw1, mean.h1, mean.h0)


def checked_learner(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, *, flow: bool) -> tuple:
    """The arguments as floating arrays of one library, or ValueError."""
    w1 = checked_first_layer(w1)
    xp = api.array_namespace(w1)
    if w1.shape[-1] != law.d:
        raise ValueError(f"w1 must have shape (..., m1, d) with d = {law.d}, the law's; got {tuple(w1.shape)}")
    w2, b2 = checks.finite_array("w2", w2, ndim=1), checks.finite_array("b2", b2, ndim=1)
    checks.array("b2", b2, shape=w2.shape)
    if tuple(w2.shape[:-1]) != tuple(w1.shape[:-2]):
        raise ValueError(f"w2 must have the batch dimensions of w1, {tuple(w1.shape[:-2])}; got {tuple(w2.shape[:-1])}")
    refuse_second_layer(law, w2, b2, flow=flow)
    if directions is not None:
        directions = checks.finite_array("directions", directions, ndim=2)
        if directions.shape[-1] != law.d:
            raise ValueError(f"directions must have shape (n, d) with d = {law.d}; got {tuple(directions.shape)}")
        off = abs(float(xp.max(xp.abs(xp.linalg.vector_norm(directions, axis=-1) - 1))))
        if off > 1e-4:
            raise ValueError(f"directions must be unit rows; got one whose length is off by {off:.2g}")
    return w1, w2, b2, directions


def _left_domain(law, state):
    """Why the flow cannot go on from here, or an empty string."""
    xp = api.array_namespace(state[0])
    if not all(bool(xp.all(xp.isfinite(x))) for x in state):
        return "the weights are no longer finite"
    try:
        refuse_second_layer(law, *state[1:], flow=True)
        refuse_dead(*state[1:])
    except ValueError as error:
        return str(error)
    return ""


def _trajectory(saved, status, stats, save_w1):
    if not saved:
        empty = np.empty(0)
        return Trajectory(empty, empty, empty, empty, empty, rho=empty, status=status, stats=stats)
    t, *rows = zip(*saved, strict=True)
    xp = api.array_namespace(rows[0][0])
    w1, w2, b2, losses = (xp.stack(list(row)) for row in rows)
    alpha, rho = xp.stack([alpha_of(w) for w in w1]), xp.stack([rho_of(w) for w in w1])
    return Trajectory(np.asarray(t), alpha, w2, b2, losses, rho, w1 if save_w1 else None, status, stats)
