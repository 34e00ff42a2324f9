"""The live figure of the chapter on the infinite-width dynamics."""

from mfdepth.live.kit.widget import Explorable, Number, module


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

    d = Number(2, 1000, whole=True)
    alpha = Number(above=0)
    w2 = Number()
    b2 = Number()
    eta_1 = Number(above=0)
    eta_2 = Number(above=0)
    t_end = Number(above=0)
    t_fraction = Number(0, 1)

    def __init__(self, d=100, alpha=1.0, w2=-0.1, b2=0.5, *, eta_1=1.0, eta_2=1.0, t_end=60.0, t_fraction=1.0):
        rates = {"eta_1": eta_1, "eta_2": eta_2}
        super().__init__(d=d, alpha=alpha, w2=w2, b2=b2, **rates, t_end=t_end, t_fraction=t_fraction)
