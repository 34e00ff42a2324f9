"""The live figure of symmetrization: neurons of the plane, moved by hand."""

import math

import numpy as np
import traitlets

from mfdepth import checks
from mfdepth.decomposition import READINGS
from mfdepth.live.kit.widget import Explorable, Number, check_number, module

START = ((1.0, 0.1), (0.3, 1.1), (-0.9, 0.6), (-0.5, -0.9), (0.6, -0.7))


class Circle(Explorable):
    """A few neurons of d = 2 as arrows that can be dragged; F and F~ around the circle, and the terms of the loss.

    neurons: rows (x, y), 1 to 12 of them, each number from -2 to 2, not all zero. w2, b2: the one second-layer neuron,
    w2 from -100 to -0.001 and b2 from 0.001 to 100.
    reading: how f~ is read, "layer 2 on F~" or "mean of f", as in `decompose`.
    selected: the neuron that the sliders move, from 1; angle, length: where it points, in degrees, and how long it is.
    Each is a trait; in a page or in JupyterLab, angle and length follow the neurons and move them.
    Raises ValueError out of range.

    >>> figure = Circle([[1, 0], [-1, 0]])
    >>> figure.neurons, figure.angle, figure.length
    ([[1.0, 0.0], [-1.0, 0.0]], 0.0, 1.0)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("circle/circle.js")

    neurons = traitlets.List().tag(sync=True)
    selected = Number(1, 12, whole=True)
    angle = Number(0, 360)
    length = Number(0, 3)
    w2 = Number(-100, -1e-3)
    b2 = Number(1e-3, 100)
    reading = traitlets.Unicode().tag(sync=True)

    def __init__(self, neurons=START, w2=-1.5, b2=0.8, *, reading="layer 2 on F~", selected=1):
        neurons = _checked(neurons)
        x, y = neurons[min(check_number("selected", selected, **Circle.selected.accepted), len(neurons)) - 1]
        angle, length = round(math.degrees(math.atan2(y, x)) % 360, 3), round(math.hypot(x, y), 3)
        numbers = {"selected": selected, "angle": angle, "length": length, "w2": w2, "b2": b2}
        super().__init__(neurons=neurons, reading=_reading(reading), **numbers)

    @traitlets.validate("neurons")
    def _neurons(self, proposal):
        return _checked(proposal["value"])

    @traitlets.validate("reading")
    def _one_reading(self, proposal):
        return _reading(proposal["value"])


def _checked(neurons):
    """1 to 12 pairs of numbers as lists, or ValueError."""
    rows = checks.finite_array("neurons", neurons, ndim=2)
    if rows.ndim != 2 or not 1 <= rows.shape[0] <= 12 or rows.shape[1] != 2:
        raise ValueError(f"neurons must be 1 to 12 pairs of numbers; got shape {tuple(rows.shape)}")
    checks.within("neurons", rows, -2, 2, "from -2 to 2")
    if not np.any(rows):
        raise ValueError("neurons must have one that is not zero; got all zeros")
    return np.asarray(rows, dtype=float).tolist()


def _reading(value):
    if value not in READINGS:
        raise ValueError(f"reading must be one of {READINGS}; got {value!r}")
    return value
