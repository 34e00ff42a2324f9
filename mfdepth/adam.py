"""Networks trained as practice does it, by Adam on sampled inputs: two layers beside three. Needs torch."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from tqdm import tqdm

from mfdepth import checks
from mfdepth.networks import first_layer
from mfdepth.random import directions, normal, uniform
from mfdepth.starts import init_first_layer

POOL = 1 << 16  # radii, one from the middle of each of as many equally likely cells
TEST = 1 << 16  # inputs on which a trained network is judged


@dataclass(frozen=True)
class ParametricNetwork:
    """A function of inputs x (n, d) and of the tensors that training moves: call it, or read `parameters`.

    See: the chapter "Why depth?".
    """

    forward: Any
    parameters: tuple

    def __call__(self, x):
        return self.forward(x, *self.parameters)


@dataclass(frozen=True)
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


def shallow_network(d, width, rng):
    """A two-layer ReLU network f(x) = sum_k a_k ReLU(w_k.x - b_k) + c at a random start.

    w_k and b_k are uniform on [-1, 1]/sqrt(d), a_k and c on [-1, 1]/sqrt(width): torch's own choice for its layers.

    d, width: at least 2 and 1. rng: a torch.Generator. Returns a `ParametricNetwork` of float32 tensors (w, b, a, c).

    >>> import torch
    >>> network = shallow_network(3, 8, torch.Generator().manual_seed(0))
    >>> network(torch.zeros(5, 3)).shape
    torch.Size([5])

    See: the chapter "Why depth?".
    """
    d, width = checks.whole("d", d, 2), checks.whole("width", width, 1)

    def forward(x, w, b, a, c):
        return (x @ w.T - b).clamp(min=0) @ a + c

    w, b, a = _flat((width, d), d, rng), _flat((width,), d, rng), _flat((width,), width, rng)
    return _network(forward, w, b, a, _flat((), width, rng))


def learner_network(d, width, rng, *, m2=16):
    """The talk's three-layer learner, f(x) = mean_j ReLU(w2_j F(x) + b2_j) with F(x) = mean_k |w_k| ReLU(w_k.x).

    The start is our standard one: alpha = 1 in expectation, w2 = -0.1 and b2 = 0.5, each with a spread of 0.02.

    d, width, m2: dimension, neurons of the first and the second layer. rng: a torch.Generator.
    Returns a `ParametricNetwork` of float32 tensors (w1, w2, b2).

    >>> import torch
    >>> network = learner_network(3, 8, torch.Generator().manual_seed(0))
    >>> network(torch.zeros(5, 3)).shape
    torch.Size([5])

    See: the chapter "Why depth?".
    """
    m2 = checks.whole("m2", m2, 1)

    def forward(x, w1, w2, b2):
        return (first_layer(w1, x)[:, None] * w2 + b2).clamp(min=0).mean(dim=-1)

    w1 = init_first_layer(d, width, 1.0, rng)
    return _network(forward, w1, -0.1 + 0.02 * normal((m2,), rng), 0.5 + 0.02 * normal((m2,), rng))


def train_adam(law, network, *, steps=3000, batch=1024, rate=3e-3, r_max=3.0, rng, progress=False):
    """Train a network on f*(x) = ReLU(1 - |x|) by Adam, on fresh inputs each step; the network itself is not changed.

    The loss is the half-MSE 1/2 E (f* - f)^2 under the law conditioned on |x| <= r_max; the rate falls to zero by a
    cosine. Compare after trying rates: two layers want a larger one.

    law: a radial law. network: a `ParametricNetwork`. steps, batch: at least 1. rate: positive. rng: a torch.Generator, which
    draws the inputs. progress: show a bar. Returns a `TrainedNetwork`; an interrupt (Ctrl-C) returns what is reached.

    >>> import mfdepth as mf, torch
    >>> rng = torch.Generator().manual_seed(0)
    >>> done = mf.train_adam(mf.BesselLaw(5), mf.shallow_network(5, 16, rng), steps=20, rate=0.1, rng=rng)
    >>> done.status, done.loss < 0.1
    ('trained for 20 steps', True)

    See: the chapter "Why depth?".
    """
    torch = checks.needs("torch")

    steps, batch = checks.whole("steps", steps, 1), checks.whole("batch", batch, 1)
    rate, r_max = checks.positive("rate", rate), checks.positive("r_max", r_max)
    pool = torch.tensor(_radii(law, r_max), device=rng.device)

    def squares(network, n):
        r = pool[torch.randint(POOL, (n,), generator=rng, device=rng.device)]
        x = (r[:, None] * directions(n, law.d, rng)).to(network.parameters[0].dtype)
        return ((1 - r).clamp(min=0).to(x.dtype) - network(x)) ** 2 / 2

    trained = ParametricNetwork(network.forward, tuple(p.detach().clone().requires_grad_() for p in network.parameters))
    adam = torch.optim.Adam(trained.parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    history, status = [], f"trained for {steps} steps"
    try:
        for _ in tqdm(range(steps), disable=not progress, desc="Adam"):
            adam.zero_grad()
            loss = squares(trained, batch).mean()
            loss.backward()
            adam.step()
            schedule.step()
            history.append(loss.detach())
    except KeyboardInterrupt:
        status = f"interrupted after {len(history)} steps"
    trained = ParametricNetwork(network.forward, tuple(p.detach() for p in trained.parameters))
    with torch.no_grad():
        values = torch.cat([squares(trained, TEST // 16).double() for _ in range(16)])
    error = float(values.std()) / math.sqrt(TEST)
    return TrainedNetwork(trained, float(values.mean()), error, np.array([float(x) for x in history]), status)


def train_tuned(law, start, *, rates=(3e-3, 1e-2, 3e-2, 1e-1), rng, **training):
    """Train by Adam once for each rate, and keep the best network: what a fair comparison asks for.

    law: a radial law. start: makes a network at a random start, called with rng. rates: positive, at least one.
    rng: a torch.Generator. training: the other options of `train_adam`. Returns the `TrainedNetwork` of least loss, with
    its rate in the status. Raises ValueError where there is no rate.

    >>> import mfdepth as mf, torch
    >>> few = {"rates": (1e-3, 0.1), "steps": 50, "batch": 64, "rng": torch.Generator().manual_seed(0)}
    >>> mf.train_tuned(mf.BesselLaw(5), lambda rng: mf.shallow_network(5, 16, rng), **few).status
    'trained for 50 steps, at the best of 2 rates, 0.1'

    See: the chapter "Why depth?".
    """
    rates = [checks.positive("rates", rate) for rate in rates]
    if not rates:
        raise ValueError("rates must hold at least one positive number; got none")
    runs = [train_adam(law, start(rng), rate=rate, rng=rng, **training) for rate in rates]
    best = min(range(len(rates)), key=lambda i: runs[i].loss)
    status = f"{runs[best].status}, at the best of {len(rates)} rates, {rates[best]:g}"
    return replace(runs[best], status=status)


@lru_cache(maxsize=8)
def _radii(law, r_max):
    """The pool of radii of a law cut at r_max."""
    inside = float(law.cdf(r_max))
    if inside == 0:
        raise ValueError(f"r_max must leave some mass of {law}; got {r_max!r}")
    return law.ppf(inside * (np.arange(POOL) + 0.5) / POOL)


def _flat(shape, fan_in, rng):
    """Uniform on [-1, 1]/sqrt(fan_in)."""
    return (2 * uniform(shape, rng) - 1) / math.sqrt(fan_in)


def _network(forward, *parameters):
    torch = checks.needs("torch")

    if not all(isinstance(p, torch.Tensor) for p in parameters):
        raise TypeError("rng must be a torch.Generator: training needs torch")
    return ParametricNetwork(forward, tuple(p.float() for p in parameters))
