"""The live figure of the front page: the network drawn, with its numbers for one input."""

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module


class Network(Explorable):
    """The learner at infinite width as a drawing: the input, the cloud of w1, F = alpha |x|, the second layer, f.

    r: the length |x| of the input, from 0 to 1.6. alpha: the first layer, positive. w2, b2: the one second-layer
    neuron. Each is a trait. Raises ValueError out of range.

    >>> figure = Network(r=0.25)
    >>> figure.alpha, figure.w2, figure.b2
    (1.0, -0.1, 0.5)

    See: the chapter "The infinite-width dynamics".
    """

    _esm = module("network/network.js")

    r = Number(0.5, 0, 1.6, label="input |x|", linear=0.05)
    alpha = Number(1.0, above=0, label="α", log=(0.05, 3, 40))
    w2 = Number(-0.1, label="w₂", linear=(-2, 0.5, 0.02), more=True)
    b2 = Number(0.5, label="b₂", linear=(-0.5, 2, 0.02), more=True)
