"""rho harmonic by harmonic: of a given first layer, and in the mean over the ways to draw one.

ReLU multiplies the spherical harmonics of degree l by lambda_l (`relu_eigenvalues`), so each degree has a part of rho
of its own; `decay` says how it shrinks.
"""

import math
from collections.abc import Iterator

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.networks import checked_first_layer
from mfdepth.rho import direction_law
from mfdepth.sphere import C, relu_eigenvalues
from mfdepth.starts import checked_width


def harmonic_dimension(d: int, degree: int) -> list[int]:
    """How many spherical harmonics there are: N(d, l) = (2l + d - 2)/l * binom(l + d - 3, l - 1), l = 0 .. degree.

    N(d, 0) = 1. With the eigenvalues they split the kernel and its diagonal (the sum rule; Funk-Hecke, then Parseval):

        relu_kernel(c, d) = sum_l N(d, l) lambda_l^2 P_l(c),   sum_l N(d, l) lambda_l^2 = E ReLU(u_1)^2 = 1/(2 d).

    d: dimension, at least 2. degree: a whole number, at least 0; ValueError otherwise.
    Returns a list of degree + 1 Python integers: they are exact, and soon outgrow floats.

    >>> import mfdepth as mf
    >>> mf.harmonic_dimension(3, 4), mf.harmonic_dimension(2, 3)
    ([1, 3, 5, 7, 9], [1, 2, 2, 2])

    See: the chapter "Why errors do not compound".
    """
    d, degree = checks.whole("d", d, 2), checks.whole("degree", degree, 0)
    counts = [1, d]
    for n in range(1, degree):
        counts.append(counts[-1] * (2 * n + d) * (n + d - 2) // ((2 * n + d - 2) * (n + 1)))
    return counts[: degree + 1]


def relu_energies(d: int, degree: int) -> np.ndarray:
    """N(d, l) lambda_l^2 for l = 0 .. degree, where the factors alone would leave the range of floats.

    >>> round(float(np.sum(relu_energies(10, 100))), 6)  # the sum rule: 1/(2 d)
    0.05
    """
    values = relu_eigenvalues(d, min(degree, 2)) ** 2 * np.array(harmonic_dimension(d, min(degree, 2)), dtype=float)
    even = np.arange(2, degree - 1, 2)
    growth = (2 * even + d + 2) * (even + d - 1) * (even + d - 2) / ((2 * even + d - 2) * (even + 2) * (even + 1.0))
    ratios = growth * ((even - 1) / (even + d + 1)) ** 2
    out = np.zeros(degree + 1)
    out[: len(values)] = values
    out[4::2] = values[-1] * np.cumprod(ratios)
    return out


def gegenbauer(c: Array, d: int, degree: int) -> Iterator[Array]:
    """P_0(c) .. P_degree(c), one after the other: the Gegenbauer polynomials of index (d-2)/2 with P_l(1) = 1.

    (l + d - 2) P_{l+1} = (2l + d - 2) c P_l - l P_{l-1}.

    >>> [float(p) for p in gegenbauer(np.array(0.5), 3, 2)]  # Legendre
    [1.0, 0.5, -0.125]
    """
    before, now = c * 0, c * 0 + 1
    for n in range(degree + 1):
        yield now
        before, now = now, c if n == 0 else ((2 * n + d - 2) * c * now - n * before) / (n + d - 2)


def harmonic_errors(w1: Array, degree: int) -> Array:
    """Split rho over the harmonics of the direction: the parts of degree 1 .. `degree`, closed form.

    rho_l = N(d, l) (lambda_l/lambda_0)^2 n'P_l(cosines) n / (sum n)^2,   n_k = |w_k|^2   (ours, by Funk-Hecke).
    They sum to `discretization_error` over all degrees; odd degrees from 3 on are zero. For uniform directions and
    equal norms the mean of rho_l is N(d, l) (lambda_l/lambda_0)^2 / m1.

    w1: (..., m1, d). degree: at least 1. Returns shape (..., degree). Raises ValueError as `discretization_error` does.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> bool(np.isclose(np.sum(mf.harmonic_errors(w1, 60)), mf.discretization_error(w1), rtol=1e-4))
    True

    See: the chapter "Why errors do not compound".
    """
    return harmonics_of(checked_first_layer(w1), checks.whole("degree", degree, 1))


def harmonics_of(w1: Array, degree: int) -> Array:
    """`harmonic_errors`, unchecked."""
    xp, d = api.array_namespace(w1), w1.shape[-1]
    share, unit = direction_law(w1)
    cosines = xp.clip(unit @ xp.matrix_transpose(unit), -1, 1)
    weights = (relu_energies(d, degree) / C(d) ** 2).tolist()
    parts = [weight * _form(share, p) for weight, p in zip(weights, gegenbauer(cosines, d, degree), strict=True)]
    return xp.clip(xp.stack(parts[1:], axis=-1), 0, None)  # squares, whatever rounding made of them


def _form(share, matrix):
    """share' matrix share."""
    return (share[..., None, :] @ matrix @ share[..., None])[..., 0, 0]


def expected_rho(d: int, m1: int, directions: str = "independent", lengths: str = "gaussian") -> float:
    """The mean of `discretization_error` over the draws of `init_first_layer`, exactly.

    With a = 1/C_d^2 and equal lengths m1 E rho is (ours)

        independent: a/(2 d) - 1,   pairs: a/(2 d) - 2,   bases: a/(2 d) + (d - 1) a/(pi d) - 2 d,

    in high dimension pi - 1, pi - 2, pi - 3: pairs begin without degree 1 of the error, bases without degree 2 as well.
    Gaussian lengths multiply the first two by (d + 2)/(d + 2/m1) and (d + 2)/(d + 4/m1).

    Arguments as for `init_first_layer`. Returns a float. Raises ValueError as it does.

    >>> import mfdepth as mf
    >>> starts = "independent", "pairs", "bases"
    >>> [round(600 * mf.expected_rho(100, 600, directions, "equal"), 3) for directions in starts]
    [2.126, 1.126, 0.138]

    See: the chapter "Why errors do not compound".
    """
    d = checks.whole("d", d, 2)
    own, other = _overlaps(d, checked_width(d, m1, directions, lengths), directions, lengths)
    square = 1 / (2 * d * C(d) ** 2)  # E ReLU(u_1)^2/C_d^2
    if directions == "independent":
        return own * (square - 1)
    # for pairs, half of E |u_1|^2 and of E |u_1||u_2| = 2/(pi d)
    return own * (square / 2 - 1) + other * _excess(d)


def expected_harmonics(d: int, m1: int, directions: str, lengths: str, degree: int) -> np.ndarray:
    """The parts of `expected_rho` in degree 1 .. `degree`, unchecked.

    >>> [round(100 * float(x), 3) for x in expected_harmonics(5, 100, "bases", "equal", 4)]
    [0.0, 0.0, 0.0, 0.072]
    """
    own, other = _overlaps(d, m1, directions, lengths)
    parts = own * np.ones(degree + 1)
    if directions != "independent":
        at_zero = np.array([float(p) for p in gegenbauer(np.array(0.0), d, degree)])
        parts = (own + other * at_zero) * (np.arange(degree + 1) % 2 == 0)
    return (parts * relu_energies(d, degree))[1:] / C(d) ** 2


def _excess(d):
    """1/(2 pi d C_d^2) - 1, about -1/(2 d): by the series of C_d (`sphere.C`) where the difference would cancel."""
    if d < 300:
        return 1 / (2 * math.pi * d * C(d) ** 2) - 1
    z = 4 / (d - 0.5) ** 2
    ratio = z / 64 * (1 - 19 / 128 * z)  # of gamma functions, less 1
    return (1 - 1 / (2 * d)) * ratio * (2 + ratio) - 1 / (2 * d)


def _overlaps(d, m1, directions, lengths):
    """E sum of s_k^2, and of s_k s_j over k != j of one basis, s_k the shares of neurons (or pairs) in |w|^2."""
    count = m1 if directions == "independent" else m1 // 2
    gaussian = 2 if lengths == "gaussian" else 0  # then the shares have a Dirichlet law
    own = (d + gaussian) / (d * count + gaussian)
    other = (d - 1) * d / (d * count + gaussian)
    return own, other if directions == "bases" else 0.0
