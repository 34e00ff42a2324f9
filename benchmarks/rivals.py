"""The flow at infinite width by our integrator, torchdiffeq and diffrax, on one right-hand side. Writes rivals.json.

    make rivals    # in an environment of its own, with JAX

The right-hand side is that of `mf.infinite_width` at d = 100 for m2 neurons w2 < 0 < b2, with log(-w2) in place of w2;
the law's moments come from the library's own table of polynomials. It is written once below, for NumPy, torch and
compiled JAX. Errors are the largest over t = 20, 40, ..., 200, relative (root mean square over neurons), against SciPy's
DOP853 at 1e-13. Settings take turns; the first call, in which JAX compiles, is timed apart.
"""

from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import torch
from contenders import D, clock, start
from keep import keep
from scipy.integrate import solve_ivp
from torchdiffeq import odeint

import mfdepth as mf

jax.config.update("jax_enable_x64", True)
T = np.linspace(0, 200, 11)
ROUNDS = 3
TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10)
PIECES = 8  # of the table, on a unit of the Bessel function's argument
WHOLE = {np: np.int64, jnp: jnp.int64, torch: torch.int64}


def velocity(xp, law):
    """The closed equations, state (alpha, log(-w2), b2) to its velocity, in the array library xp."""
    table, first = law._table.pieces[:3], law._table.s_table
    factors = law.d / law.scale ** np.arange(3)
    one = xp.asarray(np.array(law.moments_at(1.0)))[:, None]
    table, growth = xp.asarray(np.ascontiguousarray(factors[:, None, None] * table)), 4 * mf.relu_mean(law.d)

    def moments(r):
        """E[r^k; |x| <= r], k = 0, 1, 2; radii within the table, where the flow from the book's start stays."""
        x = (r * law.scale - first) * PIECES
        piece = xp.floor(x)
        t, rows = 2 * (x - piece) - 1, table[:, :, xp.asarray(piece, dtype=WHOLE[xp])]
        value = rows[:, -1]
        for n in range(table.shape[1] - 2, -1, -1):
            value = value * t + rows[:, n]
        return value

    def moved(state):
        m2 = (len(state) - 1) // 2
        alpha, w, b = state[0], -xp.exp(state[1 : m2 + 1]), state[m2 + 1 :]
        kink = -b / (alpha * w)
        order = xp.argsort(kink)
        up_to = moments(kink[order])
        between = xp.concatenate([up_to[:, :1], up_to[:, 1:] - up_to[:, :-1]], 1)
        offset, slope = (xp.flip(xp.cumsum(xp.flip(x[order], (0,)), 0), (0,)) / m2 for x in (b, alpha * w))
        inner = xp.minimum(up_to, one)
        forces = inner[:2] - inner[1:] - xp.cumsum(offset * between[:2] + slope * between[1:], 1)
        h0, h1 = forces[:, xp.argsort(order)]
        return xp.concatenate([(growth * alpha * (w * h1).mean()).reshape(1), alpha * h1 / w, h0])

    return moved


def contenders(law, w2, b2):
    """name -> a run that returns (T, 1 + 2 m2), with log(-w2); and the reference."""
    state = np.concatenate([[1.0], np.log(-w2), b2])
    in_torch, in_jax = velocity(torch, law), velocity(jnp, law)
    runs = {}

    def ours(tolerance):
        run = mf.infinite_width(law, 1.0, w2, b2, T, tolerance=tolerance)
        return np.concatenate([run.alpha[:, None], np.log(-run.w2), run.b2], axis=1)

    def by_torch(method, tolerance):
        y, t = torch.as_tensor(state), torch.as_tensor(T)
        return odeint(lambda t, y: in_torch(y), y, t, rtol=tolerance, atol=tolerance, method=method).numpy()

    def compiled(solver):
        def solve(y, tolerance):
            control = diffrax.PIDController(rtol=tolerance, atol=tolerance)
            term, save = diffrax.ODETerm(lambda t, y, args: in_jax(y)), diffrax.SaveAt(ts=jnp.asarray(T))
            found = diffrax.diffeqsolve(
                term, solver, 0.0, 200.0, None, y, saveat=save, stepsize_controller=control, max_steps=100_000
            )
            return found.ys

        once = jax.jit(solve)
        return lambda tolerance: np.asarray(once(jnp.asarray(state), tolerance))

    explicit = [diffrax.Tsit5(), diffrax.Dopri8()]
    solvers = {type(x).__name__: compiled(x) for x in explicit + [diffrax.Kvaerno5()] * (len(w2) == 1)}
    for tolerance in TOLERANCES:
        runs["ours", "LSODA", tolerance] = partial(ours, tolerance)
        for method in ("dopri5", "dopri8"):
            runs["torchdiffeq", method, tolerance] = partial(by_torch, method, tolerance)
        for method, solve in solvers.items():
            runs["diffrax", method, tolerance] = partial(solve, tolerance)
    moved = velocity(np, law)
    exact = solve_ivp(lambda t, y: moved(y), (0, 200), state, "DOP853", T, rtol=1e-13, atol=1e-14)
    return runs, exact.y.T


def errors(found, exact):
    """The largest relative error over the times and over alpha, w2, b2."""
    m2 = (exact.shape[1] - 1) // 2
    worst = 0.0
    for part in (slice(0, 1), slice(1, m2 + 1), slice(m2 + 1, None)):
        x, y = exact[:, part], found[:, part]
        if part.start == 1:
            x, y = np.exp(x), np.exp(y)
        worst = max(worst, np.sqrt(((x - y) ** 2).mean(axis=1) / (x**2).mean(axis=1)).max())
    return float(worst)


def measured(m2):
    runs, exact = contenders(mf.BesselLaw(D), *start(m2)[1:])
    first, error, seen = {}, {}, {name: [] for name in runs}
    for name, run in runs.items():
        found = []
        first[name] = clock(lambda run=run, found=found: found.append(run()))
        error[name] = errors(found[0], exact)
    for _ in range(ROUNDS):
        for name, run in runs.items():
            seen[name].append(clock(run))
    return [
        {
            "who": name[0],
            "method": name[1],
            "tolerance": name[2],
            "seconds": float(np.median(seen[name])),
            "first time": first[name],
            "error": error[name],
        }
        for name in runs
    ]


if __name__ == "__main__":
    keep("rivals", {f"m2 = {m2}": measured(m2) for m2 in (1,)})  # with 128 neurons it does not end in ten minutes
