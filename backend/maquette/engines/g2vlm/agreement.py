"""How likely a pixel's depth is right: by what the other views say of it, and how often views agree in this set.

A pixel's point is carried into other views. A view agrees where its own depth there is within 3 %, and contradicts
where it sees through the point; where it does not see the place, it is silent. With a agreeing and c contradicting
views, and r the share of all votes of the set that agree (0.4 at least, or nothing could be fused),

    confidence = (0.7 r + r^0.3 a) / (1 + a + c)

Silence is worth 0.7 r, as one vote; an agreeing view counts for less where views agree by chance. A set of which no
view says anything (one photo) has 0.5 everywhere. The constants were fitted to true depth with made errors, see
docs/engines.md.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from maquette.stereo.frames import stack
from maquette.stereo.geometry import source_depth_rows, source_projections
from maquette.types import ByteArray, Camera, DepthMap, FloatArray
from maquette_kernels.consistency import check_consistency

_TOLERANCE = 0.03
_MAX_SOURCES = 12  # the nearest cameras: more change little and cost in proportion
_UNKNOWN = 0.5
_SILENCE, _CHANCE = 0.7, 0.3
_LEAST_RATE = 0.4  # below it fusion has nothing to go by; such a set is unsure anyway
_WHOLE = 0.2  # share of pixels that must be left when edges are cut, or the map is torn
_SMOOTH_PX = 43  # about three of the network's patches
_JUMP = 0.05  # relative step of depth between neighbours past which both are at an edge


class Votes(NamedTuple):
    """What the other views say of one view's pixels."""

    agreeing: ByteArray  # (H, W) number of views
    conflicting: ByteArray  # (H, W)


def depth_maps(
    cameras: Sequence[Camera],
    depths: Sequence[FloatArray],
    report: Callable[[float], None] = lambda _: None,
) -> tuple[list[DepthMap], list[float]]:
    """The maps with confidence, and for each the share of its pixels that some other view confirms.

    cameras: at full size; depths: (H, W) float32 each, along camera z, free of edges
    report: called with the share of the work done; it may raise to stop
    """
    votes: list[Votes] = []
    for index in range(len(cameras)):
        report(index / len(cameras))
        votes.append(_votes(index, cameras, depths))
    known = [depth > 0 for depth in depths]
    agreeing = sum(float(v.agreeing[k].sum()) for v, k in zip(votes, known, strict=True))
    conflicting = sum(float(v.conflicting[k].sum()) for v, k in zip(votes, known, strict=True))
    cast = agreeing + conflicting
    rate = max(agreeing / cast, _LEAST_RATE) if cast else None
    maps = [
        DepthMap(
            depth=depth,
            confidence=np.where(depth > 0, confidence(one, rate), 0).astype(np.float32),
            filled=np.zeros(depth.shape, bool),
        )
        for depth, one in zip(depths, votes, strict=True)
    ]
    confirmed = [
        float((one.agreeing[k] > 0).mean()) if k.any() else 0.0
        for one, k in zip(votes, known, strict=True)
    ]
    return maps, confirmed


def confidence(votes: Votes, rate: float | None) -> FloatArray:
    """(H, W) 0..1, by the formula above. rate: r; None where nobody voted."""
    if rate is None:
        return np.full(votes.agreeing.shape, _UNKNOWN)
    heard = 1.0 + votes.agreeing + votes.conflicting
    return (_SILENCE * rate + rate**_CHANCE * votes.agreeing) / heard


def _votes(index: int, cameras: Sequence[Camera], depths: Sequence[FloatArray]) -> Votes:
    depth = depths[index]
    distance = [float(np.linalg.norm(one.centre - cameras[index].centre)) for one in cameras]
    sources = [other for other in np.argsort(distance) if other != index][:_MAX_SOURCES]
    if not sources:
        return Votes(np.zeros(depth.shape, np.uint8), np.zeros(depth.shape, np.uint8))
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
    return Votes(found.agreeing.astype(np.uint8), found.conflicting.astype(np.uint8))


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
