"""The infinite-width dynamics with any second layer and any target of the radius: alpha is still enough (ours).

Neurons a sigma(w F + b) with F = alpha |x|, any activation sigma, any sign a. What needs the talk's own second layer
(one neuron, ReLU, a = 1) is not used here; partial moments, which need ReLU, give way to a quadrature in the radius.
"""

from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np
from scipy.integrate import solve_ivp

from mfdepth import checks
from mfdepth.sphere import relu_mean

NODES = 500  # radii, one from the middle of each of as many equally likely cells
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


def radial_neuron(activation):
    """The second-layer neuron a sigma(w z + b), weights (a, w, b), as a neuron function for `MeanFieldLayer`.

    activation: "relu" or "tanh"; ValueError otherwise. z: (..., n, 1), weights (..., m, 3), NumPy or torch.

    >>> import mfdepth as mf, numpy as np
    >>> mf.MeanFieldLayer(mf.radial_neuron("relu"), np.array([[2.0, -1.0, 1.5]]))(np.array([[1.0]]))
    array([[1.]])

    See: the chapter "Beyond".
    """
    _check_activation(activation)

    def neuron(z, w):
        xp = api.array_namespace(z, w)
        inner = z * w[..., None, :, 1] + w[..., None, :, 2]
        value = xp.tanh(inner) if activation == "tanh" else xp.clip(inner, 0, None)
        return (w[..., None, :, 0] * value)[..., None]

    return neuron


@dataclass(frozen=True)
class RadialRun:
    """A run at its saved times: t, alpha, loss, curvature (T,), neurons (T, m2, 3) with rows (a, w, b), activation, status.

    curvature: K = d^2 loss/d alpha^2, the second layer held; to first order the discretization error decays where K > 0.

    >>> import mfdepth as mf
    >>> run = mf.radial_flow(mf.BallLaw(3, 2.0), lambda r: 1 - r / 2, 1.0, [[1.0, -0.5, 1.0]], [0, 1])
    >>> run.neurons.shape, run.curvature.shape
    ((2, 1, 3), (2,))

    See: the chapter "Beyond".
    """

    t: Any
    alpha: Any
    neurons: Any
    loss: Any
    curvature: Any
    activation: str
    status: str

    def profile(self, i, r):
        """The network at the i-th saved time as a function of the radius r (n,)."""
        a, w, b = self.neurons[i].T
        sigma = ACTIVATIONS[self.activation][0]
        return np.mean(a * sigma(w * self.alpha[i] * np.asarray(r)[:, None] + b), axis=-1)


def radial_flow(law, target, alpha, neurons, t, rates=(1.0, 1.0), *, activation="relu", train_a=True, tolerance=1e-5):
    """Follow alpha_t and a general second layer by the gradient flow at infinite width, towards any radial target.

    f(x) = mean_j a_j sigma(w_j alpha |x| + b_j). With g = target(r) - f and S = mean_j a_j w_j sigma'(w_j alpha r + b_j),

        alpha' = 4 eta_1 C_d alpha E[g S r],   a_j' = eta_2 E[g sigma],   (w_j, b_j)' = eta_2 E[g a_j sigma' (alpha r, 1)]

    (ours: nothing but the symmetry of the first layer is used). alpha - 2 C_d (eta_1/eta_2) E w^2 is still conserved.

    law: a radial law of finite second moment, or any with bounded neurons. target: a function of radii (n,). alpha: positive.
    neurons: rows (a, w, b), (m2, 3). t: increasing times. activation: "relu" or "tanh". train_a: False holds the a_j.
    tolerance: relative, of the integrator. Returns a `RadialRun`. Raises ValueError for bad arguments.

    >>> import mfdepth as mf, numpy as np
    >>> run = mf.radial_flow(mf.BallLaw(3, 2.0), lambda r: 1 - r / 2, 1.0, [[1.0, -0.1, 0.5]], [0, 50])
    >>> bool(run.loss[1] < 0.1 * run.loss[0])
    True

    See: the chapter "Beyond".
    """
    alpha, tolerance = checks.positive("alpha", alpha), checks.positive("tolerance", tolerance)
    neurons = np.asarray(checks.finite_array("neurons", neurons, ndim=2))
    checks.array("neurons", neurons, shape=(len(neurons), 3))
    t, (eta_1, eta_2) = checks.times("t", t), checks.rates(rates)
    _check_activation(activation)
    sigma, slope = ACTIVATIONS[activation]
    r = law.ppf((np.arange(NODES) + 0.5) / NODES)
    values = checks.finite_array("target(r)", target(r), shape=r.shape)
    m2, growth = len(neurons), 4 * eta_1 * relu_mean(law.d)

    def parts(alpha, a, w, b):
        z = w * (alpha * r[:, None]) + b
        out, bend = sigma(z), slope(z)
        return out, bend, values - out @ a / m2

    def velocity(_, state):
        alpha, (a, w, b) = state[0], state[1:].reshape(3, m2)
        out, bend, g = parts(alpha, a, w, b)
        h0, h1 = (g @ bend) / NODES, ((g * r) @ bend) / NODES
        da = eta_2 * (g @ out) / NODES if train_a else np.zeros(m2)
        d_alpha = growth * alpha * np.mean(a * w * h1)
        return np.concatenate([[d_alpha], da, eta_2 * alpha * a * h1, eta_2 * a * h0])

    start = np.concatenate([[alpha], neurons.T.ravel()])
    states, status = start[None], "reached t = 0"
    if t[-1] > 0:
        found = solve_ivp(velocity, (0.0, t[-1]), start, "RK45", t, rtol=tolerance, atol=tolerance * 1e-2)
        states, status = found.y.T, f"reached t = {t[-1]:g}"
        if not found.success:
            status = f"stopped at t = {found.t[-1]:g}: {found.message}"
    alphas, saved = states[:, 0], states[:, 1:].reshape(-1, 3, m2)

    def loss(state, moved):
        return np.mean(parts(moved, *state)[2] ** 2) / 2

    losses = np.array([loss(s, x) for s, x in zip(saved, alphas, strict=True)])
    curvature = np.array([_second_difference(lambda y, s=s: loss(s, y), x) for s, x in zip(saved, alphas, strict=True)])
    return RadialRun(t[: len(states)], alphas, saved.transpose(0, 2, 1), losses, curvature, activation, status)


def _check_activation(activation):
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {tuple(ACTIVATIONS)}; got {activation!r}")


def _second_difference(f, x):
    """f''(x) over a tenth of x, wide enough for the kinks to be averaged by the quadrature."""
    h = x / 20
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2
