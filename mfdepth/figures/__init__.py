"""One Plotly figure per function: data in, figure out. The style they share is in `mfdepth.figures.style`."""

from mfdepth.checks import needs

needs("plotly")

from mfdepth.figures.accuracy import cost_by_size, error_and_seconds
from mfdepth.figures.beyond import alignment, growth_by_degree, leaving_a_ray, radial_profile, two_lengths
from mfdepth.figures.bottleneck import along_angles, between_layers
from mfdepth.figures.conclusion import below_the_bound, path_norm
from mfdepth.figures.convergence import every_dimension, proved_bounds, what_is_missing
from mfdepth.figures.discretization import (
    decomposition,
    growth_region,
    harmonics,
    losses,
    moving_error,
    scaling,
    success,
    widths_by_dimension,
)
from mfdepth.figures.finite_width import along_rays, tracking
from mfdepth.figures.general_case import growth, staying, tubes
from mfdepth.figures.lower_bound import norm_by_dimension, profiles
from mfdepth.figures.other_starts import cloud_sizes, second_layer, small_start
from mfdepth.figures.two_layers import gap_by_width, gaps_in_time
from mfdepth.figures.why_depth import bessel_wave, side_by_side

__all__ = [
    "alignment",
    "along_angles",
    "along_rays",
    "below_the_bound",
    "bessel_wave",
    "between_layers",
    "cloud_sizes",
    "cost_by_size",
    "decomposition",
    "error_and_seconds",
    "every_dimension",
    "gap_by_width",
    "gaps_in_time",
    "growth",
    "growth_by_degree",
    "growth_region",
    "harmonics",
    "leaving_a_ray",
    "losses",
    "moving_error",
    "norm_by_dimension",
    "path_norm",
    "profiles",
    "proved_bounds",
    "radial_profile",
    "scaling",
    "second_layer",
    "side_by_side",
    "small_start",
    "staying",
    "success",
    "tracking",
    "tubes",
    "two_lengths",
    "what_is_missing",
    "widths_by_dimension",
]
