"""The live figure of the chapter "What can two layers do?": two layers within a norm budget."""

from mfdepth.live.kit.settings import Number
from mfdepth.live.kit.widget import Explorable, module


class NormBudget(Explorable):
    """The best two-layer network within a norm budget, its loss, and the norm of the exact three-layer network.

    The page solves the convex problem of `shallow_lower_bound` (inputs within |x| <= 3) at each move, to a relative gap
    of 1e-3 between the loss and its bound. Losses below 1e-6 it only calls so.

    d: dimension, a whole number from 2 to 1000. budget: the norm sum |a_k||w_k| allowed, from 1 to 1000. Each is a
    trait. Raises ValueError out of range.

    >>> figure = NormBudget(d=30)
    >>> figure.budget = 12
    >>> figure.d, figure.budget
    (30, 12.0)

    See: the chapter "What can two layers do?".
    """

    _esm = module("norm_budget/norm_budget.js")

    d = Number(10, 2, 1000, whole=True, label="dimension d", log=40)
    budget = Number(5.0, 1, 1000, label="norm budget B", log=40)
