"""Depth separation with multilayer mean-field networks: the mathematics and the training code behind the book."""

from importlib import import_module

from mfdepth.baselines import learner_network, shallow_network, train_adam
from mfdepth.discretization import (
    decompose,
    harmonic_decay,
    harmonic_errors,
    interference,
    predict_rho,
    stability,
)
from mfdepth.finite import finite_width, loss, velocity
from mfdepth.general import general_case, general_init, general_run, unstable_mode
from mfdepth.infinite import Trajectory, infinite_width
from mfdepth.laws import BallLaw, BesselLaw, GaussianLaw
from mfdepth.networks import discretization_error, first_layer, first_layer_alpha, init_first_layer
from mfdepth.shallow import norm_needed, relu_profile, shallow_lower_bound
from mfdepth.sphere import (
    harmonic_dimension,
    orthogonal_directions,
    random_directions,
    relu_eigenvalues,
    relu_kernel,
    relu_mean,
)
from mfdepth.sweep import sweep

__version__ = "0.1.0"
__all__ = [
    "BallLaw",
    "BesselLaw",
    "GaussianLaw",
    "Trajectory",
    "decompose",
    "discretization_error",
    "finite_width",
    "first_layer",
    "first_layer_alpha",
    "general_case",
    "general_init",
    "general_run",
    "harmonic_decay",
    "harmonic_dimension",
    "harmonic_errors",
    "infinite_width",
    "init_first_layer",
    "interference",
    "learner_network",
    "loss",
    "norm_needed",
    "orthogonal_directions",
    "predict_rho",
    "random_directions",
    "relu_eigenvalues",
    "relu_kernel",
    "relu_mean",
    "relu_profile",
    "shallow_lower_bound",
    "shallow_network",
    "stability",
    "sweep",
    "train_adam",
    "unstable_mode",
    "velocity",
]


def __getattr__(name):  # ipywidgets and Plotly are loaded when first used, not on import
    if name in ("explorables", "figures"):
        return import_module(f"mfdepth.{name}")
    raise AttributeError(f"module 'mfdepth' has no attribute {name!r}")
