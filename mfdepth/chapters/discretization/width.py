"""The width that an error needs: what a finite first layer adds to the loss, turned around (ours, to first order)."""

from mfdepth import checks
from mfdepth.chapters.discretization.decay import predict_rho
from mfdepth.checks import Array, Rates
from mfdepth.flow import whole
from mfdepth.infinite import infinite_width
from mfdepth.laws import RadialLaw
from mfdepth.rho import stability
from mfdepth.starts import DIRECTIONS


def loss_per_rho(
    law: RadialLaw, alpha: float, w2: Array, b2: Array, t: Array, rates: Rates = (1.0, 1.0), *, tolerance: float = 1e-8
) -> Array:
    """What one unit of rho adds to the loss along the infinite-width flow: L = l + 1/2 k rho, k = K alpha^2 (ours).

    Theorem D bounds what this leaves out by (1 + t) rho^(3/2), up to a constant. As the fit goes on k tends to
    E[r^2; r <= 1], whatever the start.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. tolerance: relative, of the integrator.
    Returns k/2 at the times t, shape (T,), NumPy. Raises ValueError as `infinite_width` does, RuntimeError if it stops.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> [round(2 * float(x), 3) for x in loss_per_rho(law, 1.0, -0.1, 0.5, [0, 60, 300])]
    [0.009, 0.145, 0.174]
    >>> round(float(law.partial_moment(2, 1.0)), 3)
    0.174

    See: the chapter "Why errors do not compound".
    """
    run = infinite_width(law, alpha, w2, b2, t, rates, tolerance=tolerance)
    whole(run, checks.times("t", t))
    return run.alpha**2 * stability(law, run.alpha, run.w2, run.b2) / 2


def width_needed(
    law: RadialLaw,
    eps: Array,
    t: Array,
    alpha: float = 1.0,
    w2: float = -0.1,
    b2: float = 0.5,
    rates: Rates = (1.0, 1.0),
    *,
    directions: str = "pairs",
    tolerance: float = 1e-5,
) -> Array:
    """The width m1 at which a finite first layer adds eps to the loss at the times t, in the mean over starts.

    m1 = k E[m1 rho_t] / (2 eps),   k = K alpha^2 along the infinite-width flow, E[m1 rho_t] of `predict_rho`   (ours)

    to first order, for neurons of one length (then m1 E rho_t does not depend on m1). It grows like 1/eps, and in high
    dimension not with d: theorem D says that c/eps is enough, with a c that knows no dimension.

    It is for late times. Two things are left out: terms of order 1/m1^2, and, of order sqrt(l_t)/m1, that a finite
    network's second layer is a little behind the infinite one, where the loss l_t still has a slope. From the standard
    start at d = 10 the second is 13 % of eps at t = 60 and 1 % at t = 150, at every width.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. eps: positive. directions: as for `init_first_layer`.
    tolerance: relative, of the integrators. Returns shape (T,), NumPy, not rounded to whole pairs or bases.
    Raises ValueError as `infinite_width` does, and for other directions.

    >>> import mfdepth as mf
    >>> [round(float(width_needed(mf.BesselLaw(d), 1e-3, 300)[0])) for d in (10, 100)]
    [18, 102]

    See: the chapter "Why errors do not compound".
    """
    eps = checks.positive("eps", eps)
    checks.one_of("directions", directions, DIRECTIONS)
    per_rho = loss_per_rho(law, alpha, w2, b2, t, rates, tolerance=tolerance)
    m1 = {"independent": 1, "pairs": 2, "bases": 2 * law.d}[directions]
    rho = predict_rho(law, alpha, w2, b2, m1, t, rates, directions=directions, tolerance=tolerance)
    return per_rho * m1 * rho / eps
