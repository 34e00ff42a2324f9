"""What "Why errors do not compound" alone uses: the exact law of the error, the width that it needs, many seeds."""

from mfdepth.chapters.discretization.exact import (
    FirstOrder,
    apply_operator,
    contraction,
    error_velocity,
    first_order,
    relative_error,
    rho_velocity,
)
from mfdepth.chapters.discretization.inequality import lyapunov_inequality
from mfdepth.chapters.discretization.seeds import draw_seeds, exponent, train_seeds
from mfdepth.chapters.discretization.study import bootstrap_exponent, width_reaching
from mfdepth.chapters.discretization.width import loss_per_rho, width_needed

__all__ = [
    "FirstOrder",
    "apply_operator",
    "bootstrap_exponent",
    "contraction",
    "draw_seeds",
    "error_velocity",
    "exponent",
    "first_order",
    "loss_per_rho",
    "lyapunov_inequality",
    "relative_error",
    "rho_velocity",
    "train_seeds",
    "width_needed",
    "width_reaching",
]
