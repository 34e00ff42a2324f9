"""One training of the live figure `Training`, in Python: course.js number by number.

The start, the directions of each interval and the rays come from the generator that pages have too (mfdepth/random.py),
the steps from `mf.finite_width`, on NumPy or on torch arrays.
"""

import itertools
import math

import numpy as np

from mfdepth.chapters.discretization.decay import remaining
from mfdepth.chapters.discretization.harmonics import harmonic_errors
from mfdepth.figures.style import mean_neuron, numpy
from mfdepth.finite import finite_width, loss
from mfdepth.flow import Trajectory, solve
from mfdepth.infinite import packed
from mfdepth.laws import BesselLaw
from mfdepth.networks import first_layer
from mfdepth.radius import radial_averages
from mfdepth.random import gaussians, uniforms
from mfdepth.rho import discretization_error, first_layer_alpha
from mfdepth.sphere import relu_mean, tangent_eigenvalues
from mfdepth.starts import standard_start

RAYS, DIRECTIONS, ORDERS = 2, 3, 4  # streams of the generator; the start has two of its own
ROWS, GROUP = 100, 16  # directions of an interval, at least; axes that turn together
TOLERANCE = 0.01  # of a step
SAVED = 40  # stretches between saved times, at most
RAY_COUNT = 12
DEGREE = 30  # of the harmonics that the prediction follows
MOST_EVALUATIONS = 20_000  # of the infinite-width flow
CURVATURE_STEP = 1e-5  # relative, of the central difference that is K


class Course:
    """A training at time 0: `advance()` takes it through one interval, `frame()` says where it is.

    settings: d, m1, m2, alpha, w2, b2, spread, eta_1, eta_2, t_end, seed. place: turns NumPy arrays into the arrays to
    train on. plan: when the intervals end, and which of these times are saved. `problem` says why it cannot start or go
    on, if so.
    """

    def __init__(self, settings, place=np.asarray, plan=None):
        self.settings, self.place = settings, place
        self.law = BesselLaw(settings["d"])
        self.rates = settings["eta_1"], settings["eta_2"]
        self.ends, self.saves = training_plan(**settings) if plan is None else plan
        start = training_start(**settings)
        self.state, self.k, self.problem, self.ideal = tuple(place(x) for x in start), 0, "", None
        self.rows = training_rows(settings["d"], settings["seed"], 0, None)
        self.rays = place(training_rays(settings["d"], settings["seed"]))
        self.history = {"t": [], "loss": [], "alpha": [], "rho": []}
        self.states = []  # at the saved times
        try:
            packed(self.law, 1.0, *start[1:], self.rates)
        except ValueError as error:
            self.problem = str(error)
            return
        self.save()

    @property
    def t(self):
        return self.ends[self.k - 1] if self.k else 0.0

    @property
    def interval(self):
        """The length of the interval that begins."""
        return 0.0 if self.over else self.ends[self.k] - self.t

    def follow(self):
        """The infinite-width flow from the same start, and rho to first order beside it."""
        w1, w2, b2 = (numpy(x) for x in self.state)
        times = np.append(0.0, self.ends[self.saves])
        ideal = ideal_course(self.law, first_layer_alpha(w1), w2, b2, times, self.rates)
        decay = np.exp(-2 * ideal.pop("exponent")[:, None] * tangent_eigenvalues(self.law.d, DEGREE)[1:])
        rho = remaining(discretization_error(w1), harmonic_errors(w1, DEGREE), decay)
        self.ideal = {name: value.tolist() for name, value in (ideal | {"rho": rho}).items()}

    def directions(self):
        return self.place(np.concatenate([self.rows, -self.rows]))

    def save(self):
        now = {
            "t": self.t,
            "loss": loss(self.law, *self.state, self.directions()),
            "alpha": first_layer_alpha(self.state[0]),
            "rho": discretization_error(self.state[0]),
        }
        for name, value in now.items():
            self.history[name].append(float(value))
        self.states.append(self.state)

    @property
    def over(self):
        return bool(self.problem) or self.k == len(self.ends)

    def advance(self):
        """One interval, with its own directions."""
        step = {"directions": self.directions(), "step": self.interval, "tolerance": TOLERANCE, "save_w1": True}
        run = finite_width(self.law, *self.state, [self.interval], self.rates, **step)
        if not len(run.t):
            self.problem = f"The run stops at t = {self.t:.4g}: {run.status.partition(': ')[2]}."
            return
        self.state = run.w1[0], run.w2[0], run.b2[0]
        self.k += 1
        self.rows = training_rows(self.law.d, self.settings["seed"], self.k, self.rows)
        if self.saves[self.k - 1]:
            self.save()

    def frame(self):
        """What the figure draws."""
        w1, w2, b2 = self.state
        return {
            "t": self.t,
            "fraction": self.k / len(self.ends),
            "slopes": numpy(first_layer(w1, self.rays)).tolist(),
            "w2": numpy(w2).tolist(),
            "b2": numpy(b2).tolist(),
            "history": {name: list(values) for name, values in self.history.items()},
            "ideal": self.ideal,
            "problem": self.problem,
        }

    def trajectory(self):
        """The run so far at its saved times, in NumPy."""
        t, *rest = (np.array(self.history[name]) for name in ("t", "alpha", "loss", "rho"))
        alpha, losses, rho = rest
        w1, w2, b2 = (np.stack([numpy(state[i]) for state in self.states]) for i in range(3))
        return Trajectory(t, alpha, w2, b2, losses, rho, w1, self.problem or f"reached t = {t[-1]:g}")


def training_start(d, m1, m2, alpha, w2, b2, spread, seed, **_):
    return standard_start(d, m1, m2, seed, alpha=alpha, w2=w2, b2=b2, spread=spread)


def training_plan(t_end, eta_1, eta_2, **_):
    """Intervals of equal length, at most 1, shorter when a rate is above 1: when they end, and which ends are saved."""
    count = math.ceil(t_end * max(1, eta_1, eta_2) - 1e-9)
    k = np.arange(1, count + 1)
    return k * t_end / count, (k % math.ceil(count / SAVED) == 0) | (k == count)


def plan_for(times):
    """The plan that saves at the times given, the first of them 0, with intervals of length 1 or less between them."""
    ends, saves = [], []
    for start, end in itertools.pairwise(times):
        k = np.arange(1, math.ceil(end - start) + 1)
        ends += [*(start + k[:-1] * (end - start) / len(k)), end]
        saves += [*[False] * (len(k) - 1), True]
    return np.array(ends), np.array(saves)


def draw_bases(d, seed, k, bases):
    """Random orthonormal bases, (bases, d, d)."""
    g = gaussians(seed, DIRECTIONS, k, bases * d * d).reshape(bases, d, d)
    q, r = np.linalg.qr(g.swapaxes(1, 2))  # Gram and Schmidt on the rows of g
    return (q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]).swapaxes(1, 2)


def training_rows(d, seed, k, before):
    """Directions of the k-th interval, to go with their negatives: at least ROWS rows of random orthonormal bases.

    Where one basis is enough, it is the one before, turned: its axes in a random order, each GROUP of them by one
    rotation. So a page need not multiply the first layer by a whole matrix.
    """
    if d < ROWS or before is None:
        return draw_bases(d, seed, k, math.ceil(ROWS / d)).reshape(-1, d)
    rows, whole = before[np.argsort(uniforms(seed, ORDERS, k, d))], d - d % GROUP
    turned = draw_bases(GROUP, seed, k, 1) @ rows[:whole].reshape(-1, GROUP, d)
    return np.concatenate([turned.reshape(whole, d), rows[whole:]])


def training_rays(d, seed):
    """The directions along which f is drawn."""
    rays = gaussians(seed, RAYS, 0, RAY_COUNT * d).reshape(RAY_COUNT, d)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def ideal_course(law, alpha, w2, b2, t, rates):
    """The infinite-width flow at the times t, with `exponent`, the integral of eta_1 (alpha/C_d) K.

    K, the curvature of the loss in alpha, is a central difference of its slope: a tenth of the work of `mf.stability`
    where the second layer is a cloud, to five digits. Ends early where MOST_EVALUATIONS do not suffice.
    """
    start, velocity, unpacked = packed(law, alpha, w2, b2, rates)
    C = relu_mean(law.d)

    def pull(time, state, factor):  # minus the slope of the loss in alpha, at alpha times the factor
        alpha = state[0] * factor
        return velocity(time, np.append(alpha, state[1:]))[0] / (4 * rates[0] * C * alpha)

    def moves(time, y):
        state = y[:-1]
        less, more = (pull(time, state, 1 + side * CURVATURE_STEP) for side in (-1, 1))
        K = (less - more) / (2 * CURVATURE_STEP * state[0])
        return np.append(velocity(time, state), rates[0] * state[0] / C * K)

    how = {"tolerance": 1e-7, "method": "RK45", "evaluations": MOST_EVALUATIONS}
    path = solve(moves, np.append(start, 0.0), t, **how)
    alpha, w2, b2 = unpacked(path.states[:, :-1])
    losses = radial_averages(law, alpha[:, None], w2, b2).loss[:, 0]
    course = {"t": path.t, "alpha": alpha, "w2": mean_neuron(w2), "b2": mean_neuron(b2), "loss": losses}
    return course | {"exponent": path.states[:, -1]}
