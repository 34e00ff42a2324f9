"""What "Why errors do not compound" explains: the terms of the loss, how their error moves, the width that it needs."""

from mfdepth.chapters.discretization.decay import harmonic_decay, predict_rho
from mfdepth.chapters.discretization.decomposition import decompose, interference
from mfdepth.chapters.discretization.exact import (
    FirstOrder,
    apply_operator,
    contraction,
    error_velocity,
    first_order,
    relative_error,
    rho_velocity,
)
from mfdepth.chapters.discretization.harmonics import expected_rho, harmonic_dimension, harmonic_errors
from mfdepth.chapters.discretization.inequality import lyapunov_inequality
from mfdepth.chapters.discretization.seeds import draw_seeds, exponent, train_seeds
from mfdepth.chapters.discretization.study import bootstrap_exponent, width_reaching
from mfdepth.chapters.discretization.width import loss_per_rho, width_needed

__all__ = [
    "FirstOrder",
    "apply_operator",
    "bootstrap_exponent",
    "contraction",
    "decompose",
    "draw_seeds",
    "error_velocity",
    "expected_rho",
    "exponent",
    "first_order",
    "harmonic_decay",
    "harmonic_dimension",
    "harmonic_errors",
    "interference",
    "loss_per_rho",
    "lyapunov_inequality",
    "predict_rho",
    "relative_error",
    "rho_velocity",
    "train_seeds",
    "width_needed",
    "width_reaching",
]
