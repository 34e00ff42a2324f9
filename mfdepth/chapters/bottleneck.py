"""Networks of many layers with D numbers between them, at a random start, and Adam to fit one to given values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.networks import MeanFieldLayer, MeanFieldNetwork, adam, tent, vector_neuron
from mfdepth.random import generator, normal

__all__ = [
    "bottleneck_network",
    "fit_network",
    "tent_difference",
    "vector_neuron",
]


def bottleneck_network(
    sizes: Sequence[int], widths: Sequence[int], rng: Rng, *, bias: bool = True, batch: tuple[int, ...] = ()
) -> MeanFieldNetwork:
    """A mean-field network at a random start: layers of ReLU neurons, with a bottleneck of fixed size after each.

    Layer l is z -> (1/m_l) sum_k a_k ReLU(w_k.z + b_k) with a_k in R^{sizes[l+1]}, all weights standard Gaussian (the
    multilayer network is the talk's; this start is ours).

    sizes: (d, D_1, ..., D_L), the numbers that go in and what each layer writes. widths: (m_1, ..., m_L).
    rng: a seed or a generator. bias: False leaves the first layer without b, homogeneous in x.
    batch: leading dimensions of the weights, such as (4,) for four networks side by side.
    Returns a `MeanFieldNetwork`. Raises ValueError for sizes and widths that do not fit together or are below 1.

    >>> import numpy as np
    >>> from mfdepth.chapters import bottleneck
    >>> network = bottleneck.bottleneck_network((4, 2, 1), (50, 30), np.random.default_rng(0))
    >>> [w.shape for w in network.weights], network(np.zeros((7, 4))).shape
    ([(50, 7), (30, 4)], (7,))

    See: the chapter "More layers through a bottleneck".
    """
    sizes, widths = _counts("sizes", sizes), _counts("widths", widths)
    if not widths or len(sizes) != len(widths) + 1:
        raise ValueError(f"sizes must hold one number more than widths, at least 2; got sizes {sizes}, widths {widths}")
    layers, rng = [], generator(rng)
    for m, into, out in zip(widths, sizes[:-1], sizes[1:], strict=True):
        biased = bias or bool(layers)
        layers.append(MeanFieldLayer(vector_neuron(out, bias=biased), normal((*batch, m, out + into + biased), rng)))
    return MeanFieldNetwork(layers)


def _counts(name, values):
    try:
        return [checks.whole(name, value, 1) for value in values]
    except TypeError:
        raise TypeError(f"{name} must be a list of whole numbers, at least 1; got {values!r}") from None


def tent_difference(x: Array) -> Array:
    """A target of two radii, ReLU(1 - |x+|) - ReLU(1 - |x-|) for x = (x+, x-), two halves of equal dimension (ours).

    Through a bottleneck of one number, behind a first layer without biases, no width represents it.

    x: (..., n, d), d even; ValueError otherwise. Returns (..., n).

    >>> import numpy as np
    >>> tent_difference(np.array([[0.25, 0.0, 3.0, 4.0]]))
    array([0.75])

    See: the chapter "More layers through a bottleneck".
    """
    x = checks.array("x", x)
    half, odd = divmod(x.shape[-1], 2)
    if odd:
        raise ValueError(f"x must have an even last dimension (d); got {x.shape[-1]}")
    return tent(x[..., :half]) - tent(x[..., half:])


@dataclass(frozen=True, eq=False)
class Fit:
    """A network while it is fitted: the steps (T,) it was saved at, the networks (torch) and the losses (T, ...) then.

    >>> import numpy as np
    >>> from mfdepth.chapters import bottleneck
    >>> network = bottleneck.bottleneck_network((2, 1), (3,), np.random.default_rng(0))
    >>> len(bottleneck.fit_network(network, np.eye(2), np.ones(2), [0, 2]).networks)
    2

    See: the chapter "More layers through a bottleneck".
    """

    steps: Any
    networks: tuple
    losses: Any


def fit_network(network: MeanFieldNetwork, x: Array, values: Array, steps: Sequence[int], *, rate: float = 0.1) -> Fit:
    """Fit any mean-field network to values at given inputs by Adam on 1/2 mean (values - network(x))^2.

    Not a gradient flow, and quicker: for the question whether a network can fit at all. The rate falls to zero by a
    cosine.

    network: a `MeanFieldNetwork`, left as it is; a batch of them is fitted side by side. x: (n, d). values: (n,).
    steps: increasing whole numbers from 0 on; the network is saved at each. rate: of Adam, positive.
    Returns a `Fit`, float64. Raises ValueError for bad arguments.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import bottleneck
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((64, 2))
    >>> fit = bottleneck.fit_network(bottleneck.bottleneck_network((2, 1, 1), (8, 8), rng), x, mf.tent(x), [0, 100])
    >>> fit.steps.tolist(), bool(fit.losses[1] < fit.losses[0])
    ([0, 100], True)

    See: the chapter "More layers through a bottleneck".
    """
    torch = checks.needs("torch")

    saved, rate = checks.times("steps", steps), checks.positive("rate", rate)
    if np.any(saved != np.round(saved)):
        raise ValueError(f"steps must be whole numbers; got {steps}")
    saved = saved.astype(int)
    with torch.inference_mode(False):  # copies that autograd takes, whatever the caller switched off
        like = torch.empty(0, dtype=torch.float64)
        x = checks.alike("x", checks.array("x", x, ndim=2), like).clone()
        values = checks.alike("values", checks.array("values", values, shape=x.shape[:1]), like).clone()
        weights = [checks.alike("network", w, like).clone().requires_grad_() for w in network.weights]

    shape = (*weights[0].shape[:-2], len(x))

    def loss():
        return ((values - checks.output("network", network.with_weights(weights)(x), x, shape)) ** 2).mean(dim=-1) / 2

    moves, networks, losses = adam(weights, lambda: loss().sum(), int(saved[-1]), rate), [], []
    for more in np.diff(saved, prepend=0).tolist():
        for _ in range(more):
            next(moves)
        networks.append(network.with_weights([w.detach().clone() for w in weights]))
        losses.append(loss().detach().numpy())
    return Fit(saved, tuple(networks), np.array(losses))
