"""A two-layer network whose errors compound though its loss is convex in F: neurons that leave one ray (ours).

The learner is the talk's first layer alone, f(x) = mean_k |w_k| ReLU(w_k.x), the target such a sum too, the inputs are
uniform on the unit sphere. Then all means are kernels and the population flow is exact: each neuron climbs the
potential V(w) = E[(f* - f) |w| ReLU(w.x)], and a small displacement delta of the neurons moves by

    delta' = (Hess V)(w) delta - E_x[e grad phi(x; w)],   e = E_w[grad phi . delta],   phi = |w| ReLU(w.x).

The last term can only shrink the displacements. All growth is in Hess V, the local Hessian of each neuron.
"""

from typing import Any

import numpy as np

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.flow import solve, whole
from mfdepth.networks import checked_first_layer
from mfdepth.sphere import both_active, kernel


def teacher_velocity(w: Array, v: Array) -> Array:
    """The population flow of the neurons w towards the target sum_j |v_j| ReLU(v_j.x): w_k' = grad V(w_k), exactly.

    V(w) = |w|^2 h(w/|w|),   h(u) = sum_j |v_j|^2 k(u, v_j) - mean_k |w_k|^2 k(u, w_k),   k = `relu_kernel`.

    w: (m, d). v: (m*, d). Returns (m, d), NumPy. Raises ValueError for bad arguments.

    >>> teacher_velocity(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0]])).round(12).tolist()  # 2 (|v|^2 - |w|^2)/(2 d)
    [[1.5, 0.0]]

    See: the chapter "Beyond".
    """
    w, v = _checked(w, v)
    return _force(w, *_sources(w, v))


def teacher_flow(w: Array, v: Array, t: Array, *, tolerance: float = 1e-9) -> Any:
    """The neurons along `teacher_velocity` at the times t: (T, m, d).

    w, v: as there. t: increasing times, from 0 on. tolerance: relative, of the integrator. Raises ValueError for bad
    arguments, RuntimeError where the flow could not be followed.

    >>> ends = teacher_flow(np.array([[1.0, 0.5]]), np.array([[2.0, 0.0]]), [0, 60])
    >>> ends[-1].round(4).tolist()
    [[2.0, 0.0]]

    See: the chapter "Beyond".
    """
    w, v = _checked(w, v)
    t, tolerance = checks.times("t", t), checks.positive("tolerance", tolerance)

    def velocity(_, state):
        moved = state.reshape(w.shape)
        return _force(moved, *_sources(moved, v)).ravel()

    path = solve(velocity, w.ravel(), t, tolerance=tolerance, method="DOP853")
    whole(path, t)
    return path.states.reshape(-1, *w.shape)


def network_distance(w: Array, z: Array) -> Array:
    """The root mean square over the sphere of the difference between the networks of neurons w (m, d) and z (n, d).

    >>> round(network_distance(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 0.0]])), 12)  # twice ReLU(x_1)
    0.5

    See: the chapter "Beyond".
    """
    w, z = _checked(w, z, "z")
    charges, places = _sources(w, z * len(z) ** -0.5)
    return float(max(charges @ kernel(places @ places.T, w.shape[1]) @ charges, 0.0)) ** 0.5


def local_hessian(w: Array, v: Array) -> Array:
    """The second derivative of V at each neuron, (m, d, d), others held: how its close neighbours part from it.

    With g = grad h and p_j the part of the source a_j orthogonal to u = w/|w|, c_j = u.a_j,

        Hess V = 2 h I + u g' + g u' + sum_j q_j (k''(c_j) p_j p_j' - k'(c_j) c_j (I - u u')).

    Where a neuron rests, h = 0 and g = 0, it is the second derivative of h along the sphere, and its largest eigenvalue
    the rate at which neighbours leave. w, v: as for `teacher_velocity`. Raises ValueError for bad arguments.

    >>> local_hessian(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])).round(12).tolist()  # neighbours stay
    [[[0.0, 0.0], [0.0, 0.0]]]

    See: the chapter "Beyond".
    """
    w, v = _checked(w, v)
    u, c, h, slope, g = _field(w, *_sources(w, v))
    charges, places = _sources(w, v)
    apart = places - c[..., None] * u[:, None, :]
    bend = charges / (2 * np.pi * w.shape[1]) / np.sqrt(np.maximum((1 - c) * (1 + c), 1e-300))
    across = np.eye(w.shape[1]) - u[:, :, None] * u[:, None, :]
    mixed = u[:, :, None] * g[:, None, :]
    along = np.swapaxes(apart * bend[..., None], 1, 2) @ apart
    own = (2 * h)[:, None, None] * np.eye(w.shape[1]) - np.sum(slope * c, axis=1)[:, None, None] * across
    return own + mixed + np.swapaxes(mixed, 1, 2) + along


def _checked(w, v, name="v"):
    w, v = np.asarray(checked_first_layer(w, "w")), np.asarray(checked_first_layer(v, name))
    return w, checks.array(name, v, shape=(len(v), w.shape[1]))


def _sources(w, v):
    """What a neuron feels: charges |v_j|^2 and -|w_k|^2/m, and the directions in which they sit."""
    both = np.concatenate([v, w])
    square = np.sum(both**2, axis=1)
    signs = np.concatenate([np.ones(len(v)), np.full(len(w), -1 / len(w))])
    return signs * square, both / np.sqrt(np.where(square > 0, square, 1.0))[:, None]


def _field(w, charges, places):
    """At each neuron: its direction u, the cosines to the sources, h, q k' for each source, grad h on the sphere."""
    d = w.shape[1]
    u = w / np.linalg.norm(w, axis=1, keepdims=True)
    c = np.clip(u @ places.T, -1, 1)
    slope = charges * both_active(c) / d
    return u, c, kernel(c, d) @ charges, slope, slope @ places - np.sum(slope * c, axis=1, keepdims=True) * u


def _force(w, charges, places):
    _, _, h, _, g = _field(w, charges, places)
    return 2 * h[:, None] * w + np.linalg.norm(w, axis=1, keepdims=True) * g
