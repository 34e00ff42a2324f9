"""The settings of a live figure, declared once: what Python accepts, where they start, the control that a page draws.

    d = Number(100, 2, 1000, whole=True, label="dimension d", log=40)

is a trait `d` from 2 to 1000, and a slider "dimension d" with 40 stops a decade over that range; the page finds it in
the figure's `controls`. A slider's stops are linear=step, log=stops a decade, or stops=[...]; linear=(from, to, step)
and log=(from, to, stops a decade) give it another range than the trait's.
"""

import math
from inspect import Parameter

import numpy as np
import traitlets

from mfdepth import checks


class Setting(traitlets.TraitType):
    """A trait that a page shares. `control` describes it there: label, and what kind of control it is.

    by_name: the figure takes it by name only, wherever its control stands.
    """

    def __init__(self, default, *, by_name=False, **control):
        super().__init__(default_value=default)
        self.control = control
        self.kind = Parameter.KEYWORD_ONLY if by_name else Parameter.POSITIONAL_OR_KEYWORD
        self.tag(sync=True)

    def validate(self, obj, value):
        return self.check(value)

    def described(self):
        return {"name": self.name, **self.control}


class Number(Setting):
    """A finite number from low to high, or above `above`; `whole`: an integer; `exact`: one of the stops.

    >>> class Figure(traitlets.HasTraits):
    ...     d = Number(30, 2, 1000, whole=True, label="dimension d", log=40)
    >>> Figure(d=20.0).d, Figure.d.described()["log"]
    (20, [2, 1000, 40])
    """

    def __init__(self, default, low=-math.inf, high=math.inf, *, above=None, whole=False, exact=False, **control):
        for scale in ("linear", "log"):
            if scale in control:
                stops = control[scale]
                control[scale] = list(stops) if isinstance(stops, tuple) else [low, high, stops]
        super().__init__(default, **control, **({"whole": True} if whole else {}), **({"exact": True} if exact else {}))
        self.accepted = {"low": low, "high": high, "above": above, "whole": whole}

    def check(self, value):
        number = checks.number(self.name, value, **self.accepted)
        return checks.one_of(self.name, number, self.control["stops"]) if "exact" in self.control else number


class Choice(Setting):
    """One of some strings; choices: their labels by the strings themselves."""

    def __init__(self, default, choices, **control):
        super().__init__(default, choices=[{"value": v, "label": label} for v, label in choices.items()], **control)

    def check(self, value):
        return checks.one_of(self.name, value, [choice["value"] for choice in self.control["choices"]])


class Switch(Setting):
    """True or False."""

    def __init__(self, default, **control):
        super().__init__(default, toggle=True, **control)

    def check(self, value):
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{self.name} must be True or False; got {value!r}")
        return bool(value)


class Pairs(Setting):
    """1 to `most` pairs of numbers from -within to within, not all zero, as lists; the figure draws and moves them.

    >>> class Figure(traitlets.HasTraits):
    ...     neurons = Pairs([[1.0, 0.0]], most=2, within=2)
    >>> Figure(neurons=np.eye(2)).neurons
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, default, *, most, within):
        super().__init__(default, hidden=True, pairs={"most": most, "within": within})
        self.accepted = f"1 to {most} pairs of numbers from {-within:g} to {within:g}, not all zero"

    def check(self, value):
        most, within = self.control["pairs"].values()
        try:
            rows = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(f"{self.name} must be {self.accepted}; got {value!r}") from None
        inside = rows.ndim == 2 and 1 <= len(rows) <= most and rows.shape[1] == 2 and np.all(np.abs(rows) <= within)
        if not inside or not np.any(rows):
            raise ValueError(f"{self.name} must be {self.accepted}; got {value!r}")
        return rows.tolist()


class Kept(Setting):
    """What the page keeps in its address and draws no control for; the figure's script reads and writes it."""

    def __init__(self, default):
        super().__init__(default, hidden=True)

    def check(self, value):
        return value
