"""Second methods: the same quantities computed another way, slowly, for the tests to compare with."""

import mpmath as mp
import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import jv

GAUSS = np.polynomial.legendre.leggauss(24)


def circle(n):
    """n directions of the plane at equal angles: the angles, and unit rows (n, 2)."""
    phi = 2 * np.pi * (np.arange(n) + 0.5) / n
    return phi, np.stack([np.cos(phi), np.sin(phi)], axis=1)


def bessel_scale(d, frequency=1.0):
    """2 pi R_d c sqrt(d) in mpmath, from the definition of R_d."""
    radius = mp.gamma(mp.mpf(d) / 2 + 1) ** (mp.mpf(1) / d) / mp.sqrt(mp.pi)
    return 2 * mp.pi * radius * mp.mpf(frequency) * mp.sqrt(d)


def bessel_pdf(d, r, frequency=1.0):
    """The density of the radius, in mpmath."""
    r = mp.mpf(r)
    return d / r * mp.besselj(mp.mpf(d) / 2, bessel_scale(d, frequency) * r) ** 2


def bessel_partial_moment(d, k, r):
    """E[r^k; r <= R] in mpmath, by the hypergeometric form of the integral of J_nu^2 x^(k-1)."""
    nu, scale = mp.mpf(d) / 2, bessel_scale(d)
    s = scale * mp.mpf(r)
    first = s ** (2 * nu + k) / (4**nu * mp.gamma(nu + 1) ** 2 * (2 * nu + k))
    series = mp.hyp2f3(nu + mp.mpf(1) / 2, nu + mp.mpf(k) / 2, nu + 1, 2 * nu + 1, nu + mp.mpf(k) / 2 + 1, -s * s)
    return d * scale**-k * first * series


def radial_integral(d, integrand, kinks, upper):
    """E[integrand(r); r <= upper] under the Bessel law: Gauss-Legendre on short panels between the kinks."""
    scale = float(bessel_scale(d))
    panels = max(2, int(np.ceil(scale * upper / 2)))
    edges = np.unique(np.concatenate([np.linspace(0, upper, panels + 1), [k for k in kinks if 0 < k < upper]]))
    x, w = GAUSS
    half = np.diff(edges)[:, None] / 2
    r = edges[:-1, None] + half * (1 + x)
    return float(np.sum(half * w * d / r * jv(d / 2, scale * r) ** 2 * integrand(r)))


def one_neuron_averages(d, slope, w2, b2):
    """(E[g; active], E[g r; active]) for f = ReLU(w2 slope r + b2), w2 < 0 < b2, by quadrature."""
    end = -b2 / (w2 * slope)

    def g(r):
        return np.maximum(1 - r, 0) - np.maximum(w2 * slope * r + b2, 0)

    return tuple(radial_integral(d, lambda r, k=k: g(r) * r**k, [1.0], end) for k in (0, 1))


def one_neuron_flow(d, alpha, w2, b2, t, rates):
    """(alpha, w2, b2) at the times t: the infinite-width flow with quadrature in place of moments, tight Radau-free."""
    mean_relu = float(mp.gamma(mp.mpf(d) / 2) / (2 * mp.sqrt(mp.pi) * mp.gamma(mp.mpf(d + 1) / 2)))

    def velocity(_, state):
        a, w, b = state
        h0, h1 = one_neuron_averages(d, a, w, b)
        return [4 * rates[0] * mean_relu * a * w * h1, rates[1] * a * h1, rates[1] * h0]

    return solve_ivp(velocity, (0, t[-1]), [alpha, w2, b2], "DOP853", t, rtol=1e-11, atol=1e-13).y
