"""Does a small error of the first layer grow? One operator for the symmetric case and for the general one (ours).

Near a trajectory of infinite width an error e of F moves, to first order, by e' = -N H e: N is the tangent kernel of
the first layer, positive semidefinite, and H the second derivative of the loss in F. The number of growing modes is the
number of negative directions of H that N can see (Sylvester's law of inertia).
"""

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.rho import stability
from mfdepth.sphere import C, both_active, kernel, tangent_eigenvalues


def learner_kernel(directions, alpha):
    """The tangent kernel of a round learner's first layer between directions, for unit radius.

    N(u, u') = E_w grad_w phi(u) . grad_w phi(u'), phi = |w| ReLU(w.u), over a spherically symmetric law with
    alpha = C_d E|w|^2:   N = (alpha/C_d) (3 k(c) + c (pi - arccos c)/(2 pi)),  c = u.u',  k = `relu_kernel`.
    Its eigenvalue on the harmonics of degree l is (alpha/C_d) (4 + l (l + d - 2)) lambda_l^2 (ours).

    directions: (n, d), unit rows. alpha: positive. Returns (n, n). Raises ValueError for bad arguments.

    >>> import mfdepth as mf, numpy as np
    >>> N = mf.learner_kernel(np.eye(3), 1.0)
    >>> round(float(N[0, 0]), 12)  # (3/(2 d) + 1/2)/C_d
    4.0

    See: the chapter "Beyond".
    """
    u, alpha = checks.unit_rows("directions", directions), checks.positive("alpha", alpha)
    xp, d = api.array_namespace(u), u.shape[-1]
    c = u @ xp.matrix_transpose(u)
    return alpha / C(d) * (3 * kernel(c, d) + c * both_active(c))


def growth_rates(kernel, curvature):
    """The rates at which small errors of F grow, the eigenvalues of -N H / n, the fastest growing first.

    e' = -N H e / n on n equally likely inputs (ours). All are real, as N is positive semidefinite.

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


def harmonic_growth(law, alpha, w2, b2, degree):
    """The rate at which each harmonic of the relative error of F grows now, -gamma_l for l = 1 .. degree.

    gamma_l = (4 + l (l + d - 2)) lambda_l^2 (alpha/C_d) K, K the `stability` (ours): one sign for all degrees.

    law: a radial law. alpha: positive. w2, b2: numbers, or (m2,). degree: at least 1. Returns (degree,), NumPy.
    Raises ValueError as `stability` does.

    >>> import mfdepth as mf
    >>> rates = mf.harmonic_growth(mf.BesselLaw(10), 1.0, -0.5, 0.2, 2)  # a kink inside the target's support
    >>> bool((rates > 0).all())
    True

    See: the chapter "Beyond".
    """
    degree = checks.whole("degree", degree, 1)
    w2, b2 = np.asarray(w2, dtype=float), np.asarray(b2, dtype=float)
    K = float(stability(law, np.asarray(checks.positive("alpha", alpha)), w2, b2))
    return -tangent_eigenvalues(law.d, degree)[1:] * alpha / C(law.d) * K
