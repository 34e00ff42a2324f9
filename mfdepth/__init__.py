"""Depth separation with multilayer mean-field networks: the mathematics and the training code behind the book.

Here stand the names that most readers need. What one chapter alone uses is in `mfdepth.chapters`.
"""

from importlib import import_module
from typing import Any

from mfdepth.chapters import ROOMS, claims
from mfdepth.chapters.convergence import LimitLaw, convergence
from mfdepth.chapters.discretization.decay import harmonic_decay, predict_rho
from mfdepth.chapters.discretization.decomposition import decompose, interference
from mfdepth.chapters.discretization.exact import rho_velocity
from mfdepth.chapters.discretization.harmonics import expected_rho, harmonic_dimension, harmonic_errors
from mfdepth.chapters.lower_bound.budget import norm_needed, shallow_lower_bound
from mfdepth.finite import finite_width, loss, velocity
from mfdepth.flow import Trajectory
from mfdepth.infinite import infinite_width
from mfdepth.laws import BallLaw, BesselLaw, GaussianLaw, SphereLaw
from mfdepth.networks import MeanFieldLayer, MeanFieldNetwork, first_layer, learner, tent
from mfdepth.random import orthogonal_directions, random_directions
from mfdepth.rho import discretization_error, first_layer_alpha, stability
from mfdepth.sphere import relu_eigenvalues, relu_kernel, relu_mean, relu_profile
from mfdepth.starts import init_first_layer, standard_start
from mfdepth.sweep import sweep

__version__ = "0.1.0"
__all__ = [
    "BallLaw",
    "BesselLaw",
    "GaussianLaw",
    "LimitLaw",
    "MeanFieldLayer",
    "MeanFieldNetwork",
    "SphereLaw",
    "Trajectory",
    "claims",
    "convergence",
    "decompose",
    "discretization_error",
    "expected_rho",
    "explore",
    "finite_width",
    "first_layer",
    "first_layer_alpha",
    "harmonic_decay",
    "harmonic_dimension",
    "harmonic_errors",
    "infinite_width",
    "init_first_layer",
    "interference",
    "learner",
    "loss",
    "norm_needed",
    "orthogonal_directions",
    "predict_rho",
    "random_directions",
    "relu_eigenvalues",
    "relu_kernel",
    "relu_mean",
    "relu_profile",
    "rho_velocity",
    "shallow_lower_bound",
    "stability",
    "standard_start",
    "sweep",
    "tent",
    "velocity",
]

LOADED_WHEN_USED = {"chapters": "chapters", "explorables": "live", "figures": "figures", "live": "live"}


def __getattr__(name: str) -> Any:
    if name in LOADED_WHEN_USED:  # ipywidgets and Plotly take time to load
        return import_module(f"mfdepth.{LOADED_WHEN_USED[name]}")
    if name == "explore":
        return import_module("mfdepth.live").explore
    told = f"module 'mfdepth' has no attribute {name!r}"
    if not name.startswith("_"):  # it may live in a chapter
        rooms = [room for room in ROOMS if name in import_module(f"mfdepth.chapters.{room}").__all__]
        if rooms:
            told = f"mf.{name} is mfdepth.chapters.{rooms[0]}.{name}: from mfdepth.chapters import {rooms[0]}"
    raise AttributeError(told)
