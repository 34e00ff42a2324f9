"""The loss split around the symmetrized network, and the gradients of its parts.

In the direction u the learner is F(u) r followed by the second layer, so its loss is the mean over u of l(F(u)), where
l(alpha) is the infinite-width loss; symmetrization replaces F(u) by its mean alpha (ours). The radius is integrated
exactly.
"""

from dataclasses import dataclass
from typing import Any

import array_api_compat as api
import numpy as np

from mfdepth import checks
from mfdepth.checks import Array
from mfdepth.finite import checked_learner
from mfdepth.laws import RadialLaw
from mfdepth.networks import first_layer
from mfdepth.radius import hinges, pieces
from mfdepth.rho import alpha_of, rho_of

READINGS = ("layer 2 on F~", "mean of f")


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The terms of the loss: loss = infinite_width_loss + discretization_loss - cross, each of shape (...).

    See: the chapter "Why errors do not compound".
    """

    infinite_width_loss: Any
    discretization_loss: Any
    cross: Any
    loss: Any


def decompose(
    law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, *, symmetrize: str = "layer 2 on F~"
) -> Decomposition:
    """Split the loss into that of the symmetrized network f~, the distance to it, and a cross term.

    1/2 E(f* - f)^2 = 1/2 E(f* - f~)^2 + 1/2 E(f - f~)^2 - E(f* - f~)(f - f~)   (the talk's decomposition of the MSE)

    The talk's f~ can be read in two ways (the distinction is ours):

    - "layer 2 on F~": the second layer applied to F~ = alpha |x|, alpha in closed form. The first term is the
      infinite-width loss; the cross term is small while every kink lies beyond r = 1, and otherwise it is not.
      What is linear in F - F~ has mean zero over the sphere: it is left out of `cross` and `loss`, since over sampled
      directions it would swamp the rest. So `loss` differs from `mf.loss` by that sampling error.
    - "mean of f": f~(r) is the mean of f over the directions. Then f - f~ has mean zero at each radius and the cross
      term is zero. It is the remainder of the other three, so it shows their rounding.

    law, w1, w2, b2, directions: as for `loss`, and the radius is again integrated exactly; differentiable by torch.
    Returns a `Decomposition`. Raises ValueError as `loss` does, and for another reading.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(10, 128, 1.0, np.random.default_rng(0))
    >>> u = mf.orthogonal_directions(200, 10, np.random.default_rng(1))
    >>> parts = mf.decompose(mf.BesselLaw(10), w1, np.array([-0.5]), np.array([0.2]), u, symmetrize="mean of f")
    >>> bool(abs(parts.cross) < 1e-12 * parts.loss)
    True

    See: the chapter "Why errors do not compound".
    """
    checks.one_of("symmetrize", symmetrize, READINGS)
    w1, w2, b2, directions = checked_learner(law, w1, w2, b2, directions, flow=False)
    xp = api.array_namespace(w1)
    F = first_layer(w1, directions)
    f = hinges(F, w2, b2)
    one = xp.ones_like(f[0][..., :1, :1])
    target = one, -one, one  # (1 - r) 1{r < 1}
    if symmetrize == "layer 2 on F~":
        alpha = alpha_of(w1)[..., None]
        (f, symmetric, target), inner = pieces(law, (f, hinges(alpha, w2, b2), target))
        off, gap = target - symmetric, f - symmetric
        linear = inner(off, xp.stack([xp.zeros_like(symmetric[1]), symmetric[1]])) * (F / alpha - 1)
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


@dataclass(frozen=True, eq=False)
class Interference:
    """Gradients with respect to the first layer, each shaped like w1 (..., m1, d).

    See: the chapter "Why errors do not compound".
    """

    infinite_width_loss: Any
    discretization_loss: Any
    rho: Any

    def cosine(self, first: str, second: str) -> Array:
        """The cosine between two of the gradients, given by name, shape (...)."""
        xp = api.array_namespace(self.rho)
        names = tuple(vars(self))
        given = [getattr(self, checks.one_of(*x, names)) for x in (("first", first), ("second", second))]
        a, b = (x / xp.max(xp.abs(x), axis=(-2, -1), keepdims=True) for x in given)  # squares that do not vanish
        ab, aa, bb = (xp.sum(x * y, axis=(-2, -1)) for x, y in ((a, b), (a, a), (b, b)))
        return ab / xp.sqrt(aa * bb)


def interference(
    law: RadialLaw, w1: Array, w2: Array, b2: Array, directions: Array, *, symmetrize: str = "layer 2 on F~"
) -> Interference:
    """The first layer's gradients of both loss terms and of rho, by autograd: do they work against each other?

    The exact statement behind the talk's "the gradients do not interfere" (ours), for layer 2 on F~: the infinite-width
    loss is then a function of alpha alone, so its gradient is proportional to w1 itself. It rescales all neurons
    together and leaves rho as it is: <grad rho, grad infinite_width_loss> = 0. For the mean of f it is not. The
    gradients of the two loss terms are not orthogonal; their cosine falls about like 1/sqrt(m1).

    Arguments as for `decompose`; needs torch. Returns an `Interference`, of the kind of w1.

    >>> import mfdepth as mf, numpy as np
    >>> w1 = mf.init_first_layer(3, 8, 1.0, np.random.default_rng(0))
    >>> gradients = mf.interference(mf.BesselLaw(3), w1, np.array([-0.1]), np.array([0.5]), np.eye(3))
    >>> bool(abs(gradients.cosine("rho", "infinite_width_loss")) < 1e-7)
    True

    See: the chapter "Why errors do not compound".
    """
    torch = checks.needs("torch")

    given = checked_learner(law, w1, w2, b2, directions, flow=False)
    numpy = not api.is_torch_array(given[0])
    kind = given[0].dtype.newbyteorder("=") if numpy and given[0].dtype.itemsize <= 8 else np.float64  # torch's
    with torch.inference_mode(False), torch.enable_grad():  # copies, whatever the caller switched off
        copies = [torch.from_numpy(np.array(x, kind)) if numpy else x.detach().clone() for x in given]
        w1, w2, b2, directions = copies
        w1.requires_grad_()
        parts = decompose(law, w1, w2, b2, directions, symmetrize=symmetrize)
        values = parts.infinite_width_loss, parts.discretization_loss, rho_of(w1)
        gradients = [torch.autograd.grad(v.sum(), w1, retain_graph=True)[0] for v in values]
    return Interference(*(g.numpy() if numpy else g for g in gradients))
