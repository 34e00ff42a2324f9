"""The live figure of the discretization error, degree by degree."""

import numpy as np

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module
from mfdepth.live.training.course import Course, plan_for

SEEDS = 3
SEED_TIMES = 21
SEED_SETTINGS = {"m2": 1, "spread": 0.0, "eta_1": 1.0, "eta_2": 1.0}
WIDTHS = [(3 if k % 2 else 2) * 2 ** (k // 2 + 1) for k in range(21)]  # 4, 6, 8, 12 .. 4096


class Harmonics(Explorable):
    """The spectrum of rho at the start and at a time, by the first order, and small networks trained in the page.

    The bars and the curve are the mean over random first layers, E rho_t of `predict_rho` with Gaussian lengths; the
    dots are three seeds, trained by the gradient flow in a worker of the page while d * d * m1 is small enough.

    d: dimension, a whole number from 2 to 1000. m1: neurons of the first layer. alpha, w2, b2: the start; alpha is
    positive, and the figure itself refuses a second layer from which nothing flows. t_end: the last time, positive.
    seed: which three seeds, from 0. t_fraction: the time shown is t_end times its cube, from 0 to 1.
    Each is a trait: set it and the figure follows. Raises ValueError out of range.

    >>> figure = Harmonics(d=30)
    >>> figure.m1 = 512
    >>> figure.d, figure.m1
    (30, 512)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("harmonics/harmonics.js")

    d = Number(10, 2, 1000, whole=True, label="dimension d", log=20)
    m1 = Number(128, 1, 1e6, whole=True, label="width m₁", stops=WIDTHS)
    alpha = Number(1.0, above=0, label="α at the start", log=(0.05, 3, 20), more=True)
    w2 = Number(-0.1, label="w₂ at the start", linear=(-2, -0.02, 0.02), more=True)
    b2 = Number(0.5, label="b₂ at the start", linear=(0.02, 2, 0.02), more=True)
    t_end = Number(200.0, above=0, label="last time T", log=(10, 1000, 20), more=True)
    seed = Number(0, 0, 1e6, whole=True, label="seeds from", linear=(0, 50, 1), more=True)
    t_fraction = Number(0.8, 0, 1, label="time shown", linear=1 / (SEED_TIMES - 1))

    def seeds(self):
        """Train the three seeds as the page does, and return their `Trajectory`s: rho is what the dots show.

        >>> [len(run.rho) for run in Harmonics(d=3, m1=8, t_end=10).seeds()]
        [21, 21, 21]
        """
        times = self.t_end * np.linspace(0, 1, SEED_TIMES) ** 3
        start = {name: getattr(self, name) for name in ("d", "m1", "alpha", "w2", "b2")}
        runs = []
        for seed in range(SEEDS * self.seed, SEEDS * (self.seed + 1)):
            course = Course(start | SEED_SETTINGS | {"seed": seed}, plan=plan_for(times))
            if course.problem:
                raise ValueError(course.problem)
            while not course.over:
                course.advance()
            runs.append(course.trajectory())
        return runs
