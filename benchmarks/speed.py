"""Seconds for a run at the paper's size, side by side with plain training on sampled inputs. Writes speed.json."""

import time

import numpy as np
import torch
from keep import keep

import mfdepth as mf

D, M1, M2, END = 100, 512, 128, 200
ROUNDS = 3


def start():
    rng = np.random.default_rng(0)
    w1 = mf.init_first_layer(D, M1, 1.0, rng)
    return w1, -0.1 + 0.02 * rng.standard_normal(M2), 0.5 + 0.02 * rng.standard_normal(M2)


def plain(radii, w1, w2, b2, batch, step):
    """What one writes first: fresh inputs, automatic differentiation, Euler's method."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.as_tensor(x).requires_grad_() for x in (w1, w2, b2)]
    for _ in range(round(END / step)):
        radius = radii[torch.randint(len(radii), (batch, 1), generator=generator)]
        x = radius * mf.random_directions(batch, D, generator)
        w1, w2, b2 = weights
        f = torch.relu(mf.first_layer(w1, x)[:, None] * w2 + b2).mean(dim=1)
        loss = 0.5 * ((torch.relu(1 - x.norm(dim=1)) - f) ** 2).mean()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= step * len(weight) * gradient
    return weights[1].detach().mean()


def clock(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    law, weights = mf.BesselLaw(D), start()
    radii = law.ppf(torch.rand(1_000_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    tensors = [torch.as_tensor(x) for x in weights]
    t = np.linspace(0, END, 11)
    contenders = {
        "finite width, NumPy": lambda: mf.finite_width(law, *weights, t),
        "finite width, torch": lambda: mf.finite_width(law, *tensors, t),
        "infinite width, one neuron": lambda: mf.infinite_width(law, 1.0, -0.1, 0.5, t),
        "plain, 1024 inputs, step 1/4": lambda: plain(radii, *weights, 1024, 0.25),
    }
    for run in contenders.values():  # tables and threads are made once
        run()
    seconds = {name: float(np.median([clock(run) for _ in range(ROUNDS)])) for name, run in contenders.items()}
    ours = seconds["finite width, NumPy"]
    keep("speed", {"seconds": seconds, "ratio": {name: value / ours for name, value in seconds.items()}})
