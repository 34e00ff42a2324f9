"""The live figure of the plane in which one neuron at infinite width moves."""

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module


class PhasePortrait(Explorable):
    """The plane of slope s = -w2 alpha and bias b = b2: the flow, its nullclines, one orbit, the bounds on its loss.

    d: dimension, a whole number from 2 to 1000. alpha: at the start, from 0.02 to 20. w2, b2: the second-layer neuron
    at the start, w2 from -100 to -0.001 and b2 from 0.001 to 100; a point (s, b) that is dragged moves both. t_end: the
    last time, positive. Both layers learn at the rate 1. The green bounds are those of `mf.convergence`.

    Each is a trait: set it and the figure follows. Raises ValueError out of range.

    >>> figure = PhasePortrait(d=10)
    >>> figure.b2 = 0.8
    >>> figure.d, figure.b2
    (10, 0.8)

    See: the chapter "Why must it get there?".
    """

    _esm = module("phase_portrait/phase_portrait.js")

    d = Number(10, 2, 1000, whole=True, label="dimension d", log=40)
    alpha = Number(1.0, 0.02, 20, label="α at the start", log=(0.05, 3, 40), more=True)
    w2 = Number(-0.1, -100, -0.001, label="w₂ at the start", linear=(-4, -0.02, 0.02))
    b2 = Number(0.5, 0.001, 100, label="b₂ at the start", linear=(0.02, 2.2, 0.02))
    t_end = Number(150.0, above=0, label="last time T", log=(1, 2000, 40), more=True)
