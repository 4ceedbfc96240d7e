"""How well a pixel's depth agrees with what the other views see there: our confidence in it.

A pixel's point is carried into every other view. The view agrees where its own depth is within 3 %, and contradicts
where it sees through the point; where it does not see the place, it says nothing. With a agreeing and c contradicting
views, confidence = (0.5 + a) / (1 + a + c): a half where nobody else looks, towards 1 or 0 as views speak.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from maquette.stereo.frames import stack
from maquette.stereo.geometry import source_depth_rows, source_projections
from maquette.types import Camera, DepthMap, FloatArray
from maquette_kernels.consistency import check_consistency

_TOLERANCE = 0.03
_MAX_SOURCES = 12  # the nearest cameras: more change little and cost in proportion
_WHOLE = 0.2  # share of pixels that must be left when edges are cut, or the map is torn
_SMOOTH_PX = 43  # about three of the network's patches
_JUMP = 0.05  # relative step of depth between neighbours past which both are at an edge


def depth_with_confidence(
    index: int, cameras: Sequence[Camera], depths: Sequence[FloatArray]
) -> tuple[DepthMap, float]:
    """The map of view `index`, and the share of its pixels that some other view confirms.

    cameras: at full size; depths: (H, W) float32 each, along camera z, free of edges
    """
    depth = depths[index]
    distance = [float(np.linalg.norm(one.centre - cameras[index].centre)) for one in cameras]
    sources = [other for other in np.argsort(distance) if other != index][:_MAX_SOURCES]
    agreeing = conflicting = np.zeros(depth.shape)
    if sources:
        stacked, sizes = stack([depths[other] for other in sources])
        scaled = [cameras[i].scaled(*depths[i].shape[::-1]) for i in sources]
        camera = cameras[index].scaled(*depth.shape[::-1])
        found = check_consistency(
            depth,
            stacked,
            sizes,
            source_projections(camera, scaled),
            source_depth_rows(camera, scaled),
            _TOLERANCE,
        )
        agreeing, conflicting = found.agreeing, found.conflicting
    known = depth > 0
    confidence = np.where(known, (0.5 + agreeing) / (1 + agreeing + conflicting), 0)
    confirmed = float((agreeing[known] > 0).mean()) if known.any() else 0.0
    return (
        DepthMap(
            depth=depth,
            confidence=confidence.astype(np.float32),
            filled=np.zeros(depth.shape, bool),
        ),
        confirmed,
    )


def on_surfaces(depth: FloatArray) -> tuple[FloatArray, bool]:
    """The depth without its edges, and whether it is torn: where nearly all of it is edges, it is smoothed first."""
    clean = without_edges(depth)
    if (clean > 0).sum() >= _WHOLE * (depth > 0).sum():
        return clean, False
    known = (depth > 0).astype(np.float32)
    log = np.where(depth > 0, np.log(np.maximum(depth, 1e-9)), 0).astype(np.float32)
    side = (_SMOOTH_PX, _SMOOTH_PX)
    mean = cv2.blur(log, side) / np.maximum(cv2.blur(known, side), 1e-6)
    return without_edges(np.where(depth > 0, np.exp(mean), 0)), True


def without_edges(depth: FloatArray) -> FloatArray:
    """The depth with 0 where it jumps to a neighbour or is no number: a network smears what lies behind there."""
    whole = np.where(np.isfinite(depth) & (depth > 0), depth, 0).astype(np.float32)
    smallest, largest = whole.copy(), whole.copy()
    for axis in (0, 1):
        for near, far in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
            here = (near, slice(None)) if axis == 0 else (slice(None), near)
            there = (far, slice(None)) if axis == 0 else (slice(None), far)
            smallest[here] = np.minimum(smallest[here], whole[there])
            largest[here] = np.maximum(largest[here], whole[there])
    return np.where(largest <= smallest * (1 + 2 * _JUMP), whole, 0).astype(np.float32)
