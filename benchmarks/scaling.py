"""How rho and the loss depend on m1 and d, seed by seed, beside what is predicted without a free parameter: scaling.json.

    python benchmarks/scaling.py                  # NumPy, the smaller points: minutes
    python benchmarks/scaling.py --device cuda    # all of them

Each point is a batch of independent random first layers of Gaussian lengths (the book's), rescaled to alpha = 1, one second-layer
neuron, standard start, equal rates. The loss is averaged over fresh directions, the same at all times. Points that are in
the file already are not run again.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

import mfdepth as mf
from mfdepth.chapters import discretization

FILE = Path(__file__).with_suffix(".json")
DIMENSIONS = (2, 4, 10, 30, 100, 300, 1000)
WIDTHS = tuple(2**k for k in range(4, 15))  # 16 .. 16384
TIMES = (0, 20, 60, 150, 300)
SEEDS = 20
LARGEST = 1 << 19  # of m1 d, without a device


def point(d, m1, place):
    """One row: rho and the loss, (T, seeds), and the prediction of the mean of rho, (T,)."""
    law, rng = mf.BesselLaw(d), np.random.default_rng([d, m1])
    w1 = place(discretization.draw_seeds(d, m1, 1.0, SEEDS, rng))
    w2, b2 = (place(np.full((SEEDS, 1), value)) for value in (-0.1, 0.5))
    count = 2 * d * max(1, round(50 / d))
    began = time.perf_counter()
    run = mf.finite_width(law, w1, w2, b2, TIMES, directions=count, rng=rng, save_w1=True)
    seconds = time.perf_counter() - began
    u = place(mf.orthogonal_directions(4 * count, d, rng))
    losses = [mf.loss(law, *weights, u) for weights in zip(run.w1, run.w2, run.b2, strict=True)]
    predicted = mf.predict_rho(law, 1.0, -0.1, 0.5, m1, TIMES, lengths="gaussian")
    return {
        "d": d,
        "m1": m1,
        "rho": _digits(run.rho),
        "loss": [_digits(loss) for loss in losses],
        "predicted_rho": _digits(predicted),
        "seconds": round(seconds, 3),
        "status": run.status,
    }


def _digits(values):
    """Four digits, as nested lists."""
    array = np.asarray(values.cpu() if hasattr(values, "cpu") else values, dtype=float)
    return np.array([float(f"{x:.4g}") for x in array.ravel()]).reshape(array.shape).tolist()


def placed(device):
    if device == "numpy":
        return np.asarray
    import torch

    return lambda x: torch.as_tensor(x, device=device)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--device", default="numpy", help='"numpy", or a torch device')
    arguments.add_argument("--file", default=FILE, type=Path)
    given = arguments.parse_args()
    rows = json.loads(given.file.read_text())["rows"] if given.file.exists() else []
    done = {(row["d"], row["m1"]) for row in rows}
    grid = sorted(((d, m1) for d in DIMENSIONS for m1 in WIDTHS), key=lambda p: p[0] * p[1])
    grid = [p for p in grid if p not in done and (given.device != "numpy" or p[0] * p[1] <= LARGEST)]
    for d, m1 in tqdm(grid, desc="scaling"):
        rows.append(point(d, m1, placed(given.device)) | {"device": given.device})
        content = {"times": TIMES, "seeds": SEEDS, "rows": rows}
        given.file.write_text(json.dumps(content).replace('{"d"', '\n{"d"') + "\n")


if __name__ == "__main__":
    main()
