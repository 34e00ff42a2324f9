"""What a run of the finite network costs, against each of its sizes; share of the matrix rate; memory. Writes cost.json.

One size moves, the others stay at the paper's: (d, m1, m2) = (100, 512, 128), one seed, two saved times, to t = 20.
"""

import tracemalloc

import numpy as np
from contenders import ROUNDS, clock, start, table
from keep import keep

import mfdepth as mf

END = 20
AXES = {
    "m1": (128, 256, 512, 1024, 2048, 4096),
    "d": (10, 30, 100, 300, 1000),
    "m2": (1, 16, 128, 1024, 4096),
    "seeds": (1, 2, 4, 8, 16),
    "saved times": (2, 11, 41, 161),
}
LAYERS = ((512, 100, 1), (512, 100, 128), (4096, 1000, 1), (4096, 1000, 512))  # m1, d, m2


def run(m1=512, d=100, m2=128, seeds=1, saved=2):
    weights = start(m2, d, m1, seeds=(seeds,) if seeds > 1 else ())
    return mf.finite_width(mf.BesselLaw(d), *weights, np.linspace(0, END, saved))


def seconds(name, values, rounds=3):
    """Median seconds of a run at each value of one size, in turns."""
    option = {"saved times": "saved"}.get(name, name)
    rows = table({value: lambda value=value: run(**{option: value}) for value in values}, rounds)
    return {"values": list(values), "seconds": [row["seconds"] for row in rows.values()]}


def matrix_rate(n=1500):
    """Multiplications and additions a second of a product of two square matrices, float64."""
    a = np.random.default_rng(0).standard_normal((n, n))
    a @ a
    return 2 * n**3 / float(np.median([clock(lambda: a @ a) for _ in range(ROUNDS)]))


def velocity(m1, d, m2):
    """A velocity in a run, beside the rate of the two products (m1, d) (d, d) that it takes in fixed coordinates."""
    took, rates = [], []
    for _ in range(3):
        rates.append(matrix_rate())
        stats = mf.finite_width(mf.BesselLaw(d), *start(m2, d, m1), [5]).stats
        took.append(stats["seconds"] / stats["evaluations"])
    one, rate = float(np.median(took)), float(np.median(rates))
    return {"m1": m1, "d": d, "m2": m2, "seconds": one, "matrix rate": rate, "share": 4 * m1 * d * d / one / rate}


def peak(m1, d, m2):
    """The most memory that a run holds at once, in megabytes, beside the first layer's."""
    weights, law = start(m2, d, m1), mf.BesselLaw(d)
    mf.finite_width(law, *weights, [1])  # the law's tables are made once
    tracemalloc.start()
    mf.finite_width(law, *weights, [5])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"m1": m1, "d": d, "m2": m2, "peak, MB": most / 1e6, "first layer, MB": weights[0].nbytes / 1e6}


if __name__ == "__main__":
    keep(
        "cost",
        {
            "runs": {name: seconds(name, values) for name, values in AXES.items()},
            "velocities": [velocity(*layer) for layer in LAYERS],
            "memory": [peak(*layer) for layer in LAYERS],
        },
    )
