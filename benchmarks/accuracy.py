"""The accuracy of each quantity, against a second method. Writes accuracy.json; minutes, most of it the references."""

import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import torch
from keep import keep

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import references

import mfdepth as mf

START = {"alpha": 1.0, "w2": -0.1, "b2": 0.5}


def law_errors(d, radii):
    """The worst relative errors of density, cdf and moments against mpmath, where the density is at least 1e-6."""
    law, worst = mf.BesselLaw(d), {"density": 0.0, "moments": 0.0}
    for r in radii:
        density = references.bessel_pdf(d, r)
        if density < 1e-6:
            continue
        worst["density"] = max(worst["density"], abs(float(law.pdf(r) / density - 1)))
        for k in range(4):
            exact = references.bessel_partial_moment(d, k, r)
            worst["moments"] = max(worst["moments"], abs(float(law.partial_moment(k, r) / exact - 1)))
    return worst


def trajectory_error(d, t):
    run = mf.infinite_width(mf.BesselLaw(d), **START, t=t)
    exact = references.one_neuron_flow(d, *START.values(), t, (1.0, 1.0))
    return float(np.max(np.abs(np.array([run.alpha, run.w2, run.b2]) / exact - 1)))


def velocity_error():
    """The library's velocity against automatic differentiation of its loss, at d = 100 with 64 and 16 neurons."""
    rng = np.random.default_rng(0)
    law, u = mf.BesselLaw(100), torch.as_tensor(mf.orthogonal_directions(200, 100, rng))
    w1 = torch.as_tensor(mf.init_first_layer(100, 64, 1.0, rng)).requires_grad_()
    w2 = torch.as_tensor(-0.5 + 0.1 * rng.standard_normal(16)).requires_grad_()
    b2 = torch.as_tensor(0.6 + 0.1 * rng.standard_normal(16)).requires_grad_()
    gradients = torch.autograd.grad(mf.loss(law, w1, w2, b2, u), (w1, w2, b2))
    velocities = mf.velocity(law, w1.detach(), w2.detach(), b2.detach(), u)
    pairs = zip(velocities, gradients, (64, 16, 16), strict=True)
    return max(float((v + m * g).abs().max() / v.abs().max()) for v, g, m in pairs)


def paper_size_errors(seeds, t):
    """The default run against a short step with many directions: the worst relative error over seeds and times."""
    law, worst = mf.BesselLaw(100), {"alpha": 0.0, "w2": 0.0, "b2": 0.0, "rho": 0.0}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        w1 = mf.init_first_layer(100, 512, 1.0, rng)
        w2, b2 = -0.1 + 0.02 * rng.standard_normal(128), 0.5 + 0.02 * rng.standard_normal(128)
        run = mf.finite_width(law, w1, w2, b2, t, rng=seed)
        reference = mf.finite_width(law, w1, w2, b2, t, rng=seed + 100, step=0.25, directions=1000, progress=True)
        for name, error in worst.items():
            got, wanted = getattr(run, name), getattr(reference, name)
            axis = tuple(range(1, got.ndim))  # the root mean square over neurons, at each time
            relative = np.sqrt(np.mean((got - wanted) ** 2, axis=axis) / np.mean(wanted**2, axis=axis))
            worst[name] = max(error, float(relative.max()))
    return worst


def drift():
    run = mf.infinite_width(mf.BesselLaw(100), **START, t=np.linspace(0, 600, 61))
    return float(np.ptp(run.alpha - 2 * mf.relu_mean(100) * run.w2**2))


if __name__ == "__main__":
    mp.mp.dps = 30
    radii = np.concatenate([np.geomspace(1e-3, 1, 13), [1.7, 5.0, 14.0, 40.0]]).tolist()
    keep(
        "accuracy",
        {
            "law": {d: law_errors(d, radii) for d in (2, 3, 10, 100)},
            "infinite width": {d: trajectory_error(d, np.array([1.0, 5, 20, 60])) for d in (2, 10, 100)},
            "conserved number": drift(),
            "velocity": velocity_error(),
            "paper size": paper_size_errors(2, np.array([1.0, 2, 5, 10, 20, 50, 100, 150, 200])),
        },
    )
