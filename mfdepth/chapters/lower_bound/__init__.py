"""What "What can two layers do?" alone uses: the best within a norm budget, widths that are enough, tubes."""

from mfdepth.chapters.lower_bound.budget import norm_needed, shallow_lower_bound
from mfdepth.chapters.lower_bound.computer_proof import BudgetProof, prove_shallow_bound
from mfdepth.chapters.lower_bound.tubes import tube_share, tubes_for_half
from mfdepth.chapters.lower_bound.width import sufficient_width

__all__ = [
    "BudgetProof",
    "norm_needed",
    "prove_shallow_bound",
    "shallow_lower_bound",
    "sufficient_width",
    "tube_share",
    "tubes_for_half",
]
