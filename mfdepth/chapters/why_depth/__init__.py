"""What "Why depth?" alone uses: two layers beside three, trained by Adam."""

from mfdepth.chapters.why_depth.training import (
    learner_network,
    shallow_network,
    train_adam,
    train_tuned,
    trained_width,
)

__all__ = ["learner_network", "shallow_network", "train_adam", "train_tuned", "trained_width"]
