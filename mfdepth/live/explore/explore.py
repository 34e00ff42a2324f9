"""Any figure, movable: a function that returns a Plotly figure, and a control for each of its arguments."""

import ast
import itertools
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import traitlets

import mfdepth
from mfdepth.live.explore.frames import Pool, plain_figure
from mfdepth.live.kit.widget import Explorable, module

MOST_FRAMES = 150
LARGEST = 2**53  # number that a page holds exactly
MOST_BYTES = 250_000
SHORT = 100  # characters of a value that a copied call holds
KINDS = ("auto", "all", "each", "none")


def explore(
    figure_function: Callable, /, *, start: Mapping | None = None, frames: str = "auto", **ranges: Any
) -> "Explore":
    """A live figure made from a function: one control an argument, moving with Python and, in steps, without.

    figure_function: its keyword arguments in, a Plotly figure out. Each of ranges names an argument. A sequence of two
    or more values (list, tuple, range, one-dimensional array) moves: numbers in increasing order by a slider, strings
    by a choice, [False, True] by a box to tick. So does a dictionary from labels to values of any kind, by a choice.
    Anything else is one fixed value.

    start: a dictionary with the values (or labels) to begin with, where that is not the first one.

    Where Python runs (JupyterLab), a moved control calls figure_function. A page without it steps through figures that
    are computed here, at once. frames says for which settings: "all" combinations, "each" control moved alone from the
    start, "none" but the start; "auto" takes "all" where those are at most 150 figures and 250 kB, else "each". What
    figures share is kept once, and numbers are rounded to five digits.

    The arguments that move are traits: read them, set them, observe them. Returns an `Explore`. Raises whatever
    figure_function raises at the start; elsewhere the figure says in words what was refused. Raises ValueError for a
    range of fewer than two values, values that repeat, numbers that do not increase, a start that is not among them, or
    more figures than may be kept; TypeError for what is no function, no Plotly figure, or no such value.

    >>> import mfdepth as mf, numpy as np, plotly.graph_objects as go
    >>> def kernel(d):
    ...     cosine = np.linspace(-1, 1, 41)
    ...     return go.Figure(go.Scatter(x=cosine, y=mf.relu_kernel(cosine, d)))
    >>> moving = mf.explore(kernel, d=[2, 10, 100], start={"d": 10})
    >>> moving.d = 100
    >>> float(moving.figure().data[0].y[-1])  # 1 / (2 d)
    0.005

    See: the chapter "Why depth?".
    """
    return Explore(figure_function, ranges, start=start, frames=frames)


class Explore(Explorable):
    """What `mfdepth.explore` returns: a live figure with a trait for each argument that moves.

    See: the chapter "Why depth?".
    """

    _esm = module("explore/explore.js")

    call = traitlets.Dict().tag(sync=True)  # {name, fixed: ["law=mf.BesselLaw(10)", ...]}, for "Copy as Python"
    frames = traitlets.Dict().tag(sync=True)  # {pool, at: {"0,2": {figure} or {error}}, start, kind}
    drawn = traitlets.Dict().tag(sync=True)  # Python's last answer: {at, figure} or {at, error}

    def __init__(self, figure_function, ranges, *, start=None, frames="auto"):
        if not callable(figure_function):
            raise TypeError(f"figure_function must be a function; got {figure_function!r}")
        if frames not in KINDS:
            raise ValueError(f"frames must be one of {', '.join(map(repr, KINDS))}; got {frames!r}")
        self._function = figure_function
        self._choices = {name: choices for name, given in ranges.items() if (choices := _choices(name, given))}
        self._fixed = {name: given for name, given in ranges.items() if name not in self._choices}
        self._add_arguments(start or {})
        super().__init__(
            call={"name": _name(figure_function), "fixed": [f"{n}={_code(n, v)}" for n, v in self._fixed.items()]},
            controls=[_control(name, choices) for name, choices in self._choices.items()],
            frames=self._compute(frames),
        )
        self.observe(self._draw, list(self._choices))

    def figure(self):
        """The Plotly figure for the present settings, from the function itself."""
        return self._call(self._at())

    def _answer(self, _, message, buffers):
        super()._answer(_, message, buffers)
        if message.get("request") == "python":  # a page that asks in vain has only the frames
            self.send({"reply": "python"})

    def _add_arguments(self, start):
        if not self._choices:
            raise ValueError("ranges must give at least one argument a sequence of values; got none")
        for name in self._choices:
            if hasattr(Explore, name):
                raise ValueError(f"ranges must not name an argument {name!r}, which every widget has: rename it")
        for name in start:
            if name not in self._choices:
                raise ValueError(f"start must name arguments that move, {', '.join(self._choices)}; got {name!r}")
        self.add_traits(**{name: _OneOf(list(choices)).tag(sync=True) for name, choices in self._choices.items()})
        for name, value in start.items():
            setattr(self, name, value)

    def _at(self):
        """The settings as places in the ranges."""
        return tuple(list(choices).index(getattr(self, name)) for name, choices in self._choices.items())

    def _call(self, at):
        moving = {name: list(choices.values())[i] for i, (name, choices) in zip(at, self._choices.items(), strict=True)}
        return self._function(**self._fixed, **moving)

    def _draw(self, _):
        at = self._at()
        if self.drawn.get("at") != list(at):  # several traits may have changed together: once is enough
            self.drawn = {"at": list(at), **self._result(at)}

    def _result(self, at):
        try:
            return {"figure": plain_figure(self._call(at))}
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader is told
            return {"error": _words(error)}

    def _compute(self, frames):
        start = self._at()
        results = {start: {"figure": plain_figure(self._call(start))}}  # what fails here fails in the cell
        if frames != "auto":
            return self._keep(frames, start, results)
        try:
            return self._keep("all", start, results)
        except TooMuch:
            return self._keep("each", start, results)

    def _keep(self, kind, start, results):
        """The frames for the settings of a kind. results: those known already, by place; the others join them."""
        places = _places(kind, start, [len(choices) for choices in self._choices.values()])
        if len(places) > MOST_FRAMES:
            raise TooMuch(f"ranges ask for {len(places)} figures, at most {MOST_FRAMES} are kept: give fewer values")
        pool, at = Pool(), {}
        for place in places:
            if place not in results:
                results[place] = self._result(place)
            at[",".join(map(str, place))] = pool.add(results[place])
            if pool.bytes > MOST_BYTES:
                raise TooMuch(
                    f"the figures take more than {MOST_BYTES // 1000} kB: give fewer values, or draw fewer points"
                )
        return {"pool": pool.parts(), "at": at, "start": list(start), "kind": kind}


class TooMuch(ValueError):
    """More figures than a page should carry."""


class _OneOf(traitlets.TraitType):
    """One of some labels, which may be given as anything equal to it."""

    def __init__(self, labels):
        super().__init__(default_value=labels[0])
        self.labels = labels

    def validate(self, obj, value):
        for label in self.labels:
            if isinstance(value, str | numbers.Number) and value == label:
                return label
        shown = ", ".join(map(repr, self.labels))
        raise ValueError(f"{self.name} must be one of {shown}; got {value!r}")


def _choices(name, given):
    """The labels of a range and their values; None for a fixed value."""
    if isinstance(given, Mapping):
        labels, values, kinds = list(given), list(given.values()), [str]
        accepted = "a dictionary from strings to values"
    elif isinstance(given, list | tuple | range | np.ndarray):
        labels = values = [value.item() if isinstance(value, np.generic) else value for value in given]
        kinds = [bool, str, (int, float)]
        accepted = "a sequence of finite numbers, of strings, or of booleans, or a dictionary from labels to values"
    else:
        return None
    kind = next((kind for kind in kinds if all(_is(label, kind) for label in labels)), None)
    if kind is None:
        raise TypeError(f"{name} must be {accepted}; got {given!r}")
    if len(set(labels)) < max(2, len(labels)):
        raise ValueError(f"{name} must hold two or more different values; got {given!r}")
    if kind == (int, float) and sorted(labels) != labels:
        raise ValueError(f"{name} must hold its numbers in increasing order; got {given!r}")
    if kind == (int, float) and max(map(abs, labels)) > LARGEST:
        accepted = "numbers up to 2^53, beyond which a page rounds, or be a dictionary from labels to larger ones"
        raise ValueError(f"{name} must hold {accepted}; got {given!r}")
    return dict(zip(labels, values, strict=True))


def _control(name, choices):
    """The control of an argument, with its labels, and its values as Python writes them."""
    labels = list(choices)
    told = {"name": name, "label": name, "labels": labels, "code": [_code(name, v) for v in choices.values()]}
    if _is(labels[0], bool):
        return told | {"toggle": True}
    if _is(labels[0], str):
        return told | {"choices": [{"value": label, "label": label} for label in labels]}
    return told | {"stops": labels}


def _is(label, kind):
    if kind == (int, float):
        return isinstance(label, kind) and not isinstance(label, bool) and math.isfinite(label)
    return isinstance(label, kind)


def _places(kind, start, counts):
    """The settings to keep figures for, the start first, each as places in the ranges.

    >>> _places("each", (1, 0), [3, 2])
    [(1, 0), (0, 0), (2, 0), (1, 1)]
    """
    if kind == "none":
        return [start]
    if kind == "each":
        moved = [(*start[:i], k, *start[i + 1 :]) for i, count in enumerate(counts) for k in range(count)]
    else:
        moved = itertools.product(*map(range, counts))
    return list(dict.fromkeys([start, *moved]))


def _words(error):
    """What the reader is told when the function refuses."""
    kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
    return f"{kind}{error}" if str(error) else type(error).__name__


def _name(function):
    """The function as a reader of the book calls it: mf.figures.scaling, or its own name."""
    name, home = getattr(function, "__name__", "<lambda>"), getattr(function, "__module__", None) or ""
    if name == "<lambda>":
        return "figure_function"
    if home.startswith("mfdepth.figures"):
        return f"mf.figures.{name}"
    return f"mf.{name}" if home.startswith("mfdepth.") and name in mfdepth.__all__ else name


def _code(name, value):
    """The value as Python writes it, such as mf.BesselLaw(d=10); the argument's own name for what has no short text."""
    text, own = repr(value), getattr(mfdepth, type(value).__name__, None) is type(value)
    try:
        tree = ast.parse(text, mode="eval").body
        for part in [keyword.value for keyword in tree.keywords] if own else [tree]:
            ast.literal_eval(part)
    except (ValueError, SyntaxError, AttributeError):
        return name
    return name if len(text) > SHORT else f"mf.{text}" if own else text
