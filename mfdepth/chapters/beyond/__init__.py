"""What "Beyond" alone uses: other second layers and targets, sampled flows, a subspace, which small errors grow."""

from mfdepth.chapters.beyond.growth import growth_rates, harmonic_growth, learner_kernel, propagator_gain
from mfdepth.chapters.beyond.radial_flow import radial_flow, radial_neuron, spread_neurons
from mfdepth.chapters.beyond.saddle import local_hessian, network_distance, teacher_flow, teacher_velocity
from mfdepth.chapters.beyond.sampled import sampled_flow
from mfdepth.chapters.beyond.subspace import subspace_alignment, subspace_flow, subspace_tent, two_radii_profile

__all__ = [
    "growth_rates",
    "harmonic_growth",
    "learner_kernel",
    "local_hessian",
    "network_distance",
    "propagator_gain",
    "radial_flow",
    "radial_neuron",
    "sampled_flow",
    "spread_neurons",
    "subspace_alignment",
    "subspace_flow",
    "subspace_tent",
    "teacher_flow",
    "teacher_velocity",
    "two_radii_profile",
]
