"""The first layer as directions see it: the slopes F(u), and the velocity that a pull in every direction makes."""

import array_api_compat as api

from mfdepth import checks
from mfdepth.checks import Array, Rng
from mfdepth.random import bases, normal
from mfdepth.sphere import C

GROUP, POOL = 16, 32  # axes that turn together; turns drawn at a time


class View:
    """The first layer as given directions see it, kept by columns, (..., d, m1): a neuron's weights are one column.

    rows: (n, d), unit; None for the first n axes, whose preactivations w_k.u are the columns themselves: then a
    velocity takes no matrix product. Arrays of the size of the layer are made once, as fresh memory costs more than
    arithmetic.
    """

    mirrored = False
    kept: Array = None  # the frame, where the weights will be asked for in their own coordinates

    def __init__(self, columns: Array, rows: Array, n: int | None = None):
        self.xp, self.start, self.rows, self.n = checks.library(columns), columns, rows, n or rows.shape[-2]
        self.moved, self.spare = self.xp.empty_like(columns), self.xp.empty_like(columns)
        self.size = self.spare[..., : self.n, :] if rows is None else self.xp.empty_like(rows @ columns)
        self.table: Array = None if rows is None else self.xp.empty_like(self.size)

    def turn(self, *layers):
        """Given directions stay where they are."""

    def turned_back(self, columns):
        """The weights (..., m1, d) in their own coordinates, a copy."""
        return self.xp.asarray(self.xp.matrix_transpose(columns), copy=True)

    def scaled_slopes(self, columns):
        """F, and what it was multiplied by."""
        return self.slopes(columns), None

    def slopes(self, columns):
        """F(u) = mean_k |w_k| ReLU(w_k.u) in every direction, (..., n), or (..., 2 n) with the mirrored ones behind."""
        xp, m1 = self.xp, columns.shape[-1]
        squares = xp.sum(xp.multiply(columns, columns, out=self.spare), axis=-2)
        self.table = columns[..., : self.n, :] if self.rows is None else xp.matmul(self.rows, columns, out=self.table)
        xp.abs(self.table, out=self.size)
        self.length, self.squares = xp.sqrt(squares), xp.sum(squares, axis=-1)
        self.alpha = C(columns.shape[-2]) / m1 * self.squares
        if not self.mirrored:
            self.size += self.table  # now 2 ReLU(w_k.u), to all digits
        even, odd = ((x @ self.length[..., None])[..., 0] / (2 * m1) for x in (self.size, self.table))
        return xp.concat([even + odd, even - odd], axis=-1) if self.mirrored else even

    def velocity(self, columns, pull, growth=0.0):
        """sum_u pull(u) (w_k/|w_k| ReLU(w_k.u) + |w_k| 1{w_k.u > 0} u) + growth w_k, after `slopes`; an own array."""
        xp, n, length = self.xp, self.n, self.length[..., None, :]
        both, there = pull[..., :n], pull[..., n:]  # of u and of -u
        if self.mirrored:
            both = both + there
        stretch = both[..., None, :] @ self.size / 2
        if self.mirrored:
            stretch = stretch + (both / 2 - there)[..., None, :] @ self.table
        active = self.size if self.rows is not None else self.moved[..., :n, :]
        active[...] = self.table > 0
        active *= both[..., None]
        if self.mirrored:  # -u meets the neurons that u does not
            active -= there[..., None]
        if self.rows is not None:
            xp.matmul(xp.matrix_transpose(self.rows), active, out=self.moved)
        else:
            self.moved[..., n:, :] = 0
        self.moved *= length
        stretch = stretch / xp.where(length > 0, length, xp.ones_like(length)) + growth
        self.moved += xp.multiply(columns, stretch, out=self.spare)
        return self.moved


class TurningView(View):
    """As whole orthonormal bases and their negatives see it, in a frame that is turned before every look.

    The frame's axes are the first basis, and the columns hold the weights in its coordinates. A turn groups the axes at
    random and turns every group by one random rotation (ours): any one frame is uniform, two that follow each other
    share little, and it costs a pass over the columns. Where d is at most GROUP, every frame is drawn afresh.
    """

    mirrored = True

    def __init__(self, columns: Array, n: int, rng: Rng, keep: bool):
        d, xp = columns.shape[-2], checks.library(columns)
        frame, *others = bases(-(-n // d), d, rng, columns)
        rows = xp.concat([xp.eye(d, dtype=frame.dtype, device=api.device(frame)), *others])[:n, :] if others else None
        super().__init__(columns, rows, n)
        columns[...] = frame @ columns
        self.kept = columns_of(xp.matrix_transpose(frame)) if keep else None  # row by row, as `turn` writes into it
        self.turns, self.draw = [], lambda: _turns(d, rng, columns)

    def turn(self, *layers):
        if not self.turns:
            self.turns = self.draw()
        rotation, order = self.turns.pop()
        k = len(rotation)
        whole = len(order) // k * k
        for x in layers if self.kept is None else (*layers, self.kept):
            new = self.spare if x.shape == self.spare.shape else self.xp.empty_like(x)
            for one, turned in zip(_layers(x, self.xp), _layers(new, self.xp), strict=True):
                groups, into = (self.xp.reshape(y[:whole, :], (k, -1)) for y in (one, turned))
                self.xp.matmul(rotation, groups, out=into)
            new[..., whole:, :] = x[..., whole:, :]
            x[..., order, :] = new

    def turned_back(self, columns):
        return self.xp.matrix_transpose(columns) @ self.kept

    def scaled_slopes(self, columns):
        """F scaled so that its mean over the directions is alpha, as over the sphere."""
        F = self.slopes(columns)
        scale = F.shape[-1] * self.alpha[..., None] / self.xp.sum(F, axis=-1, keepdims=True)
        return F * scale, scale


def _turns(d, rng, like):
    """Random rotations of groups of axes and random orders of all: POOL pairs, as many at once cost less."""
    orders = checks.library(like).argsort(normal((POOL, d), rng, like))
    return list(zip(bases(POOL, min(GROUP, d), rng, like), orders, strict=True))


def columns_of(w1: Array) -> Array:
    """A copy of the first layer with the neurons last, to move in place."""
    xp = checks.library(w1)
    columns = xp.empty((*w1.shape[:-2], w1.shape[-1], w1.shape[-2]), dtype=w1.dtype, device=api.device(w1))
    columns[...] = xp.matrix_transpose(w1)
    return columns


def _layers(x, xp):
    """The runs of a batch, one by one."""
    return xp.reshape(x, (-1, *x.shape[-2:]))
