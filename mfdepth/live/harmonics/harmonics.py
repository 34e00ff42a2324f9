"""The live figure of the discretization error, degree by degree."""

from mfdepth.live.kit.widget import Explorable, Number, module


class Harmonics(Explorable):
    """The spectrum of rho at the start and at a time, by the first order, and small networks trained in the page.

    The bars and the curve are the mean over random first layers, E rho_t of `predict_rho` with Gaussian lengths; the
    dots are three seeds, trained by the gradient flow in a worker of the page while d * d * m1 is small enough.

    d: dimension, a whole number from 2 to 1000. m1: neurons of the first layer. alpha, w2, b2: the start; alpha is
    positive, and the figure itself refuses a second layer from which nothing flows. t_end: the last time, positive.
    seed: which three seeds, from 0. t_fraction: the time shown is t_end times its cube, from 0 to 1.
    Each is a trait: set it and the figure follows. Raises ValueError out of range.

    >>> figure = Harmonics(d=30)
    >>> figure.m1 = 512
    >>> figure.d, figure.m1
    (30, 512)

    See: the chapter "Why errors do not compound".
    """

    _esm = module("harmonics/harmonics.js")

    d = Number(2, 1000, whole=True)
    m1 = Number(1, 1e6, whole=True)
    alpha = Number(above=0)
    w2 = Number()
    b2 = Number()
    t_end = Number(above=0)
    seed = Number(0, 1e6, whole=True)
    t_fraction = Number(0, 1)

    def __init__(self, d=10, m1=128, alpha=1.0, w2=-0.1, b2=0.5, *, t_end=200.0, seed=0, t_fraction=0.8):
        super().__init__(d=d, m1=m1, alpha=alpha, w2=w2, b2=b2, t_end=t_end, seed=seed, t_fraction=t_fraction)
