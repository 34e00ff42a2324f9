"""Seconds of the two flows, side by side with plain training on sampled inputs. Writes speed.json.

All contenders of a table take turns, so that a machine which slows down slows them alike; medians, and their ratios.
"""

import os
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's threads do not spin beside the next contender

import numpy as np
import torch
from keep import keep

import mfdepth as mf

D, M1, M2, END = 100, 512, 128, 200
T = np.linspace(0, END, 11)
ROUNDS = 5


def start(m2=M2, d=D, m1=M1, dtype=np.float64, seeds=()):
    rng = np.random.default_rng(0)
    w1 = mf.init_first_layer(d, m1 * int(np.prod(seeds)), 1.0, rng).reshape(*seeds, m1, d)
    noise = 0.02 * rng.standard_normal((2, *seeds, m2)) if m2 > 1 else np.zeros((2, *seeds, 1))
    return [x.astype(dtype) for x in (w1, -0.1 + noise[0], 0.5 + noise[1])]


def plain(radii, w1, w2, b2, batch, step, end=END):
    """What one writes first: fresh inputs, automatic differentiation, Euler's method."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.as_tensor(x).requires_grad_() for x in (w1, w2, b2)]
    for _ in range(round(end / step)):
        radius = radii[torch.randint(len(radii), (batch, 1), generator=generator)]
        x = radius * mf.random_directions(batch, D, generator)
        w1, w2, b2 = weights
        f = torch.relu(mf.first_layer(w1, x)[:, None] * w2 + b2).mean(dim=1)
        loss = 0.5 * ((torch.relu(1 - x.norm(dim=1)) - f) ** 2).mean()
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= step * len(weight) * gradient
    return [x.detach() for x in weights]


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


def infinite():
    cloud = start()[1:]
    contenders = {
        f"d = {d}, tolerance {tolerance:g}": lambda d=d, tolerance=tolerance: mf.infinite_width(
            mf.BesselLaw(d), 1.0, -0.1, 0.5, T, tolerance=tolerance
        )
        for tolerance in (1e-8, 1e-11)
        for d in (2, 10, 100, 1000)
    }
    contenders["128 neurons, d = 100, tolerance 1e-08"] = lambda: mf.infinite_width(
        mf.BesselLaw(100), 1.0, *cloud, T, tolerance=1e-8
    )
    return table(contenders)


def finite():
    law, many = mf.BesselLaw(D), start()
    radii = law.ppf(torch.rand(1_000_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
    runs = {
        "NumPy, m2 = 128": many,
        "NumPy, m2 = 1": start(1),
        "NumPy, m2 = 128, float32": start(dtype=np.float32),
        "torch, m2 = 128": [torch.as_tensor(x) for x in many],
    }
    contenders = {name: lambda weights=weights: mf.finite_width(law, *weights, T) for name, weights in runs.items()}
    contenders["plain, 1024 inputs, step 1/4, m2 = 128"] = lambda: plain(radii, *many, 1024, 0.25)
    return table(contenders)


def velocities():
    """Seconds of one velocity in a run: a run to a late time that saves once, over its evaluations."""
    law, one = mf.BesselLaw(D), {}
    for m2 in (1, 128, 4096):
        weights, run = start(m2), None
        taken = []
        for _ in range(ROUNDS):
            run = mf.finite_width(law, *weights, [40])
            taken.append(run.stats["seconds"] / run.stats["evaluations"])
        one[f"m2 = {m2}"] = float(np.median(taken))
    return one


def large(m1=4096, d=1000):
    """One velocity of a large layer, beside the two products (m1, d) (d, d) that it takes in fixed coordinates."""
    law, times = mf.BesselLaw(d), {}
    matrix, square = np.random.default_rng(0).standard_normal((m1, d)), np.eye(d)
    matrix @ square
    times["two products"] = 2 * float(np.median([clock(lambda: matrix @ square) for _ in range(ROUNDS)]))
    for m2 in (1, 512):
        run = mf.finite_width(law, *start(m2, d, m1), [5])
        times[f"velocity, m2 = {m2}"] = run.stats["seconds"] / run.stats["evaluations"]
    return times


def batches(d=10, m1=64, seeds=16):
    """Runs a second: all seeds at once, and one by one."""
    law, weights, t = mf.BesselLaw(d), start(1, d, m1, seeds=(seeds,)), [0, 50]
    found = table(
        {
            "together": lambda: mf.finite_width(law, *weights, t),
            "one by one": lambda: [mf.finite_width(law, *(x[i] for x in weights), t) for i in range(seeds)],
        },
        3,
    )
    return {"runs a second": {name: seeds / row["seconds"] for name, row in found.items()}}


if __name__ == "__main__":
    keep(
        "speed",
        {
            "infinite width": infinite(),
            "finite width": finite(),
            "a velocity, seconds": velocities(),
            "4096 neurons in 1000 dimensions, seconds": large(),
            "16 seeds, d = 10, m1 = 64": batches(),
        },
    )
