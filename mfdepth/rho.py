"""Why finite width costs little: the loss split around the symmetrized network, and how the error rho moves.

One picture holds all of it (ours). In the direction u the learner is F(u) r followed by the second layer, so its loss is
the mean over u of l(F(u)), where l(alpha) is the infinite-width loss; symmetrization replaces F(u) by its mean alpha.
To second order the loss is l(alpha) + 1/2 l''(alpha) alpha^2 rho: the curvature K = l'' decides whether the error is
pulled back.

The radius is integrated exactly (mfdepth.hinges).
"""

import math
from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np
from scipy.integrate import solve_ivp

from mfdepth import checks
from mfdepth.finite import checked_learner
from mfdepth.hinges import Piece, hinges, pieces
from mfdepth.infinite import packed_start, packed_velocity, refuse_second_layer
from mfdepth.networks import checked_first_layer, discretization_error, first_layer, first_layer_alpha
from mfdepth.radius import FAR
from mfdepth.sphere import gegenbauer, relu_eigenvalues, relu_energies, relu_mean
from mfdepth.starts import expected_harmonics, expected_rho

READINGS = ("first layer", "output")


@dataclass(frozen=True)
class Decomposition:
    """The terms of the loss: loss = infinite_width_loss + discretization_loss - cross, each of shape (...).

    See: the chapter "Why errors do not compound".
    """

    infinite_width_loss: Any
    discretization_loss: Any
    cross: Any
    loss: Any


def decompose(law, w1, w2, b2, directions, *, symmetrize="first layer"):
    """Split the loss into that of the symmetrized network f~, the distance to it, and a cross term.

    1/2 E(f* - f)^2 = 1/2 E(f* - f~)^2 + 1/2 E(f - f~)^2 - E(f* - f~)(f - f~)   (the talk's decomposition of the MSE)

    The talk's f~ can be read in two ways (the distinction is ours):

    - "first layer": the second layer applied to F~ = alpha |x|, alpha in closed form. The first term is the
      infinite-width loss; the cross term is small while every kink lies beyond r = 1, and otherwise it is not.
      What is linear in F - F~ has mean zero over the sphere: it is left out of `cross` and `loss`, since over sampled
      directions it would swamp the rest. So `loss` differs from `mf.loss` by that sampling error.
    - "output": f~(r) is the mean of f over the directions. Then f - f~ has mean zero at each radius and the cross term
      is zero. It is the remainder of the other three, so it shows their rounding.

    law, w1, w2, b2, directions: as for `loss`, and the radius is again integrated exactly; differentiable by torch.
    Returns a `Decomposition`. Raises ValueError as `loss` does, and for another reading.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 128, 1.0, np.random.default_rng(0))
    >>> u = mf.orthogonal_directions(200, 10, np.random.default_rng(1))
    >>> parts = mf.decompose(mf.BesselLaw(10), w1, np.array([-0.5]), np.array([0.2]), u, symmetrize="output")
    >>> bool(abs(parts.cross) < 1e-12 * parts.loss)
    True

    See: the chapter "Why errors do not compound".
    """
    if symmetrize not in READINGS:
        raise ValueError(f"symmetrize must be one of {READINGS}; got {symmetrize!r}")
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=False)
    xp = api.array_namespace(w1)
    F = first_layer(w1, directions)
    f = hinges(F, w2, b2)
    one = xp.ones_like(f[0][..., :1, :1])
    target = one, -one, one  # (1 - r) 1{r < 1}
    if symmetrize == "first layer":
        alpha = first_layer_alpha(w1)[..., None]
        (f, symmetric, target), inner = pieces(law, (f, hinges(alpha, w2, b2), target))
        off, gap = target - symmetric, f - symmetric
        linear = inner(off, Piece(xp.zeros_like(symmetric.c), symmetric.s)) * (F / alpha - 1)
        cross, whole = inner(off, gap) - linear, inner(target - f, target - f) / 2 + linear
        terms = inner(off, off) / 2, inner(gap, gap) / 2, cross, whole
        return Decomposition(*(xp.mean(x, axis=-1) for x in terms))
    n = directions.shape[-2]
    c, s, kink = (xp.reshape(x, (*x.shape[:-2], 1, -1)) for x in f)
    (f, single), inner = pieces(law, (f, target))
    square, whole = xp.mean(inner(f, f), axis=-1), xp.mean(inner(single - f, single - f), axis=-1) / 2
    (average, single), inner = pieces(law, ((c / n, s / n, kink), target))
    first, mean_square = inner(single - average, single - average)[..., 0] / 2, inner(average, average)[..., 0]
    second = (square - mean_square) / 2
    return Decomposition(first, second, first + second - whole, whole)


@dataclass(frozen=True)
class Interference:
    """Gradients with respect to the first layer, each shaped like w1 (..., m1, d).

    See: the chapter "Why errors do not compound".
    """

    infinite_width_loss: Any
    discretization_loss: Any
    rho: Any

    def cosine(self, first, second):
        """The cosine between two of the gradients, given by name, shape (...)."""
        a, b = getattr(self, first), getattr(self, second)
        xp = api.array_namespace(a)
        ab, aa, bb = (xp.sum(x * y, axis=(-2, -1)) for x, y in ((a, b), (a, a), (b, b)))
        return ab / xp.sqrt(aa * bb)


def interference(law, w1, w2, b2, directions, *, symmetrize="first layer"):
    """The first layer's gradients of both loss terms and of rho, by autograd: do they work against each other?

    The exact statement behind the talk's "the gradients do not interfere" (ours): the infinite-width loss is a function
    of alpha alone, so its gradient is proportional to w1 itself. It rescales all neurons together and leaves rho as it
    is: <grad rho, grad infinite_width_loss> = 0. The gradients of the two loss terms are not orthogonal; their cosine
    falls about like 1/sqrt(m1).

    Arguments as for `decompose`; needs torch. Returns an `Interference`, of the kind of w1.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(3, 8, 1.0, np.random.default_rng(0))
    >>> gradients = mf.interference(mf.BesselLaw(3), w1, np.array([-0.1]), np.array([0.5]), np.eye(3))
    >>> bool(abs(gradients.cosine("rho", "infinite_width_loss")) < 1e-7)
    True

    See: the chapter "Why errors do not compound".
    """
    import torch

    numpy = not api.is_torch_array(w1)
    w1, w2, b2, directions = (torch.as_tensor(x).detach() for x in (w1, w2, b2, directions))
    w1 = w1.requires_grad_()
    parts = decompose(law, w1, w2, b2, directions, symmetrize=symmetrize)
    values = parts.infinite_width_loss, parts.discretization_loss, discretization_error(w1)
    gradients = [torch.autograd.grad(v.sum(), w1, retain_graph=True)[0] for v in values]
    return Interference(*(g.numpy() if numpy else g for g in gradients))


def stability(law, alpha, w2, b2):
    """The curvature K of the infinite-width loss in alpha: while K > 0 the discretization error decays.

    K = E[S^2 r^2] - 1/alpha mean_j |w2_j| R_j^2 p(R_j) g(R_j),   S = mean_j w2_j 1{neuron j active},   g = f* - f

    over the neurons with a kink R_j = -b2_j/(w2_j alpha) > 0. For one neuron w2 < 0 < b2 it reads
    K = w2^2 E[r^2; r <= R] + w2 R^2 p(R) ReLU(1 - R)/alpha: positive when R >= 1; a kink inside the target's support
    can make it negative, and then rho grows (ours; the talk's claim needs this condition).

    law: a radial law. alpha: positive, of any shape (...). w2, b2: the same shape for one neuron, or (..., m2), like the
    fields of a `Trajectory`. Returns shape (...). Raises ValueError for bad shapes and values.

    >>> import mfdepth as mf
    >>> law = mf.BesselLaw(10)
    >>> bool(mf.stability(law, 1.0, -0.1, 0.5) > 0), bool(mf.stability(law, 1.0, -0.5, 0.2) > 0)
    (True, False)

    See: the chapter "Why errors do not compound".
    """
    alpha, w2, b2 = (checks.finite_array(name, x) for name, x in (("alpha", alpha), ("w2", w2), ("b2", b2)))
    if tuple(w2.shape) == tuple(alpha.shape) == tuple(b2.shape):
        w2, b2 = w2[..., None], b2[..., None]
    if w2.shape != b2.shape or tuple(w2.shape[:-1]) != tuple(alpha.shape):
        shapes = tuple(alpha.shape), tuple(w2.shape), tuple(b2.shape)
        raise ValueError(f"w2, b2 must have alpha's shape, or one dimension (m2) more; got alpha, w2, b2 {shapes}")
    checks.within("alpha", alpha, math.ulp(0.0), math.inf, "positive")
    refuse_second_layer(law, w2, b2, flow=False)
    xp = api.array_namespace(alpha, w2, b2)
    (f,), inner = pieces(law, (hinges(alpha[..., None], w2, b2),))
    bend = Piece(xp.zeros_like(f.c), f.s)  # alpha S r
    alpha = alpha[..., None]
    R = -b2 / (xp.where(w2 == 0, xp.ones_like(w2), w2) * alpha)
    inside = (R > 0) & (R < FAR)
    R = xp.where(inside, R, xp.ones_like(R))
    f_at = xp.mean(xp.clip((w2 * alpha)[..., None, :] * R[..., None] + b2[..., None, :], 0, None), axis=-1)
    kinks = xp.where(inside, xp.abs(w2) * R**2 * law.pdf(R) * (xp.clip(1 - R, 0, None) - f_at), xp.zeros_like(R))
    return (inner(bend, bend)[..., 0] / alpha[..., 0] ** 2 - xp.mean(kinks, axis=-1) / alpha[..., 0])[()]


def harmonic_errors(w1, degree):
    """Split rho over the harmonics of the direction: the parts of degree 1 .. `degree`, closed form.

    rho_l = N(d, l) (lambda_l/lambda_0)^2 n'P_l(cosines) n / (sum n)^2,   n_k = |w_k|^2   (ours, by Funk-Hecke).
    They sum to `discretization_error` over all degrees; odd degrees from 3 on are zero. For uniform directions and
    equal norms the mean of rho_l is N(d, l) (lambda_l/lambda_0)^2 / m1.

    w1: (..., m1, d). degree: at least 1. Returns shape (..., degree). Raises ValueError as `discretization_error` does.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 64, 1.0, np.random.default_rng(0))
    >>> bool(np.isclose(np.sum(mf.harmonic_errors(w1, 60)), mf.discretization_error(w1), rtol=1e-4))
    True

    See: the chapter "Why errors do not compound".
    """
    w1, degree = checked_first_layer(w1), checks.whole("degree", degree, 1)
    xp = api.array_namespace(w1)
    n = xp.sum(w1 * w1, axis=-1)
    unit = w1 / xp.sqrt(xp.where(n > 0, n, xp.ones_like(n)))[..., None]
    cosines = xp.clip(unit @ xp.matrix_transpose(unit), -1, 1)
    share = n / xp.sum(n, axis=-1, keepdims=True)
    weights = relu_energies(w1.shape[-1], degree) / relu_mean(w1.shape[-1]) ** 2
    parts = []
    for weight, p in zip(weights.tolist(), gegenbauer(cosines, w1.shape[-1], degree), strict=True):
        parts.append(weight * (share[..., None, :] @ p @ share[..., None])[..., 0, 0])
    return xp.stack(parts[1:], axis=-1)


def harmonic_decay(law, alpha, w2, b2, t, rates=(1.0, 1.0), *, degree=30, tolerance=1e-10):
    """The factor by which each harmonic's part of rho has shrunk at the times t, to first order.

    Around the symmetric trajectory (ours: the talk's "Taylor expand, look at the first-order terms", carried out)

        rho_l(t) = rho_l(0) exp(-2 int_0^t gamma_l),   gamma_l = eta_1 (4 + l (l + d - 2)) lambda_l^2 (alpha/C_d) K,

    with K the `stability` along the infinite-width flow from (alpha, w2, b2). The 4 is the growth of lengths, l (l+d-2)
    the turning of directions.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. degree: at least 1. tolerance: relative, of the integrator.
    Returns shape (T, degree), NumPy, for degrees 1 .. `degree`. Raises ValueError as `infinite_width` does.

    >>> import mfdepth as mf
    >>> decay = mf.harmonic_decay(mf.BesselLaw(10), 1.0, -0.1, 0.5, [0, 100], degree=4)
    >>> [float(x) for x in decay[0]], [round(float(x), 2) for x in decay[1]]
    ([1.0, 1.0, 1.0, 1.0], [0.0, 0.57, 1.0, 0.99])

    See: the chapter "Why errors do not compound".
    """
    start, m2 = packed_start(law, alpha, w2, b2)
    t, rates = checks.times("t", t), checks.rates(rates)
    degree, tolerance = checks.whole("degree", degree, 1), checks.positive("tolerance", tolerance)
    velocity = packed_velocity(law, m2, rates)

    def with_integral(time, state):
        alpha, w2, b2 = state[0], state[1 : m2 + 1], state[m2 + 1 : -1]
        pull = rates[0] * alpha / relu_mean(law.d) * stability(law, alpha, w2, b2)
        return np.append(velocity(time, state[:-1]), pull)

    integral = np.zeros(len(t))
    if t[-1] > 0:
        start = np.append(start, 0.0)
        found = solve_ivp(with_integral, (0.0, t[-1]), start, "LSODA", t, rtol=tolerance, atol=tolerance * 1e-2)
        if not found.success:
            raise RuntimeError(f"the infinite-width flow could not be followed to t = {t[-1]:g}: {found.message}")
        integral = found.y[-1]
    harmonics = np.arange(1, degree + 1)
    eigenvalues = relu_eigenvalues(law.d, degree)[1:]
    speed = (4 + harmonics * (harmonics + law.d - 2)) * eigenvalues**2
    return np.exp(-2 * integral[:, None] * speed)


def predict_rho(
    law, alpha, w2, b2, m1, t, rates=(1.0, 1.0), *, w1=None, directions="independent", lengths="equal",
    degree=30, tolerance=1e-10,
):  # fmt: skip
    """The discretization error at the times t, predicted to first order with no free parameter.

    E rho_t = sum_{l >= 1} E rho_l(0) exp(-2 int_0^t gamma_l)   (ours)

    with gamma_l of `harmonic_decay`. For independent directions E rho_l(0) is N(d, l) (lambda_l/lambda_0)^2 times
    E[sum n^2/(sum n)^2], n = |w|^2. Degrees beyond `degree` hardly move; their sum comes from the closed form of the
    total, `expected_rho`, so that t = 0 is exact. The remainder is of relative order 1/m1 and grows with time.

    law, alpha, w2, b2, t, rates: as for `infinite_width`. m1: neurons of the first layer.
    directions, lengths: how they are drawn, as for `init_first_layer`, but of one length unless told "gaussian".
    w1: a first layer (..., m1, d) whose own harmonics at the start replace their mean; how layers are drawn is then not
    used. Give it to predict one run: rho itself scatters by tens of percent between seeds.
    Returns shape (T,), or (T, ...) of the kind of w1. Raises ValueError as `infinite_width` does.

    >>> import mfdepth as mf
    >>> [round(512 * float(x), 4) for x in mf.predict_rho(mf.BesselLaw(10), 1.0, -0.1, 0.5, 512, [0, 100])]
    [1.9886, 0.311]

    See: the chapter "Why errors do not compound".
    """
    degree = checks.whole("degree", degree, 1)
    total = expected_rho(law.d, m1, directions, lengths)
    if w1 is None:
        parts = expected_harmonics(law.d, m1, directions, lengths, degree)
    else:
        parts, total = harmonic_errors(w1, degree), discretization_error(w1)
        if tuple(w1.shape[-2:]) != (m1, law.d):
            raise ValueError(f"w1 must have shape (..., m1, d) = (..., {m1}, {law.d}); got shape {tuple(w1.shape)}")
    return remaining(total, parts, harmonic_decay(law, alpha, w2, b2, t, rates, degree=degree, tolerance=tolerance))


def remaining(total, parts, decay):
    """What is left of rho, total (...) with parts (..., degree), once they have shrunk by decay (T, degree): (T, ...).

    >>> remaining(3.0, np.array([1.0, 1.5]), np.array([[1.0, 1.0], [0.0, 0.5]]))
    array([3.  , 1.25])
    """
    xp = api.array_namespace(parts)
    loss = xp.asarray(1 - decay, dtype=parts.dtype, device=api.device(parts))
    loss = xp.reshape(loss, (loss.shape[0],) + (1,) * (parts.ndim - 1) + (loss.shape[1],))
    return total - xp.sum(parts * loss, axis=-1)
