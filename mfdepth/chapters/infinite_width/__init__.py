"""What "The infinite-width dynamics" alone uses: the plane of one neuron, the proved bounds, the limit law."""

from mfdepth.chapters.infinite_width.certificate import Convergence, convergence
from mfdepth.chapters.infinite_width.computer_proof import KappaProof, prove_kappa
from mfdepth.chapters.infinite_width.inequality import lyapunov_inequality
from mfdepth.chapters.infinite_width.limit import LimitLaw
from mfdepth.chapters.infinite_width.plane import Plane, nullclines, plane_of

__all__ = [
    "Convergence",
    "KappaProof",
    "LimitLaw",
    "Plane",
    "convergence",
    "lyapunov_inequality",
    "nullclines",
    "plane_of",
    "prove_kappa",
]
