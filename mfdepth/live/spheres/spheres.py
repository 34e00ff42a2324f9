"""The live figure of spherical harmonics: a function on the sphere, and its mean against a ReLU."""

from mfdepth.live.kit.settings import Choice, Number
from mfdepth.live.kit.widget import Explorable, module

SHAPES = {"harmonic": "one harmonic", "bump": "a bump", "cap": "a cap", "stripes": "stripes"}


class Spheres(Explorable):
    """A function on the sphere of R^3 that can be turned, its mean E_v f(v) ReLU(u.v), and both on the circle.

    shape: "harmonic", one of degree `degree` (0 to 4) and order `order` (0 to 4, at most the degree counts); or a
    function of the height, "bump", "cap" or "stripes". turn, tilt: in degrees, -180 to 180 and -90 to 90. Each is a
    trait. Raises ValueError out of range.

    >>> figure = Spheres(degree=3)
    >>> figure.shape, figure.degree
    ('harmonic', 3)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("spheres/spheres.js")

    shape = Choice("harmonic", SHAPES, label="function")
    degree = Number(2, 0, 4, whole=True, label="degree l", linear=1)
    order = Number(1, 0, 4, whole=True, label="which one", linear=1)
    turn = Number(20, -180, 180, by_name=True, label="turn", linear=5)
    tilt = Number(25, -90, 90, by_name=True, label="tilt", linear=5)
