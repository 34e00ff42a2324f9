"""Error against seconds at the paper's size: ours and the plain way, each over a grid of settings. Writes frontier.json.

A run saves at t = 20, 40, ..., 200. Its error is the largest at these times, relative (root mean square over neurons),
against the mean of two fine runs; half the distance between these is what is left of the reference's own error.
Settings take turns, each round with other samples; medians of seconds and of errors.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's threads do not spin beside the next contender

import numpy as np
from contenders import END, D, clock, plain, radii_of, start
from keep import keep
from tqdm import tqdm

import mfdepth as mf

T = np.linspace(0, END, 11)[1:]
ROUNDS = 3
NAMES = "alpha", "w2", "b2", "rho"
PLAIN = [  # method, step, inputs a stage, type
    ("euler", 1, 64, "float32"),
    ("euler", 1, 256, "float32"),
    ("euler", 1, 1024, "float32"),
    ("euler", 1 / 2, 256, "float32"),
    ("euler", 1 / 2, 1024, "float32"),
    ("euler", 1 / 2, 256, "float64"),
    ("euler", 1 / 4, 1024, "float32"),
    ("heun", 2, 64, "float32"),
    ("heun", 2, 256, "float32"),
    ("heun", 1, 256, "float32"),
    ("heun", 1, 1024, "float32"),
    ("heun", 1, 1024, "float64"),
    ("heun", 1, 4096, "float32"),
    ("heun", 1 / 2, 4096, "float32"),
]
OURS = [  # step, tolerance, directions a stage, type
    (5, 0.03, 50, "float64"),
    (5, 0.03, 200, "float32"),
    (5, 0.03, 200, "float64"),
    (2.5, 0.01, 50, "float64"),
    (2.5, 0.01, 200, "float32"),
    (2.5, 0.01, 200, "float64"),
    (1.25, 0.003, 50, "float64"),
    (1.25, 0.003, 200, "float32"),
    (1.25, 0.003, 200, "float64"),
    (1.25, 0.003, 400, "float64"),
    (0.6, 0.001, 200, "float64"),
    (0.6, 0.001, 400, "float64"),
    (0.4, 0.0005, 1000, "float64"),
]


def numbers(w1, w2, b2):
    """What is compared, at one time."""
    return mf.first_layer_alpha(w1), w2, b2, mf.discretization_error(w1)


def errors(found, exact):
    """The largest relative error over the times, for each number; both: name -> (T,) or (T, m2)."""
    worst = {}
    for name, x in exact.items():
        off, size = ((y.reshape(len(T), -1) ** 2).mean(axis=1) ** 0.5 for y in (found[name] - x, x))
        worst[name] = float((off / size).max())
    return worst


def trained_plain(radii, setting, seed):
    method, step, batch, kind = setting
    weights, saved = start(dtype=kind), []
    seconds = clock(lambda: saved.extend(plain(radii, weights, T, batch, step, method, seed)))
    rows = [numbers(*(x.astype(np.float64) for x in at)) for at in saved]
    return seconds, {name: np.stack(x) for name, x in zip(NAMES, zip(*rows, strict=True), strict=True)}


def trained_ours(law, setting, seed):
    step, tolerance, directions, kind = setting
    weights, runs = start(dtype=kind), []
    options = {"step": step, "tolerance": tolerance, "directions": directions, "rng": seed}
    seconds = clock(lambda: runs.append(mf.finite_width(law, *weights, T, **options)))
    return seconds, {name: np.asarray(getattr(runs[0], name), dtype=np.float64) for name in NAMES}


def measured():
    law = mf.BesselLaw(D)
    radii, runs = radii_of(law), {}
    for setting in PLAIN:
        method, step, batch, kind = setting
        name = f"{method.capitalize()}, step {step:g}, {batch} inputs, {kind}"
        runs["plain", name] = lambda seed, setting=setting: trained_plain(radii, setting, seed)
    for setting in OURS:
        name = "step {:g}, tolerance {:g}, {} directions, {}".format(*setting)
        runs["ours", name] = lambda seed, setting=setting: trained_ours(law, setting, seed)
    fine = [trained_ours(law, (0.25, 0.003, 1000, "float64"), seed)[1] for seed in (101, 102)]
    exact = {name: (fine[0][name] + fine[1][name]) / 2 for name in NAMES}
    seen = {key: [] for key in runs}
    trained_ours(law, OURS[-1], 0), trained_plain(radii, PLAIN[0], 0)  # tables and threads are made once
    for seed in tqdm(range(ROUNDS), desc="frontier"):
        for key, run in runs.items():
            seconds, found = run(seed)
            seen[key].append((seconds, errors(found, exact)))
    rows = []
    for (who, setting), found in seen.items():
        error = {name: float(np.median([e[name] for _, e in found])) for name in NAMES}
        rows.append(
            {"who": who, "setting": setting, "seconds": float(np.median([s for s, _ in found])), "error": error}
        )
    return {"reference": errors(fine[0], exact), "runs": rows}


if __name__ == "__main__":
    keep("frontier", measured())
