"""The live figure of the chapter on the infinite-width dynamics."""

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module

SAVED_TIMES = 161


class InfiniteWidth(Explorable):
    """alpha_t, w2 and b2 under the Bessel law, the network they make, and its loss, computed in the page.

    d: dimension, a whole number from 2 to 1000. alpha: at the start, positive. w2, b2: the one second-layer neuron at
    the start; the figure itself explains a start from which nothing flows. eta_1, eta_2: rates of the two layers,
    positive. t_end: the last time, positive. t_fraction: which time the network is shown at, from 0 (start) to 1 (end).

    Each is a trait: set it and the figure follows, move a slider and it changes. Raises ValueError out of range.

    >>> figure = InfiniteWidth(d=10)
    >>> figure.w2 = -0.5
    >>> figure.d, figure.w2
    (10, -0.5)

    See: the chapter "The infinite-width dynamics".
    """

    _esm = module("infinite_width/infinite_width.js")

    d = Number(100, 2, 1000, whole=True, label="dimension d", log=40)
    alpha = Number(1.0, above=0, label="α at the start", log=(0.05, 3, 40), more=True)
    w2 = Number(-0.1, label="w₂ at the start", linear=(-2, 0.5, 0.02), more=True)
    b2 = Number(0.5, label="b₂ at the start", linear=(-0.5, 2, 0.02), more=True)
    eta_1 = Number(1.0, above=0, label="η₁, first layer", log=(0.1, 10, 40), more=True)
    eta_2 = Number(1.0, above=0, label="η₂, second layer", log=(0.1, 10, 40), more=True)
    t_end = Number(60.0, above=0, label="last time T", log=(1, 1000, 40), more=True)
    t_fraction = Number(1.0, 0, 1, label="time shown", linear=1 / (SAVED_TIMES - 1))
