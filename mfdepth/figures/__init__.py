"""One Plotly figure per function: data in, figure out. The style they share is in `mfdepth.drawing`."""

from mfdepth.figures.beyond import alignment, growth_by_degree, radial_profile, two_lengths
from mfdepth.figures.bottleneck import along_angles
from mfdepth.figures.conclusion import below_the_bound, path_norm
from mfdepth.figures.discretization import decomposition, rho_prediction, scaling
from mfdepth.figures.shallow import norm_by_dimension, separation
from mfdepth.figures.training import along_rays, loss_in_time, second_layer, small_start, tracking

__all__ = [
    "alignment",
    "along_angles",
    "along_rays",
    "below_the_bound",
    "decomposition",
    "growth_by_degree",
    "loss_in_time",
    "norm_by_dimension",
    "path_norm",
    "radial_profile",
    "rho_prediction",
    "scaling",
    "second_layer",
    "separation",
    "small_start",
    "tracking",
    "two_lengths",
]
