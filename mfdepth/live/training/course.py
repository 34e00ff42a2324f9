"""One training of the live figure `Training`, in Python: js/course.js number by number.

The start, the directions of each interval and the rays come from the figure's own generator (philox.py), the steps from
`mf.finite_width`, on NumPy or on torch arrays.
"""

import math
from itertools import count

import numpy as np
from scipy.integrate import solve_ivp

from mfdepth.figures.style import mean_neuron, numpy
from mfdepth.finite import finite_width, loss
from mfdepth.infinite import Trajectory, packed_start, packed_velocity
from mfdepth.laws import BesselLaw
from mfdepth.networks import first_layer
from mfdepth.radius import radial_averages
from mfdepth.random import gaussians
from mfdepth.rho import discretization_error, first_layer_alpha, harmonic_errors
from mfdepth.sphere import relu_mean, tangent_eigenvalues
from mfdepth.starts import standard_start

RAYS, DIRECTIONS = 2, 3  # streams of the generator; 0 and 1 draw the start
TOLERANCE = 0.01  # of a step
SAVED = 50  # stretches between saved times, at most
RAY_COUNT = 12
DEGREE = 30  # of the harmonics that the prediction follows
MOST_EVALUATIONS = 20_000  # of the infinite-width flow
CURVATURE_STEP = 1e-5  # relative, of the central difference that is K


class Course:
    """A training at time 0: `advance()` takes it through one interval, `frame()` says where it is.

    settings: d, m1, m2, alpha, w2, b2, spread, eta_1, eta_2, t_end, seed. place: turns NumPy arrays into the arrays to
    train on. `problem` says why it cannot start or go on, if so.
    """

    def __init__(self, settings, place=np.asarray):
        self.settings, self.place = settings, place
        self.law = BesselLaw(settings["d"])
        self.rates = settings["eta_1"], settings["eta_2"]
        self.count, self.interval, self.stride = plan(**settings)
        start = training_start(**settings)
        self.state, self.k, self.problem, self.ideal = tuple(place(x) for x in start), 0, "", None
        self.rays = place(training_rays(settings["d"], settings["seed"]))
        self.history = {"t": [], "loss": [], "alpha": [], "rho": []}
        self.states = []  # at the saved times
        try:
            packed_start(self.law, 1.0, *start[1:])
        except ValueError as error:
            self.problem = str(error)
            return
        self.save()

    def follow(self):
        """The infinite-width flow from the same start, and rho to first order beside it."""
        w1, w2, b2 = (numpy(x) for x in self.state)
        k = np.append(np.arange(0, self.count, self.stride), self.count)
        ideal = ideal_course(self.law, first_layer_alpha(w1), w2, b2, k * self.interval, self.rates)
        decay = tangent_eigenvalues(self.law.d, DEGREE)[1:]
        lost = -np.expm1(-2 * ideal.pop("pull")[:, None] * decay)
        rho = discretization_error(w1) - lost @ harmonic_errors(w1, DEGREE)
        self.ideal = {name: value.tolist() for name, value in (ideal | {"rho": rho}).items()}

    def directions(self):
        return self.place(training_directions(self.law.d, self.settings["seed"], self.k))

    def save(self):
        now = {
            "t": self.k * self.interval,
            "loss": loss(self.law, *self.state, self.directions()),
            "alpha": first_layer_alpha(self.state[0]),
            "rho": discretization_error(self.state[0]),
        }
        for name, value in now.items():
            self.history[name].append(float(value))
        self.states.append(self.state)

    @property
    def over(self):
        return bool(self.problem) or self.k == self.count

    def advance(self):
        """One interval, with its own directions."""
        step = {"directions": self.directions(), "step": self.interval, "tolerance": TOLERANCE, "save_w1": True}
        run = finite_width(self.law, *self.state, [self.interval], self.rates, **step)
        if not len(run.t):
            reason = run.status.partition(": ")[2]
            self.problem = f"The run stops at t = {self.k * self.interval:.4g}: {reason}."
            return
        self.state = run.w1[0], run.w2[0], run.b2[0]
        self.k += 1
        if self.k % self.stride == 0 or self.k == self.count:
            self.save()

    def frame(self):
        """What the figure draws."""
        w1, w2, b2 = self.state
        return {
            "t": self.k * self.interval,
            "fraction": self.k / self.count,
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
    """The library's `standard_start` from these settings."""
    return standard_start(d, m1, m2, seed, alpha=alpha, w2=w2, b2=b2, spread=spread)


def plan(t_end, eta_1, eta_2, **_):
    """How many intervals, of which length, and how many there are between saved times."""
    count = math.ceil(t_end * max(1, eta_1, eta_2) - 1e-9)
    return count, t_end / count, math.ceil(count / SAVED)


def training_directions(d, seed, k):
    """The directions of the k-th interval: at least 100 rows of random orthonormal bases, then their negatives."""
    bases = math.ceil(100 / d)
    g = gaussians(seed, DIRECTIONS, k, bases * d * d).reshape(bases, d, d)
    q, r = np.linalg.qr(g.swapaxes(1, 2))  # Gram and Schmidt on the rows of g
    rows = (q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]).swapaxes(1, 2).reshape(-1, d)
    return np.concatenate([rows, -rows])


def training_rays(d, seed):
    """The directions along which f is drawn."""
    rays = gaussians(seed, RAYS, 0, RAY_COUNT * d).reshape(RAY_COUNT, d)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def ideal_course(law, alpha, w2, b2, t, rates):
    """The infinite-width flow at the times t, with `pull`, the integral of eta_1 (alpha/C_d) K.

    K, the curvature of the loss in alpha, is a central difference of its slope: a tenth of the work of `mf.stability`
    where the second layer is a cloud, to five digits. Ends early from a start that drives w2 to the edge at 0.
    """
    start, m2 = packed_start(law, alpha, w2, b2)
    velocity, growth = packed_velocity(law, m2, rates), 4 * rates[0] * relu_mean(law.d)
    left = count(MOST_EVALUATIONS, -1)

    def pull(time, state, factor):  # minus the slope of the loss in alpha, at alpha times the factor
        alpha = state[0] * factor
        return velocity(time, np.append(alpha, state[1:]))[0] / (growth * alpha)

    def moves(time, y):
        state = y[:-1]
        if next(left) < 0 or not np.max(state[1 : m2 + 1]) < 0 or not np.all(np.isfinite(y)):
            return np.full_like(y, np.nan)  # no flow there: the integrator shortens its step, and gives up at last
        less, more = (pull(time, state, 1 + side * CURVATURE_STEP) for side in (-1, 1))
        K = (less - more) / (2 * CURVATURE_STEP * state[0])
        return np.append(velocity(time, state), rates[0] * state[0] / relu_mean(law.d) * K)

    found = solve_ivp(moves, (0.0, t[-1]), np.append(start, 0.0), "RK45", t, rtol=1e-7, atol=1e-9)
    alpha, w2, b2 = found.y[0], found.y[1 : m2 + 1].T, found.y[m2 + 1 : -1].T
    losses = radial_averages(law, alpha[:, None], w2, b2).loss[:, 0]
    course = {"t": found.t, "alpha": alpha, "w2": mean_neuron(w2), "b2": mean_neuron(b2), "loss": losses}
    return course | {"pull": found.y[-1]}
