"""Networks as empirical measures of neurons: any mean-field layer, any number of them, the learner as a special case.

A layer is the mean of a neuron function over the rows of its weights, so their order means nothing and their number is
only how finely a law of neurons is drawn. Between layers stand D numbers, the bottleneck: the talk's way of keeping a
second layer from becoming an infinite matrix. Then the closed-form statistics of the learner's first layer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import array_api_compat as api

from mfdepth import checks
from mfdepth.random import generator, uniform
from mfdepth.sphere import relu_kernel, relu_mean


@dataclass(frozen=True)
class MeanFieldLayer:
    """A layer z -> mean_k neuron(z, w_k), the integral of a neuron function over an empirical measure (the talk).

    neuron: a function of z, shape (..., n, D), and weights (..., m, p), that returns (..., n, m, D_out).
    weights: (m, p), a row a neuron. Calling the layer on (..., n, D) returns (..., n, D_out).

    >>> import numpy as np
    >>> layer = MeanFieldLayer(hinge_neuron, np.array([[2.0, 1.0, 0.5], [0.0, 1.0, 0.0]]))  # rows (a, w, b)
    >>> layer(np.array([[1.0], [-1.0]]))  # mean of 2 ReLU(x - 0.5) and 0
    array([[0.5],
           [0. ]])

    See: the chapter "More layers through a bottleneck".
    """

    neuron: Callable
    weights: Any

    def __post_init__(self):
        object.__setattr__(self, "weights", checks.finite_array("weights", self.weights, ndim=2))

    def __call__(self, z):
        xp = api.array_namespace(z, self.weights)
        return xp.mean(self.neuron(z, self.weights), axis=-2)

    def resample(self, m, rng):
        """A layer of m neurons drawn from this one's measure, with replacement. rng: a seed or a generator."""
        m, rows = checks.whole("m", m, 1), self.weights.shape[-2]
        xp = api.array_namespace(self.weights)
        drawn = uniform((m,), generator(rng, self.weights))
        index = xp.asarray(drawn * rows, dtype=xp.int64, device=api.device(self.weights))
        return replace(self, weights=xp.take(self.weights, index, axis=-2))


@dataclass(frozen=True)
class MeanFieldNetwork:
    """Mean-field layers one after the other: the talk's multilayer network, with the bottlenecks between them.

    layers: each a `MeanFieldLayer`, from the input on. Calling the network on (..., n, d) returns (..., n), its last bottleneck
    being one number wide, else (..., n, D).

    >>> import numpy as np
    >>> net = learner(np.eye(2), np.array([-4.0]), np.array([1.0]))
    >>> net(np.array([[0.1, 0.0], [3.0, 0.0]]))  # F = 0.05, 1.5
    array([0.8, 0. ])

    See: the chapter "More layers through a bottleneck".
    """

    layers: tuple

    def __post_init__(self):
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError("layers must hold at least one layer; got none")

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[..., 0] if x.shape[-1] == 1 else x

    @property
    def weights(self):
        """The weights of every layer."""
        return tuple(layer.weights for layer in self.layers)

    def with_weights(self, weights):
        """The same network with other weights, layer by layer."""
        pairs = zip(self.layers, weights, strict=True)
        return replace(self, layers=tuple(replace(layer, weights=w) for layer, w in pairs))

    def resample(self, widths, rng):
        """A finite network drawn from this one: widths[l] neurons from the measure of layer l. rng as for a layer."""
        rng = generator(rng, self.weights[0])
        pairs = zip(self.layers, widths, strict=True)
        return replace(self, layers=tuple(layer.resample(m, rng) for layer, m in pairs))

    def symmetrized(self, directions):
        """The talk's symmetrization, as a function of the radius: r (n,) -> mean of the network over r * directions.

        The directions stand for the uniform law on the sphere: `orthogonal_directions` draws good ones.
        """

        def average(r):
            xp = api.array_namespace(r)
            return xp.mean(self(r[..., None, None] * directions), axis=-1)

        return average


def hinge_neuron(z, w):
    """Two-layer ReLU neuron a ReLU(w.z - b), weights (a, w, b): z (..., n, D), w (..., m, D + 2) -> (..., n, m, 1)."""
    xp = api.array_namespace(z, w)
    inner = z @ xp.matrix_transpose(w[..., 1:-1]) - w[..., None, :, -1]
    return (w[..., None, :, 0] * xp.clip(inner, 0, None))[..., None]


def homogeneous_neuron(z, w):
    """First-layer neuron of the learner, |w| ReLU(w.z): z (..., n, D), w (..., m, D) -> (..., n, m, 1)."""
    xp = api.array_namespace(z, w)
    length = xp.linalg.vector_norm(w, axis=-1)[..., None, :]
    return (length * xp.clip(z @ xp.matrix_transpose(w), 0, None))[..., None]


def affine_neuron(z, w):
    """Second-layer neuron of the learner, ReLU(w2 z + b2), weights (w2, b2): z (..., n, 1), w (..., m, 2)."""
    xp = api.array_namespace(z, w)
    return xp.clip(z * w[..., None, :, 0] + w[..., None, :, 1], 0, None)[..., None]


def learner(w1, w2, b2):
    """The talk's three-layer learner as a network: F = E |w1| ReLU(w1.x), then f = E ReLU(w2 F + b2).

    w1: (m1, d). w2, b2: (m2,). Raises ValueError for bad shapes or weights.

    >>> import mfdepth as mf, numpy as np
    >>> mf.learner(np.eye(3), np.array([-0.1, -0.2]), np.array([0.5, 0.4])).weights[1].shape
    (2, 2)

    See: the chapter "More layers through a bottleneck".
    """
    w1 = checked_first_layer(w1)
    w2 = checks.finite_array("w2", w2, ndim=1)
    b2 = checks.finite_array("b2", b2, shape=w2.shape)
    xp = api.array_namespace(w1, w2, b2)
    return MeanFieldNetwork(
        (MeanFieldLayer(homogeneous_neuron, w1), MeanFieldLayer(affine_neuron, xp.stack([w2, b2], axis=-1)))
    )


def first_layer(w1, x):
    """F(x) = mean_k |w_k| ReLU(w_k.x): w1 of shape (..., m1, d), x of shape (..., n, d); returns (..., n).

    The talk's first layer, for an empirical measure of m1 neurons: homogeneous of degree 1 in x and 2 in w1.

    >>> import numpy as np
    >>> first_layer(np.eye(2), np.array([[2.0, -1.0]]))
    array([1.])

    See: the chapter "The infinite-width dynamics".
    """
    xp = api.array_namespace(w1, x)
    length = xp.linalg.vector_norm(w1, axis=-1)
    value = xp.clip(x @ xp.matrix_transpose(w1), 0, None) @ length[..., None]
    return value[..., 0] / w1.shape[-2]


def first_layer_alpha(w1):
    """The number the infinite-width theory keeps: alpha = C_d * mean |w|^2, for w1 of shape (..., m1, d).

    It is the mean of F over the unit sphere whatever the neurons are (the talk's symmetrization, F~ = alpha |x|).

    >>> import numpy as np
    >>> round(float(first_layer_alpha(np.eye(3))), 12)
    0.25

    See: the chapter "The infinite-width dynamics".
    """
    w1 = checked_first_layer(w1)
    xp = api.array_namespace(w1)
    return relu_mean(w1.shape[-1]) * xp.mean(xp.sum(w1 * w1, axis=-1), axis=-1)


def discretization_error(w1):
    """How far m1 neurons are from symmetry: rho = E_u (F - F~)^2 / F~^2 over the unit sphere, in closed form.

    rho = n'K n / (C_d^2 (sum n)^2) - 1 with n_k = |w_k|^2 and K the ReLU kernel of the directions (ours). It does not
    change when all weights are rescaled or rotated. Its mean over random starts is `expected_rho`.

    w1: (..., m1, d). Returns shape (...). Raises ValueError for neurons that are empty, all zero or not finite.

    >>> import mfdepth as mf, numpy as np
    >>> round(float(mf.discretization_error(np.array([[1.0, 0.0], [-1.0, 0.0]]))), 4)  # F = |x_1|/2: pi^2/8 - 1
    0.2337

    See: the chapter "The infinite-width dynamics".
    """
    w1 = checked_first_layer(w1)
    xp = api.array_namespace(w1)
    d = w1.shape[-1]
    n = xp.sum(w1 * w1, axis=-1)
    unit = w1 / xp.sqrt(xp.where(n > 0, n, xp.ones_like(n)))[..., None]
    kernel = relu_kernel(unit @ xp.matrix_transpose(unit), d)
    product = (n[..., None, :] @ kernel @ n[..., None])[..., 0, 0]
    return product / (relu_mean(d) * xp.sum(n, axis=-1)) ** 2 - 1


def checked_first_layer(w1):
    """w1 itself if it is a finite array (..., m1, d) whose neurons are not all zero; else ValueError."""
    w1 = checks.finite_array("w1", w1, ndim=2)
    xp = api.array_namespace(w1)
    checks.whole("the last dimension of w1 (d)", w1.shape[-1], 2)
    if not bool(xp.all(xp.any(w1 != 0, axis=(-2, -1)))):
        raise ValueError(f"w1 must have a neuron that is not zero; got all zeros, shape {tuple(w1.shape)}")
    return w1
