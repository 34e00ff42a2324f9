"""Who is timed: the book's start, the plain way to train it, and a clock under which contenders take turns."""

import time

import numpy as np
import torch

import mfdepth as mf

D, M1, M2, END = 100, 512, 128, 200  # the size of the paper's simulation
ROUNDS = 5


def start(m2=M2, d=D, m1=M1, dtype=np.float64, seeds=()):
    rng = np.random.default_rng(0)
    w1 = mf.init_first_layer(d, m1 * int(np.prod(seeds)), 1.0, rng).reshape(*seeds, m1, d)
    noise = 0.02 * rng.standard_normal((2, *seeds, m2)) if m2 > 1 else np.zeros((2, *seeds, 1))
    return [x.astype(dtype) for x in (w1, -0.1 + noise[0], 0.5 + noise[1])]


def radii_of(law, count=1_000_000):
    """Radii to draw inputs from."""
    return law.ppf(torch.rand(count, generator=torch.Generator().manual_seed(1), dtype=torch.float64))


def plain(radii, weights, t, batch, step, method="euler", seed=0):
    """What one writes first: fresh inputs, automatic differentiation, Euler's method or Heun's. Weights at the times t."""
    generator, d = torch.Generator().manual_seed(seed), weights[0].shape[1]
    weights = [torch.as_tensor(x) for x in weights]
    radii, now, saved = radii.to(weights[0].dtype), 0.0, []

    def velocity(weights):
        radius = radii[torch.randint(len(radii), (batch, 1), generator=generator)]
        x = radius * mf.random_directions(batch, d, generator).to(radius.dtype)
        w1, w2, b2 = weights = [w.detach().requires_grad_() for w in weights]
        f = torch.relu(mf.first_layer(w1, x)[:, None] * w2 + b2).mean(dim=1)
        loss = 0.5 * ((torch.relu(1 - x.norm(dim=1)) - f) ** 2).mean()
        return [-len(w) * g for w, g in zip(weights, torch.autograd.grad(loss, weights), strict=True)]

    for end in t:
        for _ in range(round((end - now) / step)):
            first = velocity(weights)
            moved = [w + step * v for w, v in zip(weights, first, strict=True)]
            if method == "heun":
                both = zip(weights, first, velocity(moved), strict=True)
                moved = [w + step / 2 * (v + u) for w, v, u in both]
            weights = moved
        now = end
        saved.append([w.numpy() for w in weights])
    return saved


def clock(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def table(contenders, rounds=ROUNDS):
    """Median seconds, the contenders in turn, and how many times the first one's each is."""
    for run in contenders.values():  # tables and threads are made once
        run()
    taken = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            taken[name].append(clock(run))
    seconds = {name: float(np.median(x)) for name, x in taken.items()}
    first = next(iter(seconds.values()))
    return {name: {"seconds": value, "ratio": value / first} for name, value in seconds.items()}
