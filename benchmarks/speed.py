"""Seconds of the two flows, side by side with plain training on sampled inputs. Writes speed.json.

All contenders of a table take turns, so that a machine which slows down slows them alike; medians, and their ratios.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's threads do not spin beside the next contender

import numpy as np
import torch
from contenders import END, plain, radii_of, start, table
from keep import keep

import mfdepth as mf

T = np.linspace(0, END, 11)


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
    law, many = mf.BesselLaw(100), start()
    radii = radii_of(law)
    runs = {
        "NumPy, m2 = 128": many,
        "NumPy, m2 = 1": start(1),
        "NumPy, m2 = 128, float32": start(dtype=np.float32),
        "torch, m2 = 128": [torch.as_tensor(x) for x in many],
    }
    contenders = {name: lambda weights=weights: mf.finite_width(law, *weights, T) for name, weights in runs.items()}
    contenders["plain, 1024 inputs, step 1/4, m2 = 128"] = lambda: plain(radii, many, T[1:], 1024, 0.25)
    return table(contenders)


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
            "16 seeds, d = 10, m1 = 64": batches(),
        },
    )
