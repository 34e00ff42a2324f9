"""The live figure of the chapter on errors that compound."""

import numpy as np

from mfdepth.chapters.general_case import GeneralCase
from mfdepth.live.kit.settings import Number, Switch
from mfdepth.live.kit.widget import Explorable, module
from mfdepth.random import gaussians

WIDTHS = (64, 128, 256, 512, 1024, 2048, 4096)
D, PAIRS, RADIUS, SIZE = 4, 64, 2.0, 0.01


class Compounding(Explorable):
    """The error of finite width where it compounds and where it does not: curves at three widths, the width needed.

    m: the largest width, a power of two from 64 to 4096; m/4 and m/16 are shown too. horizon: T, from 1 to 40.
    tube: how far from the infinite-width network is still close, from 0.01 to 0.3: for F in the general case, for
    sqrt(rho) under symmetry. s: |w2| of the general case, from 4 to 12. seed: of its inputs and neurons, 0 to 99.
    d: dimension of the symmetric case, 2 to 1000. antisymmetric: neurons in pairs a, -a, so that F = 0 exactly.

    Each is a trait: set it and the figure follows, move a slider and it changes. Raises ValueError out of range.

    >>> figure = Compounding(m=256, seed=3)
    >>> [len(a) for _, a, _ in figure.starts()]
    [16, 64, 256]

    See: the chapter "When errors do compound".
    """

    _esm = module("compounding/compounding.js")

    m = Number(1024, 64, 4096, whole=True, exact=True, label="largest width m", stops=WIDTHS, more=True)
    horizon = Number(24.0, 1, 40, label="horizon T", linear=0.5)
    tube = Number(0.1, 0.01, 0.3, label="tube, ±", log=20, more=True)
    s = Number(8.0, 4, 12, label="instability s", linear=0.1, more=True)
    seed = Number(15, 0, 99, whole=True, label="seed", linear=1, more=True)
    d = Number(10, 2, 1000, whole=True, label="d, symmetric", log=20)
    antisymmetric = Switch(False, label="pairs a, −a")

    def starts(self):
        """What the runs start from: (case, a, w) for each of the widths m/16, m/4, m, as `general_run` takes it."""
        x = gaussians(self.seed, 0, 0, D * PAIRS).reshape(PAIRS, D)
        x = RADIUS * x / np.linalg.norm(x, axis=1, keepdims=True)
        x = np.concatenate([x, -x])
        y = np.abs(x[:, 0])
        case = GeneralCase(x, y, self.s, 4 * float(np.mean(y)))
        return [(case, *self._neurons(index, m)) for index, m in enumerate((self.m // 16, self.m // 4, self.m))]

    def _neurons(self, index, m):
        drawn = m // 2 if self.antisymmetric else m
        a = SIZE * gaussians(self.seed, 1, index, drawn)
        w = gaussians(self.seed, 2, index, D * drawn).reshape(drawn, D) / np.sqrt(D)
        return (np.concatenate([a, -a]), np.concatenate([w, w])) if self.antisymmetric else (a, w)
