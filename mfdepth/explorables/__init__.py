"""Live figures: each is an anywidget, live in the book's pages without a kernel and in JupyterLab with one."""

from mfdepth.explorables.explore import Explore
from mfdepth.explorables.infinite_width import InfiniteWidth
from mfdepth.explorables.simulation import Simulation

__all__ = ["Explore", "InfiniteWidth", "Simulation"]
