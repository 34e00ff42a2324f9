"""What "Why must it get there?" alone uses: the plane of one neuron, the proved bounds, the limit law."""

from mfdepth.chapters.convergence.certificate import Convergence, convergence
from mfdepth.chapters.convergence.computer_proof import KappaProof, prove_kappa
from mfdepth.chapters.convergence.limit import LimitLaw
from mfdepth.chapters.convergence.plane import Plane, nullclines, plane_of

__all__ = [
    "Convergence",
    "KappaProof",
    "LimitLaw",
    "Plane",
    "convergence",
    "nullclines",
    "plane_of",
    "prove_kappa",
]
