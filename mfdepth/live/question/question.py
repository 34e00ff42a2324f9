"""A question that the page itself checks: for exercises, and for the test at the end of the book."""

import traitlets

from mfdepth import checks
from mfdepth.live.kit.widget import LIVE, Explorable, module


class Question(Explorable):
    """A question with one right answer, a choice or a number, told right or wrong with the reason.

    text: the question. choices: a dictionary from each choice to the reason that is told when it is picked; right: the
    choice that is right. Or, without choices, right: a number; within: how far off it may be, relative; because: the
    reason it is told with; wrong: what is told otherwise, a hint.

    The trait `given` is what the reader answered: the number of the choice, from 0, or the number; None before.
    Raises ValueError for a right answer that is not among the choices, or a number without a reason.

    >>> figure = Question("How many numbers keep the first layer?", right=1, because="alpha.", wrong="What is kept?")
    >>> figure.given = 1
    >>> figure.correct
    True

    See: the chapter "What to take away".
    """

    _esm = module("question/question.js")
    _css = Explorable._css + (LIVE / "question/question.css").read_text(encoding="utf-8")

    problem = traitlets.Dict().tag(sync=True)
    given = traitlets.Float(None, allow_none=True).tag(sync=True)

    def __init__(self, text, choices=None, *, right, within=0.01, because="", wrong=""):
        if choices:
            names = list(choices)
            if right not in names:
                raise ValueError(f"right must be one of the choices {names}; got {right!r}")
            problem = {"choices": names, "right": names.index(right), "tolerance": 0, "reasons": list(choices.values())}
        else:
            if not because or not wrong:
                raise ValueError("because and wrong must say why a number is right, and what to try; got none")
            number, tolerance = checks.number("right", right), checks.positive("within", within)
            problem = {"choices": [], "right": number, "tolerance": tolerance, "reasons": [because]}
        super().__init__(problem={"text": text, "wrong": wrong} | problem)

    @property
    def correct(self):
        """Whether the answer given is right."""
        right, tolerance = self.problem["right"], self.problem["tolerance"]
        return self.given is not None and abs(self.given - right) <= tolerance * abs(right)
