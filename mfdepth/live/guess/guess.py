"""A guess before the answer: empty axes on which the reader draws, then what the library computed."""

import math

import numpy as np
import traitlets

from mfdepth import checks
from mfdepth.figures.style import INFINITE, numpy
from mfdepth.live.kit.settings import Kept, Number
from mfdepth.live.kit.widget import Explorable, module

NODES = 33  # places along the axis that a guess is kept at, as in guess.js
STEPS = 100  # of the slider that sets a height
MOST_CURVES = 4


class Guess(Explorable):
    """Axes for a guess: the reader draws, presses Reveal, and sees the answer and how far off the guess was.

    question: what is asked, a sentence. x: increasing, (n,). answers: 1 to 4 curves by their labels, each (n,). The
    first Reveal shows those that the reader has drawn, another one all. x_title, y_title: of the axes. y_range: (low,
    high) of the vertical axis, wide enough not to tell the answer. log_y: a logarithmic axis; y_range is then in powers
    of ten. shown: curves by label that may be seen before. start: whether the first value of each answer is marked.
    colour: of the answers, one of the book's. call: the Python expression that computes them, which *Copy as Python*
    gives.

    The traits `guesses` (a list a curve, of 33 values or None; powers of ten on a logarithmic axis) and `revealed` say
    what the reader did. Raises ValueError for curves and ranges that do not fit together.

    >>> import mfdepth as mf
    >>> run = mf.infinite_width(mf.BesselLaw(10), 1.0, -0.1, 0.5, range(61))
    >>> figure = Guess("How does b₂ move?", run.t, {"b₂": run.b2}, x_title="time t", y_title="b₂", y_range=(0, 2))
    >>> figure.revealed, figure.guesses[0][:3]
    (False, [None, None, None])

    See: the chapter "The infinite-width dynamics".
    """

    _esm = module("guess/guess.js")

    problem = traitlets.Dict().tag(sync=True)
    curve = Number(0, 0, MOST_CURVES - 1, whole=True, label="you draw", still=True)
    node = Number(0, 0, NODES - 1, whole=True, label="at", linear=1, still=True)
    value = Number(0, label="your guess")
    guesses = Kept([])
    revealed = Kept(False)
    asked = Kept(False)

    def __init__(
        self,
        question,
        x,
        answers,
        *,
        x_title,
        y_title,
        y_range,
        log_y=False,
        shown=None,
        start=False,
        colour=INFINITE,
        call="",
    ):
        if not 1 <= len(answers) <= MOST_CURVES:
            raise ValueError(f"answers must hold 1 to {MOST_CURVES} curves; got {len(answers)}")
        x = checks.times("x", numpy(x))
        low, high = (checks.number("y_range", end) for end in y_range)
        if not low < high:
            raise ValueError(f"y_range must be (low, high) with low < high; got {y_range!r}")
        problem = {
            "question": question,
            "labels": list(answers),  # their order, which a page that was saved does not keep
            "x": _rounded(x),
            "answers": {label: _rounded(_curve(f"answers[{label!r}]", y, x, log_y)) for label, y in answers.items()},
            "shown": {label: _rounded(_curve(f"shown[{label!r}]", y, x, log_y)) for label, y in (shown or {}).items()},
            "x_range": [float(x[0]), float(x[-1])],
            "y_range": [low, high],
            "x_title": x_title,
            "y_title": y_title,
            "log_y": bool(log_y),
            "start": bool(start),
            "colour": colour,
            "call": call,
        }
        empty = [[None] * NODES for _ in answers]
        super().__init__(problem=problem, guesses=empty, value=(low + high) / 2)

    @traitlets.default("controls")
    def _described(self):
        low, high = self.problem["y_range"]
        labels = [{"value": i, "label": label} for i, label in enumerate(self.problem["answers"])]
        curve, *others = super()._described()
        others[1]["linear"] = [low, high, (high - low) / STEPS]
        return [curve | {"choices": labels}, *others] if len(labels) > 1 else others


def _curve(name, y, x, log_y):
    y = np.asarray(checks.finite_array(name, numpy(y), shape=x.shape))
    if log_y:
        checks.within(name, y, math.ulp(0.0), math.inf, "positive on a logarithmic axis")
    return y


def _rounded(values):
    """Five digits, which is more than a screen shows."""
    return [float(f"{value:.5g}") for value in values]
