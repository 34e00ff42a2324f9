"""Gradient flow of any mean-field network on sampled inputs, by torch: for what has no radial structure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mfdepth import checks, flow
from mfdepth.chapters.beyond.radial_flow import refuse_growth
from mfdepth.checks import Array, Rng
from mfdepth.infinite import refuse_second_layer
from mfdepth.networks import MeanFieldNetwork, affine_neuron
from mfdepth.random import generator

STILL = 10_000  # inputs in a row that move no weight, though the loss is positive: the network is dead
JUDGED = 1024  # inputs on which a run is judged at its saved times


@dataclass(frozen=True, eq=False)
class SampledRun:
    """A run at its saved times t (T,): the networks then (torch weights), loss (T, ...), and status, a sentence.

    loss: the mean over the steps since the saved time before; at t = 0 that of the start, on inputs apart. Unpacks as
    the pair networks, loss.

    See: the chapter "More layers through a bottleneck".
    """

    t: Any
    networks: tuple
    loss: Any
    status: str

    def __iter__(self):
        return iter((self.networks, self.loss))


def sampled_flow(
    network: MeanFieldNetwork,
    law: Any,
    target: Callable,
    t: Array,
    rates: Sequence[float] | None = None,
    *,
    batch: int = 1024,
    step: float = 0.1,
    rng: Rng = 0,
    progress: bool = False,
) -> Any:
    """Train a mean-field network by gradient flow on fresh inputs each step, and keep it at the times t.

    Each neuron moves by the width of its layer times the negative gradient of 1/2 E (target - f)^2 (the mean-field
    scaling, under which a layer's law moves in the same way at every width), by Euler's method, torch's autograd and a
    fresh batch each step. For the three-layer learner `finite_width` is faster and exact in the radius.

    network: a `MeanFieldNetwork` whose neuron functions take torch tensors. law: with `sample(n, rng)`, or inputs of
    shape (n, d) used whole in every step. target: function of inputs (n, d), returning (n,). t: increasing times.
    rates: one per layer (default 1). batch: inputs per step. step: the longest step. rng: a seed or a generator.
    Returns a `SampledRun`; one that ends early (a step that is too long, Ctrl-C) holds the times before, and says so.
    Raises ValueError for bad input, and for networks and targets that grow with |x| where E|x|^2 is infinite.

    >>> import mfdepth as mf, numpy as np
    >>> from mfdepth.chapters import beyond
    >>> net = mf.learner(mf.init_first_layer(3, 16, 1.0, np.random.default_rng(0)), np.array([-0.1]), np.array([0.5]))
    >>> networks, losses = beyond.sampled_flow(net, mf.GaussianLaw(3), mf.tent, [0, 1])
    >>> len(networks), networks[1].weights[0].shape
    (2, torch.Size([16, 3]))

    See: the chapter "More layers through a bottleneck".
    """
    torch = checks.needs("torch")
    with torch.inference_mode(False), torch.enable_grad():  # whatever the caller switched off
        return _followed(network, law, target, t, rates, batch, step, rng, progress)


def _followed(network, law, target, t, rates, batch, step, rng, progress):
    torch = checks.needs("torch")
    t, step, batch = checks.times("t", t), checks.positive("step", step), checks.whole("batch", batch, 1)
    rates = _rates(rates, len(network.layers))
    start = tuple(checks.alike("network", w, torch.empty(0, dtype=torch.float64)).clone() for w in network.weights)
    draw, probe = _inputs(law, target, batch, rng, start[0])
    _refuse_inputs(network, start, probe[0])
    _refuse_tail(network, start, law, target, probe[0].shape[1])

    def loss(weights, x, y):
        f = checks.output("network", network.with_weights(weights)(x), x, (*start[0].shape[:-2], len(x)))
        return ((y - f) ** 2).mean(dim=-1) / 2

    descent = flow.Descent("network, target", loss(start, *probe), (probe[1] ** 2).mean() / 2, slack=1.0)
    losses, still, patience = [], 0, STILL if hasattr(law, "sample") else 1

    def advance(weights, h):
        nonlocal still
        x, y = draw()
        weights = [w.detach().requires_grad_() for w in weights]
        value = loss(weights, x, y)
        slopes = _slopes(value, weights)
        still = 0 if any(slope.any() for slope in slopes) or not value.all() else still + len(x)
        if still >= patience:
            raise flow.Stopped(flow.DEAD)
        losses.append(value.detach())
        moves = zip(weights, rates, slopes, strict=True)
        return tuple(w.detach() - h * rate * w.shape[-2] * slope for w, rate, slope in moves), math.inf

    def save(weights):
        now = loss(weights, *probe)
        descent(now)
        mean = torch.stack(losses).mean(dim=0) if losses else now
        losses.clear()
        return *weights, mean

    path = flow.follow(advance, start, t, step, save=save, progress=progress, label="sampled flow")
    networks = tuple(network.with_weights(weights) for weights in zip(*path.states[:-1], strict=True))
    return SampledRun(path.t, networks, path.states[-1].numpy(), path.status)


def _rates(rates, layers):
    rates = [1.0] * layers if rates is None else [checks.positive("rates", rate) for rate in rates]
    if len(rates) != layers:
        raise ValueError(f"rates must hold one number for each of the {layers} layers; got {len(rates)}")
    return rates


def _slopes(value, weights):
    if not value.requires_grad:
        raise ValueError("network must be a function of its weights that torch can differentiate; got one that is not")
    return checks.needs("torch").autograd.grad(value.sum(), weights, materialize_grads=True)


def _inputs(law, target, batch, rng, like):
    """A function that draws inputs and their targets, and a batch apart on which to judge the flow."""
    if not hasattr(law, "sample"):
        x = checks.alike("law", checks.array("law", law, ndim=2), like).clone()
        y = checks.returned("target(x)", target(x.clone()), x, x.shape[:1])
        return lambda: (x, y), (x, y)

    def draw(n, rng):
        x = checks.array("law.sample(n, rng)", law.sample(n, rng), ndim=2)
        x = checks.returned("law.sample(n, rng)", x, like, (n, x.shape[-1]))
        return x, checks.returned("target(x)", target(x.clone()), x, (n,))

    return partial(draw, batch, generator(rng, like)), draw(JUDGED, generator(JUDGED, like))


def _refuse_inputs(network, start, x):
    """Refuse a network of another dimension than its inputs."""
    try:
        network.with_weights(start)(x)
    except RuntimeError as error:  # of torch, which knows no names
        raise ValueError(f"network must take inputs of shape (n, {x.shape[1]}), those of law; {error}") from None


def _refuse_tail(network, start, law, target, d):
    """Refuse a network or a target whose loss is infinite under a law without second moment, along the axes."""
    torch = checks.needs("torch")
    if getattr(law, "second_moment", 0.0) < math.inf:
        return
    last = network.layers[-1]
    if last.neuron is affine_neuron:
        refuse_second_layer(law, last.weights[..., 0], last.weights[..., 1], flow=True)
    axes = torch.cat([torch.eye(d), -torch.eye(d)]).to(start[0])

    def size(f, r):  # root mean square over the axes
        x = (torch.as_tensor(r).to(start[0])[:, None, None] * axes).reshape(-1, d)
        square = torch.as_tensor(f(x)).reshape(-1, len(r), 2 * d) ** 2
        return square.mean(dim=(0, 2)).sqrt().numpy()

    for name, f in (("network", network.with_weights(start)), ("target(x)", target)):
        refuse_growth(name, partial(size, f), law)
