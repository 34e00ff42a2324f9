"""Networks trained as practice does it, by Adam on sampled inputs: two layers beside three. Needs torch."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import array_api_compat as api
import numpy as np
from tqdm import tqdm

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.flow import SWEPT
from mfdepth.laws import RadialLaw, checked_law
from mfdepth.networks import ParametricNetwork, adam, affine_neuron, first_layer, tent, two_layers
from mfdepth.random import directions, generator, uniform
from mfdepth.starts import standard_start

POOL = 1 << 16  # radii, one from the middle of each of as many equally likely cells
TEST = 1 << 16  # inputs on which a trained network is judged


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network after training.

    loss: half-MSE on fresh inputs; error: its standard error. history: batch losses, (steps,). status: a sentence.

    See: the chapter "Why depth?".
    """

    network: ParametricNetwork
    loss: float
    error: float
    history: Any
    status: str

    @property
    def diverged(self) -> bool:
        """Whether the loss is not finite, or above both that of the start and 1/2, which f = 0 stays below."""
        return not self.loss <= max(0.5, self.history[0] if len(self.history) else 0.5)


def three_layers(x: Array, w1: Array, w2: Array, b2: Array) -> Array:
    """The talk's learner, f(x) = mean_j ReLU(w2_j F(x) + b2_j), as a function of x and its weights."""
    xp = api.array_namespace(x)
    hidden = affine_neuron(first_layer(w1, x)[:, None], xp.stack([w2, b2], axis=-1))
    return xp.mean(hidden[..., 0], axis=-1)


def shallow_network(d: int, width: Array, rng: Rng) -> ParametricNetwork:
    """A two-layer ReLU network f(x) = sum_k a_k ReLU(w_k.x - b_k) + c at a random start.

    w_k and b_k are uniform on [-1, 1]/sqrt(d), a_k and c on [-1, 1]/sqrt(width): torch's own choice for its layers.

    d, width: at least 2 and 1. rng: a seed or a generator. Returns a `ParametricNetwork` of float32 tensors (w, b, a,
    c).

    >>> import torch
    >>> network = shallow_network(3, 8, 0)
    >>> network(torch.zeros(5, 3)).shape
    torch.Size([5])

    See: the chapter "Why depth?".
    """
    d, width = checks.whole("d", d, 2), checks.whole("width", width, 1)
    rng, like = _torch_generator(rng)
    shapes = ((width, d), d), ((width,), d), ((width,), width), ((), width)
    given = ((2 * uniform(shape, rng, like) - 1) / math.sqrt(fan_in) for shape, fan_in in shapes)
    return ParametricNetwork(two_layers, tuple(given))


def learner_network(d: int, width: Array, rng: Rng, *, m2: int = 16) -> ParametricNetwork:
    """The talk's three-layer learner, f(x) = mean_j ReLU(w2_j F(x) + b2_j) with F(x) = mean_k |w_k| ReLU(w_k.x).

    It starts as `standard_start` says: alpha = 1 in expectation, w2 = -0.1 and b2 = 0.5, each with a spread of 0.02.

    d, width, m2: dimension, neurons of the first and the second layer. rng: a seed or a generator.
    Returns a `ParametricNetwork` of float32 tensors (w1, w2, b2).

    >>> import torch
    >>> network = learner_network(3, 8, 0)
    >>> network(torch.zeros(5, 3)).shape
    torch.Size([5])

    See: the chapter "Why depth?".
    """
    width = checks.whole("width", width, 1)
    rng, like = _torch_generator(rng)
    weights = (checks.needs("torch").as_tensor(x).to(like) for x in standard_start(d, width, m2, rng))
    return ParametricNetwork(three_layers, tuple(weights))


def train_adam(
    law: RadialLaw,
    network: ParametricNetwork,
    *,
    steps: int = 3000,
    batch: int = 1024,
    rate: float = 3e-3,
    r_max: float = 3.0,
    rng: Rng,
    progress: bool = False,
) -> TrainedNetwork:
    """Train a network on f*(x) = ReLU(1 - |x|) by Adam, on fresh inputs each step; the network itself is not changed.

    The loss is the half-MSE 1/2 E (f* - f)^2 under the law conditioned on |x| <= r_max; the rate falls to zero by a
    cosine. Compare after trying rates: two layers want a larger one.

    law: a radial law. network: a `ParametricNetwork`. steps, batch: at least 1. rate: positive. rng: a seed or a
    generator, which draws the inputs. progress: show a bar. Returns a `TrainedNetwork`; an interrupt (Ctrl-C) returns
    what is reached, and `status` says so, or that the training diverged.

    >>> import mfdepth as mf
    >>> network = shallow_network(5, 16, 0)
    >>> done = train_adam(mf.BesselLaw(5), network, steps=20, rate=0.1, rng=0)
    >>> done.status, done.loss < 0.1
    ('trained for 20 steps', True)

    See: the chapter "Why depth?".
    """
    torch = checks.needs("torch")
    steps, batch = checks.whole("steps", steps, 1), checks.whole("batch", batch, 1)
    rate, r_max = checks.positive("rate", rate), checks.positive("r_max", r_max)
    law, like = checked_law(law), network.parameters[0]
    rng, double = generator(rng, like), torch.empty(0, dtype=torch.float64, device=like.device)
    pool = torch.as_tensor(_radii(law, r_max), device=like.device)

    def squares(network, n):
        r = pool[(uniform((n,), rng, double) * POOL).long()]
        x = (r[:, None] * directions(n, law.d, rng, double)).to(like.dtype)
        return (tent(x) - checks.output("network", network(x), x, (n,))) ** 2 / 2

    with torch.inference_mode(False):  # whatever the caller switched off
        weights = tuple(p.detach().clone().requires_grad_() for p in network.parameters)
    trained = ParametricNetwork(network.forward, weights)
    moves = adam(trained.parameters, lambda: squares(trained, batch).mean(), steps, rate)
    history, status = [], f"trained for {steps} steps"
    try:
        history.extend(tqdm(moves, total=steps, disable=not progress, desc="Adam"))
    except KeyboardInterrupt:
        if SWEPT:
            raise
        status = f"interrupted after {len(history)} steps"
    trained = ParametricNetwork(network.forward, tuple(p.detach() for p in trained.parameters))
    with torch.no_grad():
        values = torch.cat([squares(trained, TEST // 16).double() for _ in range(16)])
    error = float(values.std()) / math.sqrt(TEST)
    done = TrainedNetwork(trained, float(values.mean()), error, np.array([float(x) for x in history]), status)
    return replace(done, status=f"{status}, and diverged: take a smaller rate") if done.diverged else done


def train_tuned(
    law: RadialLaw, start: Callable, *, rates: Sequence[float] = (3e-3, 1e-2, 3e-2, 1e-1), rng: Rng, **training: Any
) -> TrainedNetwork:
    """Train by Adam once for each rate, and keep the best network: what a fair comparison asks for.

    law: a radial law. start: makes a network at a random start, called with a generator. rates: positive, at least one.
    rng: a seed or a generator. training: the other options of `train_adam`. Returns the `TrainedNetwork` of least loss
    among those that did not diverge, with its rate in the status; if all did, the status says so. Ctrl-C ends it there.
    Raises ValueError where there is no rate.

    >>> import mfdepth as mf
    >>> few = {"rates": (1e-3, 0.1), "steps": 50, "batch": 64, "rng": 0}
    >>> train_tuned(mf.BesselLaw(5), lambda rng: shallow_network(5, 16, rng), **few).status
    'trained for 50 steps, at the best of 2 rates, 0.1'

    See: the chapter "Why depth?".
    """
    rates = [checks.positive("rates", rate) for rate in rates]
    if not rates:
        raise ValueError("rates must hold at least one positive number; got none")
    rng, _ = _torch_generator(rng)
    runs = []
    while len(runs) < len(rates) and not (runs and _interrupted(runs[-1])):
        runs.append(train_adam(law, start(rng), rate=rates[len(runs)], rng=rng, **training))
    best = min(range(len(runs)), key=lambda i: math.inf if runs[i].diverged else runs[i].loss)
    if _interrupted(runs[-1]):
        where = f"at rate {len(runs)} of {len(rates)}, {rates[len(runs) - 1]:g}; best so far {rates[best]:g}"
        return replace(runs[best], status=f"{runs[-1].status}, {where}")
    if runs[best].diverged:
        return replace(runs[best], status=f"diverged at all of {len(rates)} rates, from {min(rates):g} on")
    status = f"{runs[best].status}, at the best of {len(rates)} rates, {rates[best]:g}"
    return replace(runs[best], status=status)


def _interrupted(run):
    return run.status.startswith("interrupted")


@lru_cache(maxsize=8)
def _radii(law, r_max):
    """The pool of radii of a law cut at r_max."""
    inside = float(law.cdf(r_max))
    if inside == 0:
        raise ValueError(f"r_max must leave some mass of {law}; got {r_max!r}")
    return law.ppf(inside * (np.arange(POOL) + 0.5) / POOL)


def _torch_generator(rng):
    """A generator for torch arrays, and an array as they are: float32, on the device of a torch generator."""
    torch = checks.needs("torch")
    device = rng.device if isinstance(rng, torch.Generator) else "cpu"
    like = torch.empty(0, device=device)
    return generator(rng, like), like


@dataclass(frozen=True)
class TrainedWidth:
    """The widths that were trained, and the least of them that reached the error: a measurement, not a bound.

    width: None if none did. losses: width -> half-MSE at its best rate. status: a sentence.
    See: the chapter "Why depth?".
    """

    error: float
    width: int | None
    losses: dict
    status: str


def trained_width(
    law: RadialLaw, error: float, widths: Sequence[int], *, start: Callable = shallow_network, rng: Rng, **training: Any
) -> TrainedWidth:
    """The least of some widths at which training reached a half-MSE: empirical, for these rates, steps and seeds only.

    Each width is trained by `train_tuned`, that is, once for each rate, the best counts; it has reached the error when
    its loss, and two standard errors more, is at most that. It stops there, or at Ctrl-C, and `status` says which.

    law: a radial law. error: half-MSE, positive. widths: whole numbers, increasing. start: `shallow_network` for two
    layers, `learner_network` for three: called with (d, width, rng). rng: a torch.Generator. training: for
    `train_tuned`. Returns a `TrainedWidth`. Raises ValueError for an error or widths out of range.

    >>> import mfdepth as mf, torch
    >>> from mfdepth.chapters import why_depth
    >>> few = {"rates": (0.03, 0.1), "steps": 100, "batch": 128, "rng": torch.Generator().manual_seed(0)}
    >>> why_depth.trained_width(mf.BesselLaw(3), 1e-2, (2, 8, 32), **few).width in (8, 32)
    True

    See: the chapter "Why depth?".
    """
    law, error = checked_law(law), checks.positive("error", error)
    widths = [checks.whole("widths", width, 1) for width in widths]
    if not widths or any(a >= b for a, b in pairwise(widths)):
        raise ValueError(f"widths must be increasing whole numbers, at least one; got {widths}")
    losses = {}
    for width in widths:
        done = train_tuned(law, lambda rng, width=width: start(law.d, width, rng), rng=rng, **training)
        if _interrupted(done):
            return TrainedWidth(error, None, losses, f"{done.status}, of width {width}")
        losses[width] = done.loss
        if done.loss + 2 * done.error <= error:
            return TrainedWidth(error, width, losses, f"width {width} reached {error:g}")
    return TrainedWidth(error, None, losses, f"none of the widths reached {error:g}")
