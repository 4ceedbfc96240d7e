"""Depth for every photo that has a camera: sweep, aggregate, refine, check across views, fill."""

from maquette.stereo.estimate import estimate_depth
from maquette.stereo.options import StereoOptions

__all__ = ["StereoOptions", "estimate_depth"]
