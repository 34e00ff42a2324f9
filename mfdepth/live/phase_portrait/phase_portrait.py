"""The live figure of the plane in which one neuron at infinite width moves."""

from mfdepth.live.kit.widget import Explorable, Number, module


class PhasePortrait(Explorable):
    """The plane of slope s = -w2 alpha and bias b = b2: the flow, its nullclines, one orbit, and the bounds on its loss.

    d: dimension, a whole number from 2 to 1000. alpha: at the start, from 0.02 to 20. w2, b2: the second-layer neuron at
    the start, w2 from -100 to -0.001 and b2 from 0.001 to 100; a point (s, b) that is dragged moves both. t_end: the last
    time, positive. Both layers learn at the rate 1. The green bounds are those of `mf.convergence`.

    Each is a trait: set it and the figure follows. Raises ValueError out of range.

    >>> figure = PhasePortrait(d=10)
    >>> figure.b2 = 0.8
    >>> figure.d, figure.b2
    (10, 0.8)

    See: the chapter "The infinite-width dynamics".
    """

    _esm = module("phase_portrait/phase_portrait.js")

    d = Number(2, 1000, whole=True)
    alpha = Number(0.02, 20)
    w2 = Number(-100, -0.001)
    b2 = Number(0.001, 100)
    t_end = Number(above=0)

    def __init__(self, d=10, alpha=1.0, w2=-0.1, b2=0.5, *, t_end=150.0):
        super().__init__(d=d, alpha=alpha, w2=w2, b2=b2, t_end=t_end)
