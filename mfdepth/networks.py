"""Networks as empirical measures of neurons: any mean-field layer, any number of them, the learner as a special case.

A layer is the mean of a neuron function over the rows of its weights, so their order means nothing and their number is
only how finely a law of neurons is drawn. Between layers stand D numbers, the bottleneck: the talk's way of keeping a
second layer from becoming an infinite matrix. Then the learner, how it starts, and the target it is to learn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.random import generator, uniform


@dataclass(frozen=True, eq=False)
class MeanFieldLayer:
    """A layer z -> mean_k neuron(z, w_k), the integral of a neuron function over an empirical measure (the talk).

    neuron: a function of z, shape (..., n, D), and weights (..., m, p), that returns (..., n, m, D_out).
    weights: (m, p), a row for each neuron. Calling the layer on (..., n, D) returns (..., n, D_out).

    >>> import numpy as np
    >>> layer = MeanFieldLayer(vector_neuron(1), np.array([[2.0, 1.0, -0.5], [0.0, 1.0, 0.0]]))  # rows (a, w, b)
    >>> layer(np.array([[1.0], [-1.0]]))  # mean of 2 ReLU(x - 0.5) and 0
    array([[0.5],
           [0. ]])

    See: the chapter "More layers through a bottleneck".
    """

    neuron: Callable
    weights: Any

    def __post_init__(self):
        object.__setattr__(self, "weights", checks.copied(checks.finite_array("weights", self.weights, 2)))

    def __call__(self, z: Array) -> Array:
        xp, value = api.array_namespace(z, self.weights), self.neuron(z, self.weights)
        alike = api.is_array_api_obj(value) and api.array_namespace(value) is xp
        wanted = z.shape[-2], self.weights.shape[-2]  # a mean over another axis would go unseen
        if not alike or value.ndim < 3 or tuple(value.shape[-3:-1]) != wanted:
            accepted = f"an array of the kind of z and of shape (..., {wanted[0]}, {wanted[1]}, D_out)"
            raise ValueError(
                f"neuron must return {accepted}; got {type(value).__name__}, {getattr(value, 'shape', ())}"
            )
        return xp.mean(value, axis=-2)

    def resample(self, m: int, rng: Rng) -> Self:
        """A layer of m neurons drawn from this one's measure, with replacement. rng: a seed or a generator."""
        m, rows = checks.whole("m", m, 1), self.weights.shape[-2]
        xp = api.array_namespace(self.weights)
        drawn = uniform((m,), generator(rng, self.weights))
        index = xp.asarray(drawn * rows, dtype=xp.int64, device=api.device(self.weights))
        return replace(self, weights=xp.take(self.weights, index, axis=-2))


@dataclass(frozen=True, eq=False)
class MeanFieldNetwork:
    """Mean-field layers one after the other: the talk's multilayer network, with the bottlenecks between them.

    layers: each a `MeanFieldLayer`, from the input on. Calling the network on (..., n, d) returns (..., n), its last
    bottleneck being one number wide, else (..., n, D).

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

    def __call__(self, x: Array) -> Array:
        x = checks.array("x", x)
        for layer in self.layers:
            x = layer(x)
        return x[..., 0] if x.shape[-1] == 1 else x

    @property
    def weights(self) -> tuple:
        """The weights of every layer."""
        return tuple(layer.weights for layer in self.layers)

    def with_weights(self, weights: Array) -> Self:
        """The same network with other weights, layer by layer."""
        pairs = zip(self.layers, weights, strict=True)
        return replace(self, layers=tuple(replace(layer, weights=w) for layer, w in pairs))

    def resample(self, widths: Sequence[int], rng: Rng) -> Self:
        """A finite network drawn from this one: widths[l] neurons from the measure of layer l. rng as for a layer."""
        rng = generator(rng, self.weights[0])
        pairs = zip(self.layers, widths, strict=True)
        return replace(self, layers=tuple(layer.resample(m, rng) for layer, m in pairs))

    def symmetrized(self, directions: Array) -> Callable:
        """The talk's symmetrization, as a function of the radius: r (n,) -> mean of the network over r * directions.

        The directions stand for the uniform law on the sphere: `orthogonal_directions` draws good ones.
        """

        return partial(_average_over, self, directions)


def _average_over(network, directions, r):
    xp = api.array_namespace(r)
    return xp.mean(network(r[..., None, None] * directions), axis=-1)


def homogeneous_neuron(z: Array, w: Array) -> Array:
    """First-layer neuron of the learner, |w| ReLU(w.z): z (..., n, D), w (..., m, D) -> (..., n, m, 1)."""
    xp = api.array_namespace(z, w)
    length = xp.linalg.vector_norm(w, axis=-1)[..., None, :]
    return (length * xp.clip(z @ xp.matrix_transpose(w), 0, None))[..., None]


def affine_neuron(z: Array, w: Array) -> Array:
    """Second-layer neuron of the learner, ReLU(w2 z + b2), weights (w2, b2): z (..., n, 1), w (..., m, 2)."""
    xp = api.array_namespace(z, w)
    return xp.clip(z * w[..., None, :, 0] + w[..., None, :, 1], 0, None)[..., None]


def vector_neuron(out: int, *, bias: bool = True, activation: str = "relu") -> Callable:
    """The neuron that writes to a bottleneck, z -> a sigma(w.z + b) with a in R^out, as a neuron function.

    Its weights are rows (a, w, b), or (a, w) without bias: then a layer of ReLUs is homogeneous of degree 1 in z, as
    the learner's first layer is.

    out: numbers written, at least 1. bias: whether a row ends in b. activation: "relu" or "tanh". Returns a function
    for `MeanFieldLayer`, of z (..., n, D) and weights (..., m, out + D + 1), that returns (..., n, m, out).
    Raises ValueError for a bad `out` or activation.

    >>> import mfdepth as mf, numpy as np
    >>> layer = mf.MeanFieldLayer(vector_neuron(2), np.array([[1.0, -1.0, 2.0, 0.5]]))  # a = (1, -1), w = 2, b = 0.5
    >>> layer(np.array([[1.0]]))
    array([[ 2.5, -2.5]])

    See: the chapter "More layers through a bottleneck".
    """
    out, activation = checks.whole("out", out, 1), checks.one_of("activation", activation, ("relu", "tanh"))
    return partial(_vector_neuron, out=out, bias=bool(bias), activation=activation)


def _vector_neuron(z, w, *, out, bias, activation):
    xp = api.array_namespace(z, w)
    inner = z @ xp.matrix_transpose(w[..., out : out + z.shape[-1]])
    if bias:
        inner = inner + w[..., None, :, -1]
    value = xp.tanh(inner) if activation == "tanh" else xp.clip(inner, 0, None)
    return w[..., None, :, :out] * value[..., None]


def learner(w1: Array, w2: Array, b2: Array) -> MeanFieldNetwork:
    """The talk's three-layer learner as a network: F = E |w1| ReLU(w1.x), then f = E ReLU(w2 F + b2).

    w1: (m1, d). w2, b2: (m2,). Raises ValueError for bad shapes or weights.

    >>> import mfdepth as mf, numpy as np
    >>> mf.learner(np.eye(3), np.array([-0.1, -0.2]), np.array([0.5, 0.4])).weights[1].shape
    (2, 2)

    See: the chapter "More layers through a bottleneck".
    """
    w1 = checked_first_layer(w1)
    w2 = checks.alike("w2", checks.array("w2", w2, ndim=1), w1, graph=True)
    b2 = checks.alike("b2", checks.array("b2", b2, shape=w2.shape), w1, graph=True)
    xp = api.array_namespace(w1)
    return MeanFieldNetwork(
        (MeanFieldLayer(homogeneous_neuron, w1), MeanFieldLayer(affine_neuron, xp.stack([w2, b2], axis=-1)))
    )


def first_layer(w1: Array, x: Array) -> Array:
    """F(x) = mean_k |w_k| ReLU(w_k.x): w1 of shape (..., m1, d), x of shape (..., n, d); returns (..., n).

    The talk's first layer, for an empirical measure of m1 neurons: homogeneous of degree 1 in x and 2 in w1.

    >>> import numpy as np
    >>> first_layer(np.eye(2), np.array([[2.0, -1.0]]))
    array([1.])

    See: the chapter "The infinite-width dynamics".
    """
    w1, x = checks.array("w1", w1), checks.array("x", x)
    xp = api.array_namespace(w1, x)
    length = xp.linalg.vector_norm(w1, axis=-1)
    value = xp.clip(x @ xp.matrix_transpose(w1), 0, None) @ length[..., None]
    return value[..., 0] / w1.shape[-2]


def tent(x: Array) -> Array:
    """The target of the talk, f*(x) = ReLU(1 - |x|): x of shape (..., n, d), NumPy or torch; returns (..., n).

    >>> import numpy as np
    >>> tent(np.array([[0.3, 0.4], [3.0, 4.0]]))
    array([0.5, 0. ])

    See: the chapter "Why depth?".
    """
    x = checks.array("x", x)
    xp = api.array_namespace(x)
    return xp.clip(1 - xp.linalg.vector_norm(x, axis=-1), 0, None)


def adam(parameters: Sequence, loss: Callable, steps: int, rate: float) -> Iterator:
    """Move torch tensors down a loss by Adam, in place, and yield the loss before each step: not a gradient flow.

    The rate falls to zero by a cosine.

    >>> import torch
    >>> x = torch.ones(1, requires_grad=True)
    >>> len([float(value) for value in adam([x], lambda: (x**2).sum(), 3, 0.1)]), bool(x < 0.9)
    (3, True)
    """
    torch = checks.needs("torch")
    optimiser = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(steps, 1))
    for _ in range(steps):
        with torch.inference_mode(False), torch.enable_grad():
            optimiser.zero_grad()
            value = loss()
            value.backward()
            optimiser.step()
            schedule.step()
        yield value.detach()


def checked_first_layer(w1: Array, name: str = "w1") -> Array:
    """w1 itself if it is a finite array (..., m1, d) whose neurons are not all zero; else ValueError."""
    w1 = checks.finite_array(name, w1, ndim=2)
    xp = api.array_namespace(w1)
    checks.whole(f"the last dimension of {name} (d)", w1.shape[-1], 2)
    if not bool(xp.all(xp.any(w1 != 0, axis=(-2, -1)))):
        raise ValueError(f"{name} must have a neuron that is not zero; got all zeros, shape {tuple(w1.shape)}")
    return w1


@dataclass(frozen=True, eq=False)
class ParametricNetwork:
    """A function of inputs x (n, d) and of the tensors that training moves: call it, or read `parameters`.

    See: the chapter "Why depth?".
    """

    forward: Callable
    parameters: tuple

    def __call__(self, x: Array) -> Array:
        return self.forward(x, *self.parameters)


def two_layers(x: Array, w: Array, b: Array, a: Array, c: Array) -> Array:
    """f(x) = sum_k a_k ReLU(w_k.x - b_k) + c: w (m, d), b (m,), a (m,), c (); NumPy or torch."""
    xp = api.array_namespace(x)
    return xp.clip(x @ xp.matrix_transpose(w) - b, 0, None) @ a + c
