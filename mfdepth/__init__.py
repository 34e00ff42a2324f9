"""Depth separation with multilayer mean-field networks: the mathematics and the training code behind the book."""

from importlib import import_module

from mfdepth.adam import (
    ParametricNetwork,
    TrainedNetwork,
    learner_network,
    shallow_network,
    train_adam,
    train_tuned,
)
from mfdepth.chapters.beyond.growth import growth_rates, harmonic_growth, learner_kernel
from mfdepth.chapters.beyond.radial_flow import RadialRun, radial_flow, radial_neuron
from mfdepth.chapters.beyond.sampled import sampled_flow
from mfdepth.chapters.beyond.subspace import (
    SubspaceRun,
    subspace_alignment,
    subspace_flow,
    subspace_tent,
    two_radii_profile,
)
from mfdepth.chapters.bottleneck import Fit, bottleneck_network, fit_network, tent_difference
from mfdepth.chapters.discretization.exact import rho_velocity
from mfdepth.chapters.discretization.seeds import draw_seeds, train_seeds
from mfdepth.chapters.general_case import (
    GeneralCase,
    GeneralRun,
    UnstableMode,
    general_case,
    general_init,
    general_run,
    unstable_mode,
)
from mfdepth.chapters.infinite_width.certificate import convergence
from mfdepth.chapters.infinite_width.limit import LimitLaw
from mfdepth.chapters.two_layers import (
    ParticleRun,
    circle,
    particle_batches,
    particle_flow,
    particle_ring,
    particle_start,
    particle_velocity,
    teacher,
)
from mfdepth.chapters.why_depth.budget import ShallowBound, norm_needed, shallow_lower_bound
from mfdepth.chapters.why_depth.width import SufficientWidth, TrainedWidth, sufficient_width, trained_width
from mfdepth.decomposition import Decomposition, Interference, decompose, interference
from mfdepth.finite import Bounds, finite_width, loss, velocity
from mfdepth.fits import PowerFit, binomial_interval, power_fit
from mfdepth.infinite import Trajectory, infinite_width
from mfdepth.laws import BallLaw, BesselLaw, GaussianLaw, SphereLaw
from mfdepth.movable import explore
from mfdepth.networks import (
    MeanFieldLayer,
    MeanFieldNetwork,
    first_layer,
    learner,
    tent,
    vector_neuron,
)
from mfdepth.random import orthogonal_directions, random_directions
from mfdepth.rho import (
    discretization_error,
    first_layer_alpha,
    harmonic_decay,
    harmonic_errors,
    predict_rho,
    stability,
)
from mfdepth.sphere import (
    harmonic_dimension,
    relu_eigenvalues,
    relu_kernel,
    relu_mean,
    relu_profile,
)
from mfdepth.starts import expected_rho, init_first_layer, standard_start
from mfdepth.sweep import sweep

__version__ = "0.1.0"
__all__ = [
    "BallLaw",
    "BesselLaw",
    "Bounds",
    "Decomposition",
    "Fit",
    "GaussianLaw",
    "GeneralCase",
    "GeneralRun",
    "Interference",
    "LimitLaw",
    "MeanFieldLayer",
    "MeanFieldNetwork",
    "ParametricNetwork",
    "ParticleRun",
    "PowerFit",
    "RadialRun",
    "ShallowBound",
    "SphereLaw",
    "SubspaceRun",
    "SufficientWidth",
    "TrainedNetwork",
    "TrainedWidth",
    "Trajectory",
    "UnstableMode",
    "binomial_interval",
    "bottleneck_network",
    "circle",
    "convergence",
    "decompose",
    "discretization_error",
    "draw_seeds",
    "expected_rho",
    "explore",
    "finite_width",
    "first_layer",
    "first_layer_alpha",
    "fit_network",
    "general_case",
    "general_init",
    "general_run",
    "growth_rates",
    "harmonic_decay",
    "harmonic_dimension",
    "harmonic_errors",
    "harmonic_growth",
    "infinite_width",
    "init_first_layer",
    "interference",
    "learner",
    "learner_kernel",
    "learner_network",
    "loss",
    "norm_needed",
    "orthogonal_directions",
    "particle_batches",
    "particle_flow",
    "particle_ring",
    "particle_start",
    "particle_velocity",
    "power_fit",
    "predict_rho",
    "radial_flow",
    "radial_neuron",
    "random_directions",
    "relu_eigenvalues",
    "relu_kernel",
    "relu_mean",
    "relu_profile",
    "rho_velocity",
    "sampled_flow",
    "shallow_lower_bound",
    "shallow_network",
    "stability",
    "standard_start",
    "subspace_alignment",
    "subspace_flow",
    "subspace_tent",
    "sufficient_width",
    "sweep",
    "teacher",
    "tent",
    "tent_difference",
    "train_adam",
    "train_seeds",
    "train_tuned",
    "trained_width",
    "two_radii_profile",
    "unstable_mode",
    "vector_neuron",
    "velocity",
]


def __getattr__(name):  # ipywidgets and Plotly are loaded when first used, not on import
    rooms = {"chapters": "chapters", "explorables": "live", "figures": "figures", "live": "live"}
    if name in rooms:
        return import_module(f"mfdepth.{rooms[name]}")
    raise AttributeError(f"module 'mfdepth' has no attribute {name!r}")
