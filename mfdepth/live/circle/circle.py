"""The live figure of symmetrization: neurons of the plane, moved by hand."""

import math

from mfdepth.chapters.discretization.decomposition import READINGS
from mfdepth.live.kit.settings import Choice, Number, Pairs
from mfdepth.live.kit.widget import Explorable, module

START = ((1.0, 0.1), (0.3, 1.1), (-0.9, 0.6), (-0.5, -0.9), (0.6, -0.7))


class Circle(Explorable):
    """A few neurons of d = 2 as arrows that can be dragged; F and F~ around the circle, and the terms of the loss.

    neurons: rows (x, y), 1 to 12 of them, each number from -2 to 2, not all zero. w2, b2: the one second-layer neuron,
    w2 from -100 to -0.001 and b2 from 0.001 to 100. reading: how f~ is read, "layer 2 on F~" or "mean of f", as in
    `decompose`. selected: the neuron that the sliders move, from 1. Each is a trait; `angle`, in degrees, and `length`
    say where that neuron points and how long it is, and set them too. Raises ValueError out of range.

    >>> figure = Circle([[1, 0], [-1, 0]])
    >>> figure.angle = 90
    >>> figure.neurons, figure.length
    ([[0.0, 1.0], [-1.0, 0.0]], 1.0)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("circle/circle.js")

    selected = Number(1, 1, 12, by_name=True, whole=True, label="neuron", linear=1)
    neurons = Pairs(START, most=12, within=2)
    w2 = Number(-1.5, -100, -1e-3, label="w₂", linear=(-3, -0.05, 0.05), more=True)
    b2 = Number(0.8, 1e-3, 100, label="b₂", linear=(0.05, 1.5, 0.05), more=True)
    reading = Choice(
        READINGS[0], dict(zip(READINGS, ("layer 2 on F̃", "mean of f"), strict=True)), label="f̃ is", more=True
    )

    @property
    def angle(self):
        x, y = self._chosen
        return round(math.degrees(math.atan2(y, x)) % 360, 3)

    @angle.setter
    def angle(self, angle):
        self._point(angle, self.length)

    @property
    def length(self):
        return round(math.hypot(*self._chosen), 3)

    @length.setter
    def length(self, length):
        self._point(self.angle, length)

    @property
    def _chosen(self):
        return self.neurons[min(self.selected, len(self.neurons)) - 1]

    def _point(self, angle, length):
        turn, k = math.radians(angle), min(self.selected, len(self.neurons)) - 1
        moved = [round(math.cos(turn) * length, 3), round(math.sin(turn) * length, 3)]
        self.neurons = [*self.neurons[:k], moved, *self.neurons[k + 1 :]]
