"""The live figure of the chapter on the infinite-width dynamics."""

import traitlets

from mfdepth.explorables.base import Explorable, check_number, module

RANGES = {
    "d": {"low": 2, "high": 1000, "whole": True},
    "alpha": {"above": 0},
    "w2": {},
    "b2": {},
    "eta_1": {"above": 0},
    "eta_2": {"above": 0},
    "t_end": {"above": 0},
    "t_fraction": {"low": 0, "high": 1},
}


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

    _esm = module("law.js", "dynamics.js", "infinite_width.js")

    d = traitlets.Int().tag(sync=True)
    alpha = traitlets.Float().tag(sync=True)
    w2 = traitlets.Float().tag(sync=True)
    b2 = traitlets.Float().tag(sync=True)
    eta_1 = traitlets.Float().tag(sync=True)
    eta_2 = traitlets.Float().tag(sync=True)
    t_end = traitlets.Float().tag(sync=True)
    t_fraction = traitlets.Float().tag(sync=True)

    def __init__(self, d=100, alpha=1.0, w2=-0.1, b2=0.5, *, eta_1=1.0, eta_2=1.0, t_end=60.0, t_fraction=1.0):
        given = {
            "d": d,
            "alpha": alpha,
            "w2": w2,
            "b2": b2,
            "eta_1": eta_1,
            "eta_2": eta_2,
            "t_end": t_end,
            "t_fraction": t_fraction,
        }
        super().__init__(**{name: check_number(name, value, **RANGES[name]) for name, value in given.items()})

    @traitlets.validate(*RANGES)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return check_number(name, proposal["value"], **RANGES[name])
