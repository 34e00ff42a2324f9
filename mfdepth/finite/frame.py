"""How a velocity looks at the first layer: the slopes F(u) it finds and the velocity that pulls make.

Here the first layer is kept by columns, (..., d, m1): a neuron's weights are one column. The slowest axis in memory is
that of d, so that a batch turns in one product.
"""

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.random import bases, normal
from mfdepth.sphere import C

GROUP, POOL = 16, 32  # axes that turn together; turns drawn at a time


class View:
    """As given directions see it.

    rows: (n, d), unit; None for the axes, whose preactivations w_k.u are the columns themselves: then a velocity takes
    no matrix product. Arrays of the size of the layer are made once, as fresh memory costs more than arithmetic.
    """

    def __init__(self, columns: Array, rows: Array):
        xp = self.xp = checks.library(columns)
        self.start, self.rows = columns, rows
        self.moved, self.spare = xp.empty_like(columns), xp.empty_like(columns)
        self.table = columns if rows is None else rows @ columns
        self.size = xp.empty_like(self.table)

    def turn(self, *layers):
        """Given directions stay where they are."""

    def turned_back(self, columns):
        """The weights (..., m1, d) in their own coordinates, a copy."""
        return self.xp.asarray(self.xp.matrix_transpose(columns), copy=True)

    def slopes(self, columns):
        """F(u) = mean_k |w_k| ReLU(w_k.u) in every direction, (..., n)."""
        self.look(columns)
        self.size += self.table  # now 2 ReLU(w_k.u), to all digits
        return self.mean(self.size)

    def velocity(self, columns, pull):
        """sum_u pull(u) (w_k/|w_k| ReLU(w_k.u) + |w_k| 1{w_k.u > 0} u), after `slopes`; in an own array."""
        return self.moving(columns, pull[..., None, :] @ self.size, pull, 0 * pull)

    def look(self, columns):
        """Sets table, w_k.u in every direction, and size, its absolute value."""
        xp = self.xp
        squares = xp.sum(xp.multiply(columns, columns, out=self.spare), axis=-2)
        self.length, self.squares = xp.sqrt(squares), xp.sum(squares, axis=-1)
        self.alpha = C(columns.shape[-2]) / columns.shape[-1] * self.squares
        self.table = columns if self.rows is None else xp.matmul(self.rows, columns, out=self.table)
        xp.abs(self.table, out=self.size)

    def mean(self, x):
        """mean_k |w_k| x/2 in every direction."""
        return (x @ self.length[..., None])[..., 0] / (2 * self.length.shape[-1])

    def moving(self, columns, twice, here, there, growth=0.0):
        """The velocity where u pulls by `here` and -u by `there`, and growth w_k; twice: double its part along w_k."""
        xp, length = self.xp, self.length[..., None, :]
        active = self.moved if self.rows is None else self.size
        active[...] = self.table > 0
        active *= (here + there)[..., None]
        active -= there[..., None]  # -u meets the neurons that u does not
        if self.rows is not None:
            xp.matmul(xp.matrix_transpose(self.rows), active, out=self.moved)
        self.moved *= length
        stretch = twice / (2 * xp.where(length > 0, length, xp.ones_like(length))) + growth
        self.moved += xp.multiply(columns, stretch, out=self.spare)
        return self.moved


class TurningView(View):
    """As orthonormal bases and their negatives see it, n rows of them, in a frame that is turned before every look.

    The frame's axes are the first basis, and the columns hold the weights in its coordinates. A turn groups the axes at
    random and turns every group by one random rotation (ours): any one frame is uniform, two that follow each other
    share little, and it costs a pass over the columns. Where d is at most GROUP, every frame is drawn afresh.
    F is scaled so that its mean over the directions is alpha, as over the sphere.
    """

    def __init__(self, columns: Array, n: int, rng: Rng, keep: bool):
        d, xp = columns.shape[-2], checks.library(columns)
        frame, *others = bases(-(-n // d), d, rng, columns)
        axes = xp.eye(d, dtype=frame.dtype, device=api.device(frame))
        super().__init__(columns, None if n == d else xp.concat([axes, *others])[:n, :])
        columns[...] = frame @ columns
        self.kept = columns_of(xp.matrix_transpose(frame)) if keep else None
        self.turns = _turns(d, rng, columns)

    def turn(self, *layers):
        rotation, order = next(self.turns)
        xp, k = self.xp, len(rotation)
        whole = len(order) // k * k
        for layer in layers if self.kept is None else (*layers, self.kept):
            new = self.spare if layer.shape == self.spare.shape else xp.empty_like(layer)
            x, new = layer.swapaxes(0, -2), new.swapaxes(0, -2)
            groups, into = (xp.reshape(y[:whole, ...], (k, -1)) for y in (x, new))
            xp.matmul(rotation, groups, out=into)
            new[whole:, ...] = x[whole:, ...]
            x[order, ...] = new

    def turned_back(self, columns):
        return self.xp.matrix_transpose(columns) @ self.kept

    def slopes(self, columns):
        self.look(columns)
        even, odd = self.mean(self.size), self.mean(self.table)
        F = self.xp.concat([even + odd, even - odd], axis=-1)
        self.scale = F.shape[-1] * self.alpha[..., None] / self.xp.sum(F, axis=-1, keepdims=True)
        return F * self.scale

    def velocity(self, columns, pull):
        """A pull that is the same in all directions moves w_k by 2 C_d w_k times itself, without sampling."""
        n = pull.shape[-1]
        common = self.xp.sum(pull, axis=-1, keepdims=True) / n
        pull = (pull - common) * self.scale
        here, there = pull[..., : n // 2], pull[..., n // 2 :]
        twice = (here + there)[..., None, :] @ self.size + (here - there)[..., None, :] @ self.table
        return self.moving(columns, twice, here, there, 2 * C(columns.shape[-2]) * n * common[..., None])


def _turns(d, rng, like):
    """Random rotations of groups of axes, and random orders of all: POOL are drawn at once, which costs less."""
    while True:
        orders = checks.library(like).argsort(normal((POOL, d), rng, like))
        yield from reversed(list(zip(bases(POOL, min(GROUP, d), rng, like), orders, strict=True)))


def columns_of(w1: Array) -> Array:
    """A copy of the first layer by columns, to move in place."""
    xp, columns = checks.library(w1), checks.library(w1).matrix_transpose(w1)
    shape = tuple(columns.swapaxes(0, -2).shape)
    copy = xp.empty(shape, dtype=w1.dtype, device=api.device(w1)).swapaxes(0, -2)
    copy[...] = columns
    return copy
