"""The live figure of the idea behind the lower bound: thin tubes cover a ring, and no sphere in high dimension."""

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module


class Tubes(Explorable):
    """Lines of the plane blurred to tubes, the part of a ring that they reach, and how many it takes in d dimensions.

    m: lines, one per neuron, from 1 to 40. ratio: radius of the ring in radii of a tube, 1.5 to 10. d: dimension of
    the count beside the plane, from 2 to 200. seed: of the lines' directions, 0 to 30. Each is a trait. Raises
    ValueError out of range.

    >>> figure = Tubes(m=3)
    >>> figure.d = 100
    >>> figure.m, figure.ratio
    (3, 2.0)

    See: the chapter "What can two layers do?".
    """

    _esm = module("tubes/tubes.js")

    m = Number(5, 1, 40, whole=True, label="neurons m", linear=1)
    ratio = Number(2.0, 1.5, 10, label="ring, in tube radii", linear=0.5)
    d = Number(10, 2, 200, whole=True, label="dimension d", log=40)
    seed = Number(0, 0, 30, whole=True, label="other lines", linear=1)
