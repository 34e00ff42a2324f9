"""The live figure of the chapter on two-layer networks: neurons as moving particles over their limiting density."""

from mfdepth.live.kit.settings import Choice, Number, Pairs
from mfdepth.live.kit.widget import LIVE, Explorable, module

SIZES = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 700, 1000, 1500, 2000, 3000, 4000)
TARGETS = {
    "one": "one neuron",
    "two": "two neurons",
    "three": "three neurons",
    "star": "three in a star",
    "own": "your own",
}


class Particles(Explorable):
    """A two-layer network trains in the page: its neurons in the plane, over the density of infinitely many.

    m: neurons, a whole number from 1 to 4000. seed: of the start and the batches, a whole number from 0. size: standard
    deviation of each coordinate at the start, from 0.05 to 1.5. sector: the directions of the start, from 1 to 360
    degrees around the first axis. batch: inputs per step, from 1 to 128, drawn with replacement; 128 uses all. speed:
    time units a second, from 0.25 to 8. target: "one", "two", "three" or "star", or "own" for the neurons of `teacher`.
    teacher: 1 to 8 pairs of numbers from -1.6 to 1.6, not all zero.

    Each is a trait: set it and the figure starts again, move a control and it changes. The time that the film has
    reached is none: the same settings play the same film, and it plays in the page. Raises ValueError or TypeError out
    of range.

    >>> figure = Particles(m=100)
    >>> figure.target = "star"
    >>> figure.m, figure.target
    (100, 'star')

    See: the chapter "Two-layer mean-field networks".
    """

    _esm = module("particles/particles.js")
    _css = Explorable._css + (LIVE / "particles/particles.css").read_text(encoding="utf-8")

    m = Number(400, 1, 4000, whole=True, label="neurons m", stops=SIZES)
    seed = Number(0, 0, 2**32 - 1, whole=True, label="seed", linear=(0, 50, 1), more=True)
    size = Number(0.3, 0.05, 1.5, label="start: spread", linear=0.05, more=True)
    sector = Number(360.0, 1, 360, label="start: sector", linear=1, more=True)
    batch = Number(128, 1, 128, whole=True, label="inputs per step", stops=(1, 2, 4, 8, 16, 32, 64, 128), more=True)
    speed = Number(1.0, 0.25, 8, label="speed", stops=(0.25, 0.5, 1, 2, 4, 8), more=True)
    target = Choice("three", TARGETS, label="target")
    teacher = Pairs(((0.97, 0.26), (-0.84, 0.31)), most=8, within=1.6)
