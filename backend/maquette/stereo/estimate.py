"""Depth maps for posed photos: the passes of stereo, one after the other over all views.

Sweep and semi-global aggregation give every pixel a depth, again in a narrow range around it at full size;
pixels at jumps choose their side anew by patch match; views then confirm each other; blank surfaces are filled from
their surroundings. Frames: OpenCV cameras, depth along camera z, scene units.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from maquette.progress import Progress
from maquette.stereo.frames import Frame, read_frame, stack
from maquette.stereo.geometry import source_depth_rows, source_projections
from maquette.stereo.options import StereoOptions
from maquette.stereo.selection import SweepPlan, inverse_depth_planes, plan_views
from maquette.types import DepthMap, FloatArray, Reconstruction, View
from maquette_kernels.consistency import Agreement, check_consistency
from maquette_kernels.patch_match import patch_match
from maquette_kernels.plane_filter import plane_filter
from maquette_kernels.plane_sweep import plane_sweep
from maquette_kernels.semi_global import semi_global

_TOLERANCE = 0.015  # relative depth difference within which two views agree
# share of pixels within 3 % of truth by the number of views that agree, on rooms with true depth
_BY_AGREEMENT = np.array([0.3, 0.55, 0.75, 0.88], np.float32)
_TEXTURE_SIDE_PX = 9  # window that tells blank from textured
_TEXTURED = 10.0  # grey levels of deviation from which agreement counts in full
_BLANK_WORTH = 0.1  # of agreement where there is no texture at all
_TOO_BLANK, _FEW = 0.4, 3  # below this worth, fewer agreeing views than this are worth nothing
_REFINE_REACH = 8  # labels of half a pixel to either side of the coarse depth
_JUMP = 1.06  # ratio of depths within _JUMP_REACH_PX that counts as a jump
_JUMP_REACH_PX = 13
_FILL_SUPPORT = 0.2  # of the pixel's neighbourhood of its colour must lie on the plane
_FILLED_CONFIDENCE = 0.4


def estimate_depth(
    views: Sequence[View],
    reconstruction: Reconstruction,
    options: StereoOptions,
    progress: Progress,
) -> dict[str, DepthMap]:
    """A depth map per camera, by name; cameras without overlap get an empty one.

    views: undistorted photos, one for each camera at least
    reconstruction: cameras and points in the same world; depth is given in its scene units
    Raises PhotoError where a photo cannot be read, Cancelled when asked to stop.
    """
    cameras = reconstruction.cameras
    by_name = {view.name: view for view in views}
    progress.update(0.0, "choosing neighbours")
    plans = plan_views(reconstruction, options.num_sources)
    frames: list[Frame] = []
    for index, camera in enumerate(cameras):
        progress.update(0.05 * index / len(cameras), f"reading {camera.name}")
        frames.append(read_frame(by_name[camera.name], camera, options.max_side_px))
    depths: list[FloatArray] = []
    for index, plan in enumerate(plans):
        progress.update(0.05 + 0.35 * index / len(plans), _note(index, len(plans)))
        depths.append(_sweep(frames, plan, options))
    if options.max_side_px > options.sweep_side_px:
        coarse = [_confirmed(frames, depths, plan, options) for plan in plans]
        refined = []
        for index, plan in enumerate(plans):
            progress.update(0.4 + 0.5 * index / len(plans), f"refining {_note(index, len(plans))}")
            base = np.where(coarse[index].depth > 0, coarse[index].depth, depths[index])
            refined.append(_sharpen(frames, plan, _refine(frames, plan, base, options), options))
        depths = refined
    result = {}
    for index, plan in enumerate(plans):
        progress.update(0.9 + 0.1 * index / len(plans), "checking across photos")
        result[cameras[index].name] = _confirmed(frames, depths, plan, options)
    progress.update(1.0)
    return result


def _note(index: int, count: int) -> str:
    return f"{index + 1} of {count} photos"


def _sweep(frames: Sequence[Frame], plan: SweepPlan, options: StereoOptions) -> FloatArray:
    """(H, W) float32 depth of the plan's reference from a sweep over its whole range."""
    if not plan.sources:
        return np.zeros(frames[plan.reference].shape, np.float32)
    reference = frames[plan.reference].reduced(options.sweep_side_px)
    sources = [frames[index].reduced(options.sweep_side_px) for index in plan.sources]
    cameras = [source.camera for source in sources]
    first, step, count = inverse_depth_planes(
        reference.camera, cameras, plan.near, plan.far, options.max_planes
    )
    grey = reference.grey()
    images, sizes = stack([source.grey() for source in sources])
    cost = plane_sweep(
        grey,
        images,
        sizes,
        source_projections(reference.camera, cameras),
        np.full(grey.shape, first, np.float32),
        step,
        count,
        radius=options.radius_px,
        num_best=(len(sources) + 1) // 2,
    )
    # firmer than in the refinement: over the whole range, blank surfaces have many depths to stray to
    labeling = semi_global(cost, grey, p1=25, p2=250, edge_softness=0.05)
    return (1 / (first + step * labeling.label)).astype(np.float32)


def _refine(
    frames: Sequence[Frame], plan: SweepPlan, base: FloatArray, options: StereoOptions
) -> FloatArray:
    """(H, W) float32 depth at full resolution: a narrow sweep around the coarse depth.

    Labels are half a pixel apart and count from the coarse surface, so smoothness means "parallel to
    it": slanted surfaces cost nothing.
    """
    reference = frames[plan.reference].reduced(options.max_side_px)
    height, width = reference.shape
    if not plan.sources or not (base > 0).any():
        return np.zeros((height, width), np.float32)
    sources = [frames[index].reduced(options.max_side_px) for index in plan.sources]
    cameras = [source.camera for source in sources]
    _, step, _ = inverse_depth_planes(reference.camera, cameras, plan.near, plan.far, 1 << 16)
    step *= 0.5
    inverse = (1 / np.maximum(base, 1e-12)).astype(np.float32)
    inverse = cv2.resize(inverse, (width, height), interpolation=cv2.INTER_LINEAR)
    first = np.maximum(inverse - _REFINE_REACH * step, 0.2 / plan.far).astype(np.float32)
    grey = reference.grey()
    images, sizes = stack([source.grey() for source in sources])
    cost = plane_sweep(
        grey,
        images,
        sizes,
        source_projections(reference.camera, cameras),
        first,
        step,
        2 * _REFINE_REACH + 1,
        radius=options.radius_px,
        num_best=(len(sources) + 1) // 2,
    )
    labeling = semi_global(cost, grey)
    return (1 / (first + step * labeling.label)).astype(np.float32)


def _sharpen(
    frames: Sequence[Frame], plan: SweepPlan, depth: FloatArray, options: StereoOptions
) -> FloatArray:
    """(H, W) float32 depth whose jumps lie on the photo's edges: there, pixels choose their side anew."""
    reach = np.ones((_JUMP_REACH_PX, _JUMP_REACH_PX), np.uint8)
    is_jump = cv2.dilate(depth, reach) > _JUMP * cv2.erode(depth, reach)
    if not plan.sources or not is_jump.any():
        return depth
    reference = frames[plan.reference].reduced(options.max_side_px)
    sources = [frames[index].reduced(options.max_side_px) for index in plan.sources]
    images, sizes = stack([source.grey() for source in sources])
    inverse = patch_match(
        reference.grey(),
        reference.pixels,
        images,
        sizes,
        source_projections(reference.camera, [source.camera for source in sources]),
        1 / depth,
        is_jump & reference.usable,
        num_best=(len(sources) + 1) // 2,
    )
    return (1 / inverse).astype(np.float32)


def _confirmed(
    frames: Sequence[Frame], depths: Sequence[FloatArray], plan: SweepPlan, options: StereoOptions
) -> DepthMap:
    """The depth that other views confirm."""
    frame, depth = frames[plan.reference], depths[plan.reference]
    if not plan.sources:
        empty = np.zeros(depth.shape, np.float32)
        return DepthMap(depth=empty, confidence=empty.copy(), filled=np.zeros(empty.shape, bool))
    agreement = _agreement(frames, depths, plan)
    reduced = frame.reduced(max(depth.shape))
    is_kept = (agreement.agreeing >= 1) & reduced.usable
    confidence = np.where(is_kept, _BY_AGREEMENT[np.minimum(agreement.agreeing, 3)], 0)
    measured = np.where(is_kept, agreement.fused, 0).astype(np.float32)
    found = _on_planes(measured, confidence.astype(np.float32), reduced, fills=options.fills)
    worth = _texture_worth(reduced)
    # measured: one or two views that agree about a blank surface are right in one case of three
    few = min(_FEW, len(plan.sources))
    worth[(worth < _TOO_BLANK) & (agreement.agreeing < few)] = 0
    worth = np.where(found.filled, 1, worth)
    return replace(found, confidence=(found.confidence * worth).astype(np.float32))


def _texture_worth(frame: Frame) -> FloatArray:
    """(H, W) how much agreement is worth: on blank walls views agree about what smoothness made up."""
    grey, side = frame.grey(), (_TEXTURE_SIDE_PX, _TEXTURE_SIDE_PX)
    mean = cv2.blur(grey, side)
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, side) - mean * mean, 0))
    return _BLANK_WORTH + (1 - _BLANK_WORTH) * np.minimum(1, deviation / _TEXTURED)


def _on_planes(
    measured: FloatArray, confidence: FloatArray, frame: Frame, *, fills: bool
) -> DepthMap:
    """Measured depth with its ripple reduced; gaps inside a surface of one colour filled."""
    planes = plane_filter(measured, confidence, frame.pixels)
    known = measured > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.abs(planes.depth / measured - 1)
    smoothed = known & (planes.depth > 0) & (moved < _TOLERANCE)
    filled = ~known & frame.usable & (planes.depth > 0) & (planes.support > _FILL_SUPPORT)
    filled &= fills
    return DepthMap(
        depth=np.where(smoothed | filled, planes.depth, measured).astype(np.float32),
        confidence=np.where(filled, _FILLED_CONFIDENCE, confidence).astype(np.float32),
        filled=filled,
    )


def _agreement(frames: Sequence[Frame], depths: Sequence[FloatArray], plan: SweepPlan) -> Agreement:
    reference = depths[plan.reference]
    cameras = [
        frames[index].camera.scaled(depths[index].shape[1], depths[index].shape[0])
        for index in plan.sources
    ]
    camera = frames[plan.reference].camera.scaled(reference.shape[1], reference.shape[0])
    stacked, sizes = stack([depths[index] for index in plan.sources])
    return check_consistency(
        reference,
        stacked,
        sizes,
        source_projections(camera, cameras),
        source_depth_rows(camera, cameras),
        _TOLERANCE,
    )
