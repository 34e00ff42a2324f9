"""Does a small error of the first layer grow? What the curvature of the loss says, and where it is enough (ours).

Near a trajectory of infinite width the neurons are displaced by delta(w), and the error of F is e = E_w[grad phi .
delta]. To first order

    delta' = (Hess V)(w) delta - E_x[H e grad phi(x; w)],   so   e' = -N H e + (change of N)[g S]:

N is the tangent kernel, positive semidefinite, H the second derivative of the loss in F, V = E_x[g S phi(x; w)] the
potential that each neuron climbs. So -N H has as many growing modes as H has negative directions that N can see
(Sylvester's law of inertia). That decides where the last term is zero, at rest, or only rescales, under symmetry.
In general errors grow by the local Hessian Hess V too (mfdepth.chapters.beyond.saddle), and what counts is the
propagator.
"""

import array_api_compat as api
import numpy as np
from scipy.linalg import expm

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.laws import RadialLaw
from mfdepth.rho import stability
from mfdepth.sphere import C, both_active, kernel, tangent_eigenvalues


def learner_kernel(directions: Array, alpha: float) -> Array:
    """The tangent kernel of a round learner's first layer between directions, for unit radius.

    N(u, u') = E_w grad_w phi(u) . grad_w phi(u'), phi = |w| ReLU(w.u), over a spherically symmetric law with
    alpha = C_d E|w|^2:   N = (alpha/C_d) (3 k(c) + c (pi - arccos c)/(2 pi)),  c = u.u',  k = `relu_kernel`.
    Its eigenvalue on the harmonics of degree l is (alpha/C_d) (4 + l (l + d - 2)) lambda_l^2 (ours).

    directions: (n, d), unit rows. alpha: positive. Returns (n, n). Raises ValueError for bad arguments.

    >>> import numpy as np
    >>> from mfdepth.chapters import beyond
    >>> N = beyond.learner_kernel(np.eye(3), 1.0)
    >>> round(float(N[0, 0]), 12)  # (3/(2 d) + 1/2)/C_d
    4.0

    See: the chapter "Beyond".
    """
    u, alpha = checks.unit_rows("directions", directions), checks.positive("alpha", alpha)
    xp, d = api.array_namespace(u), u.shape[-1]
    c = u @ xp.matrix_transpose(u)
    return alpha / C(d) * (3 * kernel(c, d) + c * both_active(c))


def growth_rates(kernel: Array, curvature: Array) -> Array:
    """The rates at which small errors of F grow where N stands still: the eigenvalues of -N H / n, largest first.

    e' = -N H e / n on n equally likely inputs (ours): at an equilibrium with g S = 0, as in the general case; and, for
    the error relative to alpha, in the symmetric case. Elsewhere errors also grow by the motion of the neurons, which
    these rates do not see: for two layers H = 1, none is positive, and errors can compound all the same.
    All are real, as N is positive semidefinite.

    kernel: N, (n, n), symmetric. curvature: the diagonal of H, (n,), or one number. Returns (n,), NumPy.
    Raises ValueError for bad shapes or values and for a kernel that is not symmetric.

    >>> import numpy as np
    >>> growth_rates(np.eye(2), np.array([1.0, -3.0])).tolist()
    [1.5, -0.5]

    See: the chapter "Beyond".
    """
    N = np.asarray(checks.finite_array("kernel", kernel, ndim=2))
    n = len(N)
    checks.array("kernel", N, shape=(n, n))
    if np.max(np.abs(N - N.T)) > 1e-8 * np.max(np.abs(N)):
        raise ValueError(f"kernel must be symmetric; got one that is off by {np.max(np.abs(N - N.T)):.2g}")
    H = np.asarray(checks.finite_array("curvature", curvature))
    if H.ndim:
        checks.array("curvature", H, shape=(n,))
    values, modes = np.linalg.eigh(N)
    root = modes * np.sqrt(np.maximum(values, 0))  # N = root root'; N H and root' H root share eigenvalues
    return np.sort(np.linalg.eigvalsh(-root.T @ (np.broadcast_to(H, (n,))[:, None] * root) / n))[::-1]


def propagator_gain(generators: Array, t: Array) -> Array:
    """The most that any error has grown at the times t, for e' = M_t e: the norms of the propagators.

    In the symmetric case the M_t share their eigenvectors and the gain is exp(int lambda_+), lambda_+ the largest
    eigenvalue or 0 (ours). Where they do not commute, or are not symmetric, that is no bound.

    generators: M_t at the times t, (T, n, n); each holds half-way to its neighbours. t: increasing, (T,), from 0 on.
    Returns (T,), NumPy. Raises ValueError for bad shapes or values.

    >>> M = np.array([[0.0, 10.0], [0.0, 0.0]])  # no eigenvalue is positive
    >>> propagator_gain(np.stack([M, M]), [0, 1]).round(1).tolist()
    [1.0, 10.1]

    See: the chapter "Beyond".
    """
    t = checks.times("t", t)
    M = np.asarray(checks.finite_array("generators", generators, ndim=3))
    checks.array("generators", M, shape=(len(t), M.shape[-1], M.shape[-1]))
    propagator, gains = expm(M[0] * t[0]), []
    for i in range(len(t)):
        if i:
            half = (t[i] - t[i - 1]) / 2
            propagator = expm(M[i] * half) @ expm(M[i - 1] * half) @ propagator
        gains.append(np.linalg.norm(propagator, 2))
    return np.array(gains)


def harmonic_growth(law: RadialLaw, alpha: float, w2: Array, b2: Array, degree: int) -> Array:
    """The rate at which each harmonic of the relative error of F grows now, -gamma_l for l = 1 .. degree.

    gamma_l = (4 + l (l + d - 2)) lambda_l^2 (alpha/C_d) K, K the `stability` (ours): one sign for all degrees.

    law: a radial law. alpha: positive. w2, b2: numbers, or (m2,). degree: at least 1. Returns (degree,), NumPy.
    Raises ValueError as `stability` does.

    >>> import mfdepth as mf
    >>> from mfdepth.chapters import beyond
    >>> rates = beyond.harmonic_growth(mf.BesselLaw(10), 1.0, -0.5, 0.2, 2)  # a kink inside the target's support
    >>> bool((rates > 0).all())
    True

    See: the chapter "Beyond".
    """
    degree = checks.whole("degree", degree, 1)
    w2, b2 = np.asarray(w2, dtype=float), np.asarray(b2, dtype=float)
    K = float(stability(law, np.asarray(checks.positive("alpha", alpha)), w2, b2))
    return -tangent_eigenvalues(law.d, degree)[1:] * alpha / C(law.d) * K
