"""The live figure of the chapter "Why depth?": two layers within a norm budget."""

import traitlets

from mfdepth.explorables.base import Explorable, check_number, module

RANGES = {"d": {"low": 2, "high": 1000, "whole": True}, "budget": {"low": 1, "high": 1000}}


class NormBudget(Explorable):
    """The best two-layer network within a norm budget, its loss, and the norm that three layers need.

    The page solves the convex problem of `shallow_lower_bound` (inputs within |x| <= 3) at each move, to a relative gap of
    1e-3 between the loss and its bound. Losses below 1e-6 it only calls so.

    d: dimension, a whole number from 2 to 1000. budget: the norm sum |a_k||w_k| allowed, from 1 to 1000. Each is a trait.
    Raises ValueError out of range.

    >>> figure = NormBudget(d=30)
    >>> figure.budget = 12
    >>> figure.d, figure.budget
    (30, 12.0)

    See: the chapter "Why depth?".
    """

    _esm = module("law.js", "nearest_point.js", "shallow.js", "norm_budget.js")

    d = traitlets.Int().tag(sync=True)
    budget = traitlets.Float().tag(sync=True)

    def __init__(self, d=10, budget=5.0):
        given = {"d": d, "budget": budget}
        super().__init__(**{name: check_number(name, value, **RANGES[name]) for name, value in given.items()})

    @traitlets.validate(*RANGES)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return check_number(name, proposal["value"], **RANGES[name])
