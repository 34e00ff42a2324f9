"""The live figure of the chapter on two-layer networks: neurons as moving particles over their limiting density."""

import traitlets

from mfdepth.explorables.base import HERE, Explorable, check_number, module

RANGES = {
    "m": {"low": 1, "high": 4000, "whole": True},
    "seed": {"low": 0, "high": 2**31 - 1, "whole": True},
    "size": {"low": 0.05, "high": 1.5},
    "sector": {"low": 1, "high": 360},
    "batch": {"low": 1, "high": 128, "whole": True},
    "speed": {"low": 0.25, "high": 8},
}
TARGETS = "one", "two", "three", "star", "own"
REACH = 1.6


class Particles(Explorable):
    """A two-layer network trains in the page: its neurons in the plane, over the density that infinitely many would have.

    m: neurons, a whole number from 1 to 4000. seed: of the start and the batches, a whole number from 0. size: standard
    deviation of each coordinate at the start, from 0.05 to 1.5. sector: the directions of the start, from 1 to 360
    degrees around the first axis. batch: inputs a step, from 1 to 128, drawn with replacement; 128 uses all. speed: time
    units a second, from 0.25 to 8. target: "one", "two", "three" or "star", or "own" for the neurons of `teacher`.
    teacher: a list of 1 to 8 pairs within 1.6 of zero, not all zero.

    Each is a trait: set it and the figure starts again, move a control and it changes. Raises ValueError or TypeError out
    of range.

    >>> figure = Particles(m=100)
    >>> figure.target = "star"
    >>> figure.m, figure.target
    (100, 'star')

    See: the chapter "Two-layer mean-field networks".
    """

    _esm = module("particle_flow.js", "particle_film.js", "particles.js")
    _css = Explorable._css + (HERE / "particles.css").read_text(encoding="utf-8")

    m = traitlets.Int().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    size = traitlets.Float().tag(sync=True)
    sector = traitlets.Float().tag(sync=True)
    batch = traitlets.Int().tag(sync=True)
    speed = traitlets.Float().tag(sync=True)
    target = traitlets.Unicode().tag(sync=True)
    teacher = traitlets.List().tag(sync=True)

    def __init__(
        self,
        m=400,
        *,
        seed=0,
        size=0.3,
        sector=360.0,
        batch=128,
        speed=1.0,
        target="three",
        teacher=((0.97, 0.26), (0.2, 0.75), (-0.84, 0.31)),
    ):
        given = {"m": m, "seed": seed, "size": size, "sector": sector, "batch": batch, "speed": speed}
        numbers = {name: check_number(name, value, **RANGES[name]) for name, value in given.items()}
        super().__init__(**numbers, target=_check_target(target), teacher=_check_teacher(teacher))

    @traitlets.validate(*RANGES)
    def _in_range(self, proposal):
        name = proposal["trait"].name
        return check_number(name, proposal["value"], **RANGES[name])

    @traitlets.validate("target")
    def _known_target(self, proposal):
        return _check_target(proposal["value"])

    @traitlets.validate("teacher")
    def _real_teacher(self, proposal):
        return _check_teacher(proposal["value"])


def _check_target(value):
    if value not in TARGETS:
        raise ValueError(f"target must be one of {', '.join(TARGETS)}; got {value!r}")
    return value


def _check_teacher(value):
    accepted = f"a list of 1 to 8 pairs of numbers from -{REACH} to {REACH}, not all zero"
    try:
        neurons = [[float(a), float(b)] for a, b in value]
    except (TypeError, ValueError):
        raise TypeError(f"teacher must be {accepted}; got {value!r}") from None
    numbers = [c for v in neurons for c in v]
    if not (1 <= len(neurons) <= 8 and all(abs(c) <= REACH for c in numbers) and any(numbers)):
        raise ValueError(f"teacher must be {accepted}; got {value!r}")
    return neurons
