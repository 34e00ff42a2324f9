"""The lower bound within a norm budget, proved by computer: interval arithmetic around the dual vector.

`shallow_lower_bound` finds a dual vector g in floating point. What it proves is decided here again, with balls that
hold the true numbers (Arb, through python-flint). For any g of the radius with E g = 0, inputs within |x| <= 3,

    L >= (E g f* - B M)_+^2 / (2 E g^2),   M = max_b |phi(b)|,   phi(b) = E g h_b.

Three choices make each term a finite sum of moments E[r^k; cell]. g is straight between the edges of 768 cells, 1
among them. In odd d a cap is a polynomial, so that for 0 <= b <= r

    h_b(r) = C_d r - b/2 + k_d sum_j binom(n, j) (-1)^j b^(2j+2) / ((2j+1) (2j+2) r^(2j+1)),   n = (d - 3)/2,

with k_d the density of u_1 at 0. And between two edges, a cell apart, phi leaves the larger of its values there by
width^2/8 times |phi''| <= k_d E[|g|/r; r > b] at most. Offsets b < 0 add nothing new, as h_{-b} = h_b + b; those
beyond 3 see no input.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mfdepth import checks
from mfdepth.chapters.lower_bound.budget import shallow_lower_bound
from mfdepth.checks import Array
from mfdepth.intervals import moments, relu_mean
from mfdepth.laws import BesselLaw
from mfdepth.sphere import relu_profile

EDGES = np.arange(769) / 256  # of the cells, from 0 to 3: exact in floating point, as is 1
PRECISION = 128  # bits: the alternating sum over j takes some


@dataclass(frozen=True)
class BudgetProof:
    """No two-layer ReLU network of norm at most B has a smaller half-MSE than `loss`, inputs within |x| <= 3.

    bound: how far the proof reaches, at least `loss`. whole: the same under the whole law, P(|x| <= 3) times `bound`,
    as inputs beyond 3 only add. reach: M. All rounded to the safe side. See: the chapter "What can two layers do?".
    """

    budget: float
    loss: float
    bound: float
    whole: float
    reach: float


def prove_shallow_bound(d: int, norm_budget: float, loss: float, dual: Array | None = None) -> BudgetProof:
    """Prove that no two-layer ReLU network of norm at most B, of any width, has a half-MSE below `loss` (ours).

    Under the Bessel law conditioned on |x| <= 3, as in `mf.shallow_lower_bound`.

    d: dimension, odd, from 3 to 31. norm_budget: B, positive. loss: positive. dual: values of the dual vector at
    `EDGES`, shape (769,); its mean is taken off. None: the residual of the best network that `mf.shallow_lower_bound`
    finds. A poor one proves less, none proves too much.
    Returns a `BudgetProof`. Raises ArithmeticError where the dual vector proves less than `loss`, ValueError for bad
    input, ModuleNotFoundError without python-flint.

    >>> prove_shallow_bound(3, 10.0, 6.8e-5).loss
    6.8e-05

    See: the chapter "What can two layers do?".
    """
    ctx = checks.needs("flint").ctx
    d = checks.whole("d", d, 3, 31)
    if d % 2 == 0:
        raise ValueError(f"d must be odd: there the average of a neuron is a polynomial in its offset; got {d}")
    budget, loss = checks.positive("norm_budget", norm_budget), checks.positive("loss", loss)
    g = _residual(d, budget) if dual is None else checks.finite_array("dual", dual)
    if g.shape != EDGES.shape:
        raise ValueError(f"dual must have shape {EDGES.shape}; got {g.shape}")
    with ctx.workprec(PRECISION):
        mass, cells = _cells(d)
        lines = _lines(g, cells)
        reach = _reach(d, lines, cells)
        square = sum(c * c * m[0] + 2 * c * s * m[1] + s * s * m[2] for (c, s), m in zip(lines, cells, strict=True))
        top = _overlap(lines, cells) - budget * reach
        bound = top**2 / (2 * square) if top > 0 else 0 * square
        if not bound >= loss:
            raise ArithmeticError(f"not proved: this dual vector gives {_down(bound):.6g} for {loss:g}")
        return BudgetProof(budget, loss, _down(bound), _down(bound * mass), -_down(-reach))


def _residual(d, budget):
    """What the best network found lacks, at the edges: a dual vector as good as any, in floating point."""
    found = shallow_lower_bound(BesselLaw(d), budget, tolerance=1e-4)
    f = relu_profile(EDGES[:, None], found.offsets, d) @ found.weights + found.constant
    return np.maximum(1 - EDGES, 0) - f


@lru_cache(maxsize=4)
def _cells(d):
    """P(r <= 3), and for each cell E[r^k; cell | r <= 3] by order, k = 2 - d .. 2."""
    from flint import arb

    orders = range(2 - d, 3)
    table = [[arb(0)] * len(orders), *(moments(d, r, orders) for r in EDGES[1:].tolist())]
    mass = table[-1][orders.index(0)]
    rows = ([(y - x) / mass for x, y in zip(*pair, strict=True)] for pair in pairwise(table))
    return mass, [dict(zip(orders, row, strict=True)) for row in rows]


def _lines(g, cells):
    """g on each cell as c + s r, its mean taken off: then E g = 0, up to the width of a ball that is in c."""
    from flint import arb

    lines = []
    for (a, b), (left, right) in zip(pairwise(EDGES.tolist()), pairwise(g.tolist()), strict=True):
        slope = (arb(right) - arb(left)) / (b - a)
        lines.append((left - slope * a, slope))
    mean = sum(c * m[0] + s * m[1] for (c, s), m in zip(lines, cells, strict=True))
    return [(c - mean, s) for c, s in lines]


def _overlap(lines, cells):
    """E g f*."""
    near = int(np.searchsorted(EDGES, 1.0))
    return sum(c * (m[0] - m[1]) + s * (m[1] - m[2]) for (c, s), m in zip(lines[:near], cells[:near], strict=True))


def _reach(d, lines, cells):
    """M as a ball: |phi| is above it nowhere. The sums over r > b grow from the last cell inwards."""
    from flint import arb

    n, slope = (d - 3) // 2, relu_mean(d)
    height = (d - 1) * slope  # the density of u_1 at 0
    bends = [height * math.comb(n, j) * (-1) ** j / ((2 * j + 1) * (2 * j + 2)) for j in range(n + 1)]
    tail = {k: arb(0) for k in (1, 0, *range(-1, 1 - d, -2))}  # E[g r^k; r > b]
    weight = before = reach = arb(0)  # E[|g|/r; r > b], |phi| at the edge above, the largest so far
    edges = [arb(b) for b in EDGES.tolist()]
    for i in range(len(cells) - 1, -1, -1):
        (c, s), m, b = lines[i], cells[i], edges[i]
        for k in tail:
            tail[k] += c * m[k] + s * m[k + 1]
        weight += _larger(abs(c + s * b), abs(c + s * edges[i + 1])) * m[-1]
        bent = sum(bend * b ** (2 * j + 2) * tail[-2 * j - 1] for j, bend in enumerate(bends))
        here = abs(slope * tail[1] - b * tail[0] / 2 + bent)
        between = (edges[i + 1] - b) ** 2 / 8 * height * weight
        reach = _larger(reach, _larger(here, before) + between)
        before = here
    return reach


def _larger(x, y):
    """The larger of the two greatest numbers in two balls."""
    return max(x.upper(), y.upper())


def _down(x):
    """A float below every number in the ball."""
    return math.nextafter(float(x.lower()), -math.inf)
