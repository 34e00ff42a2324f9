"""The general case: a symmetric trajectory inside the same bottleneck framework, that is unstable (ours).

The first layer has signs, F(x) = mean_k a_k ReLU(w_k.x), and the second is frozen, infinitely wide and even:
w2 = +s or -s, b2 uniform on [-B, B]. Symmetry (a and -a alike) keeps F = 0 at infinite width, where the even second
layer has no gradient. But y pulls F away from 0 wherever it lies above its mean, so an error of finite width grows
like e^{lambda t}/sqrt(m).
"""

import math
from dataclasses import dataclass

import array_api_compat as api
import numpy as np
from scipy.special import erf

from mfdepth import checks, flow
from mfdepth.checks import Array, Rng
from mfdepth.random import generator, normal
from mfdepth.sphere import both_active, kernel

__all__ = ["GeneralCase", "general_case", "general_init", "general_run", "unstable_mode"]


@dataclass(frozen=True, eq=False)
class GeneralCase:
    """The data and the frozen second layer of the unstable case.

    x: inputs, (n, d), in antithetic pairs x, -x. y: |x_1|, (n,). s: |w2|. B: half the range of b2, 4 E y.

    See: the chapter "When errors do compound".
    """

    x: Array
    y: Array
    s: float
    B: float

    def __post_init__(self):
        object.__setattr__(self, "x", checks.copied(checks.finite_array("x", self.x, ndim=2)))
        object.__setattr__(self, "y", checks.copied(checks.returned("y", self.y, self.x, self.x.shape[:1])))
        checks.positive("s", self.s), checks.positive("B", self.B)

    def second_layer(self, F: Array) -> Array:
        """f = E ReLU(w2 F + b2) = (z^2 + B^2)/(4 B) while z = s F lies in [-B, B], and |z|/2 beyond.

        A finite set of biases has no gradient at F = 0; the uniform law makes f exactly quadratic there.

        >>> case = general_case(4, 200, np.random.default_rng(0))
        >>> bool(np.isclose(case.second_layer(0.0), np.mean(case.y)))  # at F = 0 it is the mean of y
        True
        """
        z = abs(self.s * F)
        inside = (z * z + self.B**2) / (4 * self.B)
        return inside + (z / 2 - inside) * (z > self.B)

    def second_layer_slope(self, F: Array) -> Array:
        """df/dF = s^2 F/(2 B) while |s F| <= B, and s sign(F)/2 beyond."""
        return self.s / 2 * api.array_namespace(F).clip(self.s * F / self.B, -1.0, 1.0)

    def curvature(self) -> Array:
        """The curvature in F, at F = 0, of the loss at each input, (n,): c = -(y - E y) s^2/(2 B).

        Near 0, (y - f) df/dF = -c F. The mean of c is zero, so somewhere it is negative: there F is driven away.
        """
        return (api.array_namespace(self.y).mean(self.y) - self.y) * (self.s**2 / (2 * self.B))

    def kernel(self, scale: float = 0.01) -> Array:
        """The tangent kernel of F between the inputs, (n, n), NumPy, over neurons as `general_init` draws them:

            N(x, x') = E[ReLU(w.x) ReLU(w.x')] + E[a^2] E[1{w.x > 0} 1{w.x' > 0}] x.x'

        scale: the standard deviation of a, at least 0; ValueError below.

        >>> case = general_case(4, 200, np.random.default_rng(0))
        >>> x, N = case.x[0], case.kernel()
        >>> round(float(N[0, 0] / (x @ x) - (1 / 4 + 0.01**2) / 2), 12)  # on the diagonal (1/d + E a^2) |x|^2/2
        0.0
        """
        scale = float(checks.within("scale", checks.array("scale", scale), 0, math.inf, "at least 0"))
        x = np.asarray(self.x)
        inner, length = x @ x.T, np.linalg.norm(x, axis=1)
        lengths = np.outer(length, length)
        cosine = inner / lengths
        return lengths * kernel(cosine, x.shape[1]) + scale**2 * both_active(cosine) * inner  # E|w|^2 = 1


@dataclass(frozen=True, eq=False)
class UnstableMode:
    """The fastest growing mode of F at the equilibrium F = 0.

    rate: lambda, of the gradient flow. euler_rate: ln(1 + step lambda)/step, of Euler steps. shape: the mode on the
    inputs, (n,), root mean square 1. dual: the weights that read its amplitude, p = dual @ F, so that dual @ shape = 1.
    start: sqrt(m) times the standard deviation of p at initialisation.

    See: the chapter "When errors do compound".
    """

    rate: float
    euler_rate: float
    shape: Array
    dual: Array
    start: float

    def width_needed(self, error: float, t: float) -> float:
        """The width m that keeps the mode, start e^{lambda t}/sqrt(m), below an error until time t.

        Raises ValueError for an error that is not positive, a negative time, and a width above 1e300.

        >>> case = general_case(4, 200, np.random.default_rng(0))
        >>> mode = unstable_mode(case)
        >>> round(mode.width_needed(0.05, 24) / mode.width_needed(0.05, 20), 1)  # for four more units of time
        7.7
        """
        error, t = checks.positive("error", error), checks.number("t", t, 0)
        log = math.log(self.start) - math.log(error) + self.euler_rate * t
        if log > 150 * math.log(10):
            raise ValueError(f"error, t must need a width below 1e300; got error = {error!r}, t = {t!r}")
        return math.exp(log) ** 2

    def chance_inside(self, m: int, error: float, t: Array) -> Array:
        """The probability that |p| of m neurons, Gaussian at the start, is still below an error at the times t.

        P(|p| < error) = erf(error sqrt(m) e^{-lambda t}/(start sqrt 2)). Returns the shape of t.

        >>> mode = unstable_mode(general_case(4, 200, np.random.default_rng(0)))
        >>> m = round(mode.width_needed(0.05, 20))
        >>> round(float(mode.chance_inside(m, 0.05, 20)), 2)  # within one standard deviation
        0.68
        """
        m, error = checks.whole("m", m, 1), checks.positive("error", error)
        far = np.exp(-self.euler_rate * np.asarray(t, dtype=float))
        return erf(error * math.sqrt(m / 2) / self.start * far)[()]


@dataclass(frozen=True, eq=False)
class GeneralRun:
    """A run of the unstable case at its saved times: t (T,), F on the inputs (T, ..., n), loss (T, ...), final a and w.

    error: (T, ...), the root mean square of F over the inputs. a, w: of the last saved time. status: how it ended.

    See: the chapter "When errors do compound".
    """

    t: Array
    F: Array
    loss: Array
    a: Array
    w: Array
    status: str

    @property
    def error(self) -> Array:
        return api.array_namespace(self.F).mean(self.F**2, axis=-1) ** 0.5


def general_case(d: int, pairs: int, rng: Rng, *, s: float = 8.0, radius: float = 2.0) -> GeneralCase:
    """Draw the inputs of the unstable case: `pairs` pairs x, -x uniform on a sphere, with y = |x_1|.

    d: dimension, at least 2. pairs: at least 1. rng: a seed or a generator. s, radius: positive.
    Returns a `GeneralCase`. Raises ValueError for anything else.

    >>> import numpy as np
    >>> from mfdepth.chapters import general_case
    >>> case = general_case.general_case(4, 200, np.random.default_rng(0))
    >>> case.x.shape
    (400, 4)

    See: the chapter "When errors do compound".
    """
    d, pairs = checks.whole("d", d, 2), checks.whole("pairs", pairs, 1)
    s, radius = checks.positive("s", s), checks.positive("radius", radius)
    x = normal((pairs, d), generator(rng))
    xp = api.array_namespace(x)
    x = radius * x / xp.linalg.vector_norm(x, axis=-1, keepdims=True)
    x = xp.concat([x, -x])
    y = xp.abs(x[:, 0])
    return GeneralCase(x, y, s, 4 * float(xp.mean(y)))


def general_init(d: int, m: int, rng: Rng, *, scale: float = 0.01, antisymmetric: bool = False) -> tuple[Array, Array]:
    """First-layer neurons of the unstable case: a ~ scale N(0, 1), shape (m,), and w ~ N(0, I/d), shape (m, d).

    rng: a seed or a generator. antisymmetric: draw m/2 neurons and add each with -a, so that F = 0 exactly (m even).

    >>> import numpy as np
    >>> a, w = general_init(4, 6, np.random.default_rng(0), antisymmetric=True)
    >>> a.shape, w.shape, float(a.sum())
    ((6,), (6, 4), 0.0)

    See: the chapter "When errors do compound".
    """
    d, m, scale = checks.whole("d", d, 2), checks.whole("m", m, 1), checks.positive("scale", scale)
    if antisymmetric and m % 2:
        raise ValueError(f"m must be even for neurons in pairs a, -a; got {m}")
    drawn, rng = m // 2 if antisymmetric else m, generator(rng)
    a, w = scale * normal((drawn,), rng), normal((drawn, d), rng) / math.sqrt(d)
    if antisymmetric:
        xp = api.array_namespace(a)
        a, w = xp.concat([a, -a]), xp.concat([w, w])
    return a, w


def unstable_mode(case: GeneralCase, *, scale: float = 0.01, step: float | None = None) -> UnstableMode:
    """Linearise the infinitely wide flow at F = 0 and return its fastest growing mode.

    Near F = 0, with the tangent kernel N of the initial neurons (they do not move at F = 0),

        F' = (1/n) N D F,   N = `case.kernel(scale)`,   D = -diag(`case.curvature()`),

    and lambda is the largest eigenvalue. Its left eigenvector, D times the mode, reads the amplitude p.

    case: a `GeneralCase` of NumPy arrays. scale: the standard deviation of a. step: of Euler's method; None for the
    flow. Returns an `UnstableMode`. Raises ValueError for a scale or step that is not positive.

    >>> import numpy as np
    >>> from mfdepth.chapters import general_case
    >>> mode = general_case.unstable_mode(general_case.general_case(4, 200, np.random.default_rng(0)), step=0.2)
    >>> round(mode.rate, 4), round(mode.euler_rate, 4)
    (0.2546, 0.2483)

    See: the chapter "When errors do compound".
    """
    scale = checks.positive("scale", scale)
    step = None if step is None else checks.positive("step", step)
    push = -np.asarray(case.curvature())
    values, modes = np.linalg.eig(case.kernel(scale) * push / len(push))
    top = int(np.argmax(values.real))
    rate, shape = float(values[top].real), modes[:, top].real
    shape = shape / math.sqrt(np.mean(shape**2))
    dual = push * shape
    dual = dual / (dual @ shape)
    start = scale * math.sqrt(dual @ case.kernel(0) @ dual)  # the first term of N is E[ReLU ReLU]
    return UnstableMode(rate, math.log1p(step * rate) / step if step else rate, shape, dual, start)


def general_run(
    case: GeneralCase, a: Array, w: Array, t: Array, *, step: float = 0.2, progress: bool = False
) -> GeneralRun:
    """Train the first layer of the unstable case by Euler steps of its mean-field gradient flow.

    With g = y - f, q = g df/dF at F = mean_k a_k ReLU(w_k.x), and G_k = E[q 1{w_k.x > 0} x],

        a_k' = E[q ReLU(w_k.x)] = w_k.G_k,   w_k' = a_k G_k      (ours)

    since ReLU(w.x) = 1{w.x > 0} w.x: which neurons are active is all that the velocity asks of them.

    case: a `GeneralCase`. a: (..., m), w: (..., m, d): leading dimensions are runs side by side. t: increasing times; a
    step is shortened to meet each. progress: show a bar. Returns a `GeneralRun`, of the kind of the case; one that ends
    early (a step too long, Ctrl-C) holds the times before, and says so. Raises ValueError for bad arguments.

    >>> from mfdepth.chapters import general_case
    >>> rng = np.random.default_rng(0)
    >>> case, pairs = general_case.general_case(4, 50, rng), general_case.general_init(4, 64, rng, antisymmetric=True)
    >>> run = general_case.general_run(case, *pairs, [0, 5])
    >>> bool(np.abs(run.F).max() < 1e-15)  # antisymmetric neurons stay at the equilibrium
    True

    See: the chapter "When errors do compound".
    """
    x, y = case.x, case.y
    a = checks.alike("a", checks.array("a", a, ndim=1), x)
    w = checks.returned("w", w, x, (*a.shape, x.shape[1]))
    xp, t, step = api.array_namespace(a), checks.times("t", t), checks.positive("step", step)

    def look(a, w):
        F, active = _first_layer(x, a, w)
        g = y - case.second_layer(F)
        return F, active, g, xp.mean(g * g, axis=-1) / 2

    with np.errstate(over="ignore", invalid="ignore"):
        _, active, _, start = look(a, w)
    descent = flow.Descent("a, w", start, xp.mean(y * y) / 2)
    if not bool(xp.any(active > 0)):
        raise ValueError("w must have a neuron that is not zero: here no neuron is active, and none moves")

    def advance(state, h):
        a, w = state
        F, active, g, loss = look(a, w)
        descent(loss)
        G = xp.matrix_transpose(active) @ ((g * case.second_layer_slope(F))[..., None] * x) / y.shape[0]
        da = h * xp.sum(w * G, axis=-1)
        if bool(xp.any(xp.sum(da * da, axis=-1) > xp.sum(a * a, axis=-1))):  # its loss may be lower by chance
            raise flow.Stopped("a step moves a by more than its own size: take a shorter step")
        return (a + da, w + h * a[..., None] * G), math.inf

    last = (a, w)

    def save(state):
        nonlocal last
        F, _, _, loss = look(*state)
        descent(loss)
        last = state
        return F, loss

    path = flow.follow(advance, last, t, step, save=save, progress=progress, label="general case")
    return GeneralRun(path.t, *path.states, *last, path.status)


def _first_layer(x, a, w):
    """F = mean_k a_k ReLU(w_k.x) at the inputs, (..., n), and which neurons are active there, (..., n, m)."""
    xp = api.array_namespace(a)
    active = xp.astype(x @ xp.matrix_transpose(w) > 0, a.dtype)
    return xp.sum((active @ (a[..., None] * w)) * x, axis=-1) / a.shape[-1], active
