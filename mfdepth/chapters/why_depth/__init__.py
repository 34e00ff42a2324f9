"""What "Why depth?" alone uses: two layers within a norm budget, widths that are enough, training by Adam, tubes."""

from mfdepth.chapters.why_depth.budget import norm_needed, shallow_lower_bound
from mfdepth.chapters.why_depth.computer_proof import BudgetProof, prove_shallow_bound
from mfdepth.chapters.why_depth.training import learner_network, shallow_network, train_adam, train_tuned
from mfdepth.chapters.why_depth.tubes import tube_share, tubes_for_half
from mfdepth.chapters.why_depth.width import sufficient_width, trained_width

__all__ = [
    "BudgetProof",
    "learner_network",
    "norm_needed",
    "prove_shallow_bound",
    "shallow_lower_bound",
    "shallow_network",
    "sufficient_width",
    "train_adam",
    "train_tuned",
    "trained_width",
    "tube_share",
    "tubes_for_half",
]
