"""Live figures: each is an anywidget, live in the book's pages without a kernel and in JupyterLab with one."""

from mfdepth.checks import needs

needs("anywidget")
needs("plotly")

from mfdepth.live.bend.bend import Bend
from mfdepth.live.circle.circle import Circle
from mfdepth.live.compounding.compounding import Compounding
from mfdepth.live.explore.explore import Explore, explore
from mfdepth.live.guess.guess import Guess
from mfdepth.live.harmonics.harmonics import Harmonics
from mfdepth.live.infinite_width.infinite_width import InfiniteWidth
from mfdepth.live.network.network import Network
from mfdepth.live.norm_budget.norm_budget import NormBudget
from mfdepth.live.particles.particles import Particles
from mfdepth.live.phase_portrait.phase_portrait import PhasePortrait
from mfdepth.live.question.question import Question
from mfdepth.live.simulation.simulation import Simulation
from mfdepth.live.spheres.spheres import Spheres
from mfdepth.live.target.target import Target
from mfdepth.live.training.training import Training
from mfdepth.live.tubes.tubes import Tubes

__all__ = [
    "Bend",
    "Circle",
    "Compounding",
    "Explore",
    "Guess",
    "Harmonics",
    "InfiniteWidth",
    "Network",
    "NormBudget",
    "Particles",
    "PhasePortrait",
    "Question",
    "Simulation",
    "Spheres",
    "Target",
    "Training",
    "Tubes",
    "explore",
]
