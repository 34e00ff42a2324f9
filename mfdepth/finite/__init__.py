"""The finite-width gradient flow: population loss, velocity, and an integrator.

Only the direction of x is sampled, the radius is integrated exactly (mfdepth.radius). Every function takes NumPy or
torch arrays, with any leading batch dimensions (seeds, sweeps). Here the loss, its gradient flow and a training run;
`heun` steps and controls, `frame` looks at the first layer, `mfdepth.flow` follows to the saved times.
"""

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array, Rates, Rng
from mfdepth.finite.frame import TurningView, View, columns_of
from mfdepth.finite.heun import EVALUATIONS, Heun
from mfdepth.flow import Trajectory, follow
from mfdepth.infinite import refuse_dead, refuse_second_layer
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.networks import checked_first_layer, first_layer
from mfdepth.radius import radial_averages
from mfdepth.random import generator

LEAST = 100  # directions on one side of the sphere, by default
SHORTEST = 1e-9  # the least step, of the longest
LABEL = "gradient flow"


def loss(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array) -> Array:
    """The population loss 1/2 E (f* - f)^2 of the three-layer learner, with the radius integrated exactly.

    f(x) = mean_j ReLU(w2_j F(x) + b2_j), F(x) = mean_k |w1_k| ReLU(w1_k.x), f* = ReLU(1 - |x|) (the talk's learner and
    target); the direction x/|x| is averaged over the rows of `directions`. Differentiable by torch.

    law: a radial law. w1: (..., m1, d). w2, b2: (..., m2). directions: (n, d), unit rows. Returns shape (...).
    Raises ValueError for bad shapes or values, and for w2 > 0 under a law without second moment (infinite loss).

    >>> import mfdepth as mf, numpy as np
    >>> w1 = np.concatenate([np.eye(2), -np.eye(2)])
    >>> u = np.array([[1.0, 0.0], [0.0, -1.0]])
    >>> f_is_target = mf.loss(mf.BesselLaw(2), w1, np.array([-4.0]), np.array([1.0]), u)
    >>> bool(abs(f_is_target) < 1e-12)
    True

    See: the chapter "A finite network, simulated".
    """
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=False)
    xp = api.array_namespace(w1)
    mean = xp.mean(radial_averages(law, first_layer(w1, directions), w2, b2).loss, axis=-1)
    return mean - _detached(xp.clip(mean, None, 0))[0]  # a square, whatever rounding made of it; all its slopes stay


def velocity(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array) -> tuple[Array, Array, Array]:
    """The mean-field gradient flow (dw1, dw2, db2): each neuron moves by the layer's width times the negative gradient.

    With g = f* - f and S = mean_j w2_j 1{neuron j active} (the gradient of the talk's loss, written out by us):

        dw1_k = E[g S (w_k/|w_k| ReLU(w_k.x) + |w_k| 1{w_k.x > 0} x)]
        dw2_j = E[g 1{neuron j active} F],   db2_j = E[g 1{neuron j active}]

    Arguments as for `loss`. Returns arrays shaped like w1, w2, b2, for unit rates. Raises ValueError as `loss` does,
    and for w2 = 0 < b2 under a law without first moment (infinite velocity).

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(3, 4, 1.0, np.random.default_rng(0))
    >>> dw1, dw2, db2 = mf.velocity(mf.BesselLaw(3), w1, np.array([-0.1]), np.array([0.5]), np.eye(3))
    >>> dw1.shape, dw2.shape, db2.shape
    ((4, 3), (1,), (1,))

    See: the chapter "A finite network, simulated".
    """
    w1, w2, b2, u = _detached(*checked_learner(law, w1, w2, b2, directions, flow=True))
    xp, view = api.array_namespace(w1), View(columns_of(w1), u)
    mean = radial_averages(law, view.slopes(view.start), w2, b2)
    return xp.matrix_transpose(view.velocity(view.start, mean.pull / u.shape[-2])), mean.h1, mean.h0


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
    rng: Rng = 0,
    save_w1: bool = False,
    progress: bool = False,
) -> Trajectory:
    """Train the three-layer learner by its mean-field gradient flow and save it at the times t.

    Heun's method with error control: a step is at most `step` long, and its difference from Euler's at most `tolerance`
    of alpha, of the root mean square of w2 and of that of b2. Each stage averages over the axes of a freshly turned
    frame and their negatives: they integrate the second harmonics of the direction exactly. What is left of the
    sampling error is mostly one number, the frame's mean of F; its true value is alpha = C_d mean |w_k|^2, so F is
    scaled to it, and a pull E[g S r] that is the same in all directions moves w_k by 2 C_d w_k times itself, without
    sampling (ours). The defaults follow the exact flow to 0.05 % at the paper's size, from our standard start.

    law, w1, w2, b2: as for `loss`. t: increasing times, from 0 on. rates: (eta_1, eta_2).
    directions: an even whole number n, for n of them in each stage (default: whole bases, at least 200), or an array
    (n, d) of unit rows kept throughout: then the flow is that of the loss over these rows, as `velocity` has it.
    rng: a seed or a generator. save_w1: also keep the first layer at the saved times. progress: show a bar.
    Returns a `Trajectory`; an interrupt (Ctrl-C) returns the part computed so far, and `status` says so.
    Raises ValueError as `velocity` does, and for a start with every second-layer neuron dead.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> run = mf.finite_width(mf.BesselLaw(10), w1, np.array([-0.1]), np.array([0.5]), [0, 10], rng=1)
    >>> run.status
    'reached t = 10'

    See: the chapter "A finite network, simulated".
    """
    t, rates = checks.times("t", t), checks.rates(rates)
    step, tolerance = checks.positive("step", step), checks.positive("tolerance", tolerance)
    fixed = getattr(directions, "ndim", 0) > 0 or isinstance(directions, (list, tuple))  # else a number, of any kind
    w1, w2, b2, rows = _detached(*checked_learner(law, w1, w2, b2, directions if fixed else None, flow=True))
    refuse_dead(w2, b2)
    columns = columns_of(w1)
    if fixed:
        view = View(columns, rows)
    else:
        n = 2 * law.d * -(-LEAST // law.d) if directions is None else checks.even("directions", directions)
        view = TurningView(columns, n // 2, generator(rng, w1), save_w1)
    flow = Heun(law, view, rates, tolerance, SHORTEST * min(step, float(t[-1])), save_w1)
    most = EVALUATIONS // 2  # each step takes two
    path = follow(flow.advance, (columns, w2, b2), t, step, save=flow.save, most=most, progress=progress, label=LABEL)
    alpha, w2, b2, losses, rho, *w1 = path.states
    stats = path.stats | {"rejected": flow.rejected, "evaluations": flow.evaluations}
    return Trajectory(path.t, alpha, w2, b2, losses, rho, w1[0] if save_w1 else None, path.status, stats)


def checked_learner(law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, *, flow: bool) -> tuple:
    """The arguments as floating arrays of the library, dtype and device of w1, or ValueError."""
    law, w1 = checked_law(law), checked_first_layer(w1)
    if w1.shape[-1] != law.d:
        raise ValueError(f"w1 must have shape (..., m1, d) with d = {law.d}, the law's; got {tuple(w1.shape)}")
    _refuse_sizes(w1)
    w2, b2 = (checks.alike(x, checks.array(x, y, ndim=1), w1, graph=True) for x, y in (("w2", w2), ("b2", b2)))
    checks.array("b2", b2, shape=w2.shape)
    if tuple(w2.shape[:-1]) != tuple(w1.shape[:-2]):
        raise ValueError(f"w2 must have the batch dimensions of w1, {tuple(w1.shape[:-2])}; got {tuple(w2.shape[:-1])}")
    refuse_second_layer(law, w2, b2, flow=flow)
    if directions is not None:
        directions = checks.alike("directions", checks.array("directions", directions, ndim=2), w1)
        if directions.shape[-1] != law.d:
            raise ValueError(f"directions must have shape (n, d) with d = {law.d}; got {tuple(directions.shape)}")
        flat = checks.library(directions).reshape(directions, (-1, law.d))
        checks.unit_rows("directions", flat)
        batch = tuple(directions.shape[:-2])
        if flow and batch not in ((), tuple(w1.shape[:-2])):
            wanted = f"(n, d), or the batch dimensions of w1, {tuple(w1.shape[:-2])}, before these"
            raise ValueError(f"directions must have shape {wanted}; got {tuple(directions.shape)}")
    return w1, w2, b2, directions


def _refuse_sizes(w1):
    """Refuse weights of which alpha is 0 in their dtype, or alpha^2 infinite."""
    xp = checks.library(w1)
    kind = xp.finfo(w1.dtype)
    low, high = float(kind.smallest_normal) ** 0.5, float(kind.max) ** 0.25 / w1.shape[-1] ** 0.5
    largest = xp.max(xp.abs(w1), axis=(-2, -1))
    words = f"such that its largest entry is from {low:.2g} to {high:.2g}, in size, in {w1.dtype}"
    checks.within("w1", largest, low, high, words)


def _detached(*arrays):
    """Without torch's graph: a flow is followed, not differentiated."""
    return [x.detach() if x is not None and api.is_torch_array(x) else x for x in arrays]
