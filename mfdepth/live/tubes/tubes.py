"""The live figure of the idea behind the lower bound: thin tubes that cover a ring in the plane, and no sphere in high dimension."""

from mfdepth.live.kit.widget import Explorable, Number, module


class Tubes(Explorable):
    """Lines of the plane blurred to tubes, the part of a ring that they reach, and how many it takes in d dimensions.

    m: lines, one a neuron, from 1 to 40. ratio: radius of the ring in radii of a tube, from 1.5 to 10. d: dimension of the count
    beside the plane, from 2 to 200. seed: of the lines' directions, 0 to 30. Each is a trait. Raises ValueError out of range.

    >>> figure = Tubes(m=3)
    >>> figure.d = 100
    >>> figure.m, figure.ratio
    (3, 2.0)

    See: the chapter "Why depth?".
    """

    _esm = module("tubes/tubes.js")

    m = Number(1, 40, whole=True)
    ratio = Number(1.5, 10)
    d = Number(2, 200, whole=True)
    seed = Number(0, 30, whole=True)

    def __init__(self, m=5, *, ratio=2.0, d=10, seed=0):
        super().__init__(m=m, ratio=ratio, d=d, seed=seed)
