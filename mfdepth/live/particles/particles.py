"""The live figure of the chapter on two-layer networks: neurons as moving particles over their limiting density."""

import traitlets

from mfdepth.live.kit.widget import LIVE, Explorable, Number, module

TARGETS = "one", "two", "three", "star", "own"
REACH = 1.6


class Particles(Explorable):
    """A two-layer network trains in the page: its neurons in the plane, over the density that infinitely many would have.

    m: neurons, a whole number from 1 to 4000. seed: of the start and the batches, a whole number from 0. size: standard
    deviation of each coordinate at the start, from 0.05 to 1.5. sector: the directions of the start, from 1 to 360
    degrees around the first axis. batch: inputs a step, from 1 to 128, drawn with replacement; 128 uses all. speed: time
    units a second, from 0.25 to 8. target: "one", "two", "three" or "star", or "own" for the neurons of `teacher`.
    teacher: a list of 1 to 8 pairs within 1.6 of zero, not all zero.

    Each is a trait: set it and the figure starts again, move a control and it changes. The time that the film has reached
    is none: the same settings play the same film, and it plays in the page. Raises ValueError or TypeError out of range.

    >>> figure = Particles(m=100)
    >>> figure.target = "star"
    >>> figure.m, figure.target
    (100, 'star')

    See: the chapter "Two-layer mean-field networks".
    """

    _esm = module("particles/particles.js")
    _css = Explorable._css + (LIVE / "particles/particles.css").read_text(encoding="utf-8")

    m = Number(1, 4000, whole=True)
    seed = Number(0, 2**31 - 1, whole=True)
    size = Number(0.05, 1.5)
    sector = Number(1, 360)
    batch = Number(1, 128, whole=True)
    speed = Number(0.25, 8)
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
        numbers = {"m": m, "seed": seed, "size": size, "sector": sector, "batch": batch, "speed": speed}
        super().__init__(**numbers, target=target, teacher=_check_teacher(teacher))

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
