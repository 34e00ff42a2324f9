"""Many random starts at once: trained as one batch, and predicted one by one."""

import math
from functools import lru_cache

import numpy as np

from mfdepth import checks
from mfdepth.chapters.discretization.decay import harmonic_decay, remaining
from mfdepth.chapters.discretization.harmonics import harmonics_of
from mfdepth.checks import Array, Rng
from mfdepth.finite import finite_width, loss
from mfdepth.flow import whole
from mfdepth.infinite import infinite_width
from mfdepth.laws import BesselLaw
from mfdepth.random import generator, orthogonal
from mfdepth.rho import alpha_of, rho_of, stability
from mfdepth.starts import layer

DEGREE = 12  # of the harmonics followed; those beyond hardly move


def draw_seeds(d: int, m1: int, alpha: float, seeds: int, rng: Rng) -> Array:
    """First layers of m1 Gaussian neurons, each scaled so that its own alpha is exactly `alpha`: (seeds, m1, d).

    Then one infinite-width flow stands beside them all. Scaling leaves `discretization_error` as it is.

    d, m1, alpha, rng: as for `init_first_layer`. seeds: how many, at least 1.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import discretization
    >>> w1 = discretization.draw_seeds(3, 50, 2.0, 4, 0)
    >>> w1.shape, [round(float(alpha), 12) for alpha in mf.first_layer_alpha(w1)]
    ((4, 50, 3), [2.0, 2.0, 2.0, 2.0])

    See: the chapter "Why errors do not compound".
    """
    return _drawn(checks.whole("d", d, 2), *_sizes(m1, alpha, seeds), generator(rng))


def _sizes(m1, alpha, seeds):
    return checks.whole("m1", m1, 1), checks.positive("alpha", alpha), checks.whole("seeds", seeds, 1)


def _drawn(d, m1, alpha, seeds, rng):
    w1 = layer(d, seeds * m1, alpha, rng).reshape(seeds, m1, d)
    return w1 * (alpha / alpha_of(w1)[:, None, None]) ** 0.5


def train_seeds(
    d: int,
    m1: int,
    t: Array,
    *,
    alpha: float = 1.0,
    w2: float = -0.1,
    b2: float = 0.5,
    seeds: int = 16,
    rng: Rng = 0,
    bases: int | None = None,
    predict: bool = True,
) -> dict[str, np.ndarray]:
    """Train a batch of random first layers under the Bessel law, beside what the first order predicts for each.

    Every seed has one second-layer neuron and the start (alpha, w2, b2), so all share one infinite-width flow. The row
    that comes back is made for `sweep`.

    d, m1, alpha, seeds: as for `draw_seeds`. w2, b2, t: as for `finite_width`. rng: a seed, for which other d and
    m1 draw other neurons, or a numpy.random.Generator, which goes on.
    bases: random orthonormal bases (with their negatives) that a step averages over, by default enough for 40
    directions; the loss that is returned averages over four times as many, the same ones at all times.
    predict: False leaves out everything that the first order says.
    Returns a dict: "rho", "loss" and "predicted_rho", "predicted_loss" (T, seeds); "ideal_loss" (T,), at
    infinite width. The predicted loss is ideal_loss + 1/2 rho alpha^2 K with the predicted rho, `stability` K and alpha
    along the infinite-width flow (ours). A row is whole or absent: raises RuntimeError with the `status` of a run that
    stops before the last time, KeyboardInterrupt for one that is interrupted, and ValueError as `finite_width` does.

    >>> from mfdepth.chapters import discretization
    >>> row = discretization.train_seeds(3, 32, [0, 10], seeds=4)
    >>> row["rho"].shape, bool((row["rho"][1] < row["rho"][0]).all())
    ((2, 4), True)

    See: the chapter "Why errors do not compound".
    """
    law, (m1, alpha, seeds) = BesselLaw(d), _sizes(m1, alpha, seeds)
    bases = -(-20 // d) if bases is None else checks.whole("bases", bases, 1)
    source = generator(rng, np.empty(0))
    if source is not rng:  # a seed: no start is shared between points of a grid
        source = np.random.default_rng([int(rng), d, m1])
    w1 = _drawn(d, m1, alpha, seeds, source)
    start = np.full((seeds, 1), float(w2)), np.full((seeds, 1), float(b2))
    run = finite_width(law, w1, *start, t, directions=2 * d * bases, rng=source, save_w1=True)
    whole(run, checks.times("t", t))
    u = orthogonal(8 * d * bases, d, source)
    losses = [loss(law, *weights, u) for weights in zip(run.w1, run.w2, run.b2, strict=True)]
    row = {"rho": run.rho, "loss": np.stack(losses)}
    if not predict:
        return row
    ideal_loss, gain, decay = _first_order(law, alpha, w2, b2, tuple(run.t.tolist()))
    predicted = remaining(rho_of(w1), harmonics_of(w1, DEGREE), decay)
    return row | {
        "predicted_rho": predicted,
        "predicted_loss": ideal_loss[:, None] + gain[:, None] * predicted,
        "ideal_loss": ideal_loss,
    }


@lru_cache
def _first_order(law, alpha, w2, b2, t):
    """The loss at infinite width, what a unit of rho adds to it, and the decay: the same for all widths and seeds."""
    ideal = infinite_width(law, alpha, w2, b2, t, tolerance=1e-8)
    whole(ideal, t)
    gain = ideal.alpha**2 * stability(law, ideal.alpha, ideal.w2, ideal.b2) / 2
    return ideal.loss, gain, harmonic_decay(law, alpha, w2, b2, t, degree=DEGREE, tolerance=1e-5)


def exponent(x: Array, values: Array) -> str:
    """The power of x in values, by least squares in the logarithms, with its 95 % interval, as a string.

    x: positive, (k,). values: positive, (k, n), n seeds at each x.

    >>> exponent([1, 2, 4], [[1.0, 1.2], [0.5, 0.5], [0.25, 0.24]])
    '-1.08 [-1.22, -0.94]'

    See: the chapter "Why errors do not compound".
    """
    from scipy import stats  # slow to import

    values = checks.within("values", checks.finite_array("values", values, ndim=2), math.ulp(0.0), math.inf, "positive")
    x = checks.within("x", checks.array("x", x, shape=(len(values),)), math.ulp(0.0), math.inf, "positive")
    wide, values = np.broadcast_arrays(np.reshape(x, (-1, 1)), values)
    fit = stats.linregress(np.log(wide).ravel(), np.log(values).ravel())
    half = stats.t.ppf(0.975, wide.size - 2) * fit.stderr
    return f"{fit.slope:.2f} [{fit.slope - half:.2f}, {fit.slope + half:.2f}]"
