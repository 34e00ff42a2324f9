"""Same seed, same versions: the same numbers with one thread or two, and for a batch in one piece or two."""

import json
import os
import subprocess
import sys

import numpy as np

import mfdepth as mf

# large enough that BLAS shares its products out among threads
RUN = """
import json, numpy as np, mfdepth as mf
law, rng = mf.BesselLaw(40), np.random.default_rng(0)
w1 = mf.init_first_layer(40, 512, 1.0, rng)
run = mf.finite_width(law, w1, np.full(64, -0.1), np.full(64, 0.5), [0, 5], rng=1, directions=320)
row = mf.chapters.discretization.train_seeds(10, 64, [0, 5], seeds=6)
print(json.dumps([run.loss.tolist(), run.rho.tolist(), row["rho"].tolist(), row["predicted_loss"].tolist()]))
"""


def with_threads(count):
    threads = {f"{library}_NUM_THREADS": str(count) for library in ("OMP", "OPENBLAS", "MKL")}
    shown = subprocess.run([sys.executable, "-c", RUN], env=os.environ | threads, capture_output=True, check=True)
    return json.loads(shown.stdout)


def test_the_number_of_threads_changes_no_number():
    for one, two in zip(with_threads(1), with_threads(2), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-9)  # sums in another order: some 1e-15, grown along the flow


def test_a_batch_in_two_pieces_is_the_batch_in_one():
    law, rng = mf.BesselLaw(5), np.random.default_rng(0)
    w1 = np.stack([mf.init_first_layer(5, 32, 1.0, rng) for _ in range(4)])
    u = mf.orthogonal_directions(40, 5, rng)
    w2, b2 = np.full((4, 2), -0.1), np.full((4, 2), 0.5)

    def flow(part, **control):
        return mf.finite_width(law, w1[part], w2[part], b2[part], [0, 5], directions=u, **control)

    # a batch takes the steps that its worst member needs: the pieces agree to the error control, and else to rounding
    for control, apart in ({"step": 0.25, "tolerance": 1.0}, 1e-12), ({}, 1e-3):
        whole, halves = flow(slice(0, 4), **control), [flow(slice(0, 2), **control), flow(slice(2, 4), **control)]
        for name in ("loss", "rho", "alpha", "w2"):
            pieces = np.concatenate([getattr(half, name) for half in halves], axis=1)
            np.testing.assert_allclose(pieces, getattr(whole, name), rtol=apart)
