"""The live figure in which the reader draws the target, and a general second layer learns it at infinite width."""

import numpy as np

from mfdepth import checks
from mfdepth.chapters.beyond import spread_neurons
from mfdepth.live.kit.bundle import LIVE
from mfdepth.live.kit.settings import Number, Setting
from mfdepth.live.kit.widget import Explorable, module

HANDLES = 7  # at the radii 0, 1/4 .. 3/2
REACH = 1.5  # of the inputs, as in target.js
LOW, HIGH = -0.5, 1.5
HILL = [0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 0.0]


class Heights(Setting):
    """The heights of the handles, a list; the page draws and moves them."""

    def __init__(self, default):
        super().__init__(default, hidden=True)

    def check(self, value):
        heights = np.asarray(checks.finite_array(self.name, value, shape=(HANDLES,)))
        checks.within(self.name, heights, LOW, HIGH, f"from {LOW} to {HIGH}")
        return heights.tolist()


class Target(Explorable):
    """A target f*(r) that the reader drags, and what the infinite-width flow of a general second layer makes of it.

    The flow is `beyond.radial_flow` with alpha = 1 at the start, rates 1, under the uniform law on the ball of radius
    3/2 in R^d. Under this law all of it is well defined whatever is drawn: inputs lie at every handle and nowhere
    beyond the last, so that neurons may grow with |x|; the radius has a density, which K needs at the kinks, and an
    inverse distribution function, (3/2) q^(1/d), that the page and Python evaluate alike.

    heights: f* at r = 0, 1/4 .. 3/2, seven numbers from -1/2 to 3/2; straight in between. m2: neurons of the second
    layer, 1 to 8, which start from `beyond.spread_neurons(m2, seed)`. d: dimension, 2 to 10. seed: 0 to 30. t_end: the
    last time, 10 to 300. t_fraction: the share of it that f is shown at. handle: which one the keyboard moves, 0 to 6.

    Each is a trait: set it and the figure follows, move a slider and it changes. Raises ValueError out of range.

    >>> figure = Target(m2=2)
    >>> figure.heights = [1, 1, 1, 0.5, 0, 0, 0]
    >>> figure.m2, figure.heights[3]
    (2, 0.5)

    See: the chapter "Beyond".
    """

    _esm = module("target/target.js")
    _css = Explorable._css + (LIVE / "target/target.css").read_text(encoding="utf-8")

    heights = Heights(HILL)
    m2 = Number(3, 1, 8, whole=True, label="neurons, layer 2", linear=1)
    handle = Number(3, 0, HANDLES - 1, whole=True, label="handle", linear=1, still=True)
    d = Number(2, 2, 10, whole=True, label="dimension d", linear=1)
    seed = Number(0, 0, 30, whole=True, label="other start", linear=1)
    t_end = Number(100.0, 10, 300, label="last time T", linear=10)
    t_fraction = Number(1.0, 0, 1, label="time shown", linear=0.01)

    def start(self):
        """The second layer that the flow starts from: rows (a, w, b), shape (m2, 3)."""
        return spread_neurons(self.m2, self.seed, REACH)
