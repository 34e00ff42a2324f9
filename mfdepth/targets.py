"""What the networks are to learn, as functions of the inputs x, shape (..., n, d)."""

import array_api_compat as api

from mfdepth import checks


def tent(x):
    """The target of the talk, f*(x) = ReLU(1 - |x|): x of shape (..., n, d), NumPy or torch; returns (..., n).

    >>> import numpy as np
    >>> tent(np.array([[0.3, 0.4], [3.0, 4.0]]))
    array([0.5, 0. ])

    See: the chapter "Why depth?".
    """
    xp = api.array_namespace(x)
    return xp.clip(1 - xp.linalg.vector_norm(x, axis=-1), 0, None)


def subspace_tent(columns):
    """The subspace target of the talk's outlook, f*(x) = ReLU(1 - |A'x|), as a function of x.

    columns: A, shape (d, k), orthonormal columns; ValueError otherwise. The talk names it and leaves it open.

    >>> import numpy as np
    >>> subspace_tent(np.eye(3)[:, :1])(np.array([[0.25, 7.0, 7.0]]))
    array([0.75])

    See: the chapter "Beyond".
    """
    a = checks.finite_array("columns", columns, ndim=2)
    xp = api.array_namespace(a)
    off = float(xp.max(xp.abs(xp.matrix_transpose(a) @ a - xp.eye(a.shape[1], dtype=a.dtype))))
    if off > 1e-6:
        raise ValueError(f"columns must be orthonormal, A'A = 1; got one that is off by {off:.2g}")
    return lambda x: tent(x @ a)


def first_coordinate(x):
    """The target of the general case, y = |x_1|: even, so a network that is odd at the start sees no slope (ours).

    x: (..., n, d); returns (..., n).

    >>> import numpy as np
    >>> first_coordinate(np.array([[-0.5, 9.0]]))
    array([0.5])

    See: the chapter "When errors do compound".
    """
    return api.array_namespace(x).abs(x[..., 0])


def tent_difference(x):
    """A target of two radii, ReLU(1 - |p|) - ReLU(1 - |q|) for x = (p, q), two halves of equal dimension (ours).

    Through a bottleneck of one number, behind a first layer without biases, no width represents it.

    x: (..., n, d), d even; ValueError otherwise. Returns (..., n).

    >>> import numpy as np
    >>> tent_difference(np.array([[0.25, 0.0, 3.0, 4.0]]))
    array([0.75])

    See: the chapter "More layers through a bottleneck".
    """
    half, odd = divmod(x.shape[-1], 2)
    if odd:
        raise ValueError(f"x must have an even last dimension (d); got {x.shape[-1]}")
    return tent(x[..., :half]) - tent(x[..., half:])
