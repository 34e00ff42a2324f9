"""Live figures: each is an anywidget, live in the book's pages without a kernel and in JupyterLab with one."""

from mfdepth.explorables.compounding import Compounding
from mfdepth.explorables.explore import Explore
from mfdepth.explorables.infinite_width import InfiniteWidth
from mfdepth.explorables.norm_budget import NormBudget
from mfdepth.explorables.particles import Particles
from mfdepth.explorables.simulation import Simulation
from mfdepth.explorables.training import Training

__all__ = ["Compounding", "Explore", "InfiniteWidth", "NormBudget", "Particles", "Simulation", "Training"]
