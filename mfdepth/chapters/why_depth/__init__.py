"""What the chapter "Why depth?" computes: two layers within a norm budget, the widths they need, thin tubes."""

from mfdepth.chapters.why_depth.tubes import tube_share, tubes_for_half

__all__ = ["tube_share", "tubes_for_half"]
