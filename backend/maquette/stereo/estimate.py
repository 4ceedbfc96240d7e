"""Depth maps for posed photos: the passes of stereo, one after the other over all views.

Sweep and semi-global aggregation give every pixel a depth; views then confirm each other; blank
surfaces are filled from their surroundings. Frames: OpenCV cameras, depth along camera z, scene units.
"""

from collections.abc import Sequence

import numpy as np

from maquette.progress import Progress
from maquette.stereo.frames import Frame, read_frame, stack
from maquette.stereo.geometry import source_depth_rows, source_projections
from maquette.stereo.options import StereoOptions
from maquette.stereo.selection import SweepPlan, inverse_depth_planes, plan_views
from maquette.types import DepthMap, FloatArray, Reconstruction, View
from maquette_kernels.consistency import Agreement, check_consistency
from maquette_kernels.plane_sweep import plane_sweep
from maquette_kernels.semi_global import semi_global

_TOLERANCE = 0.015  # relative depth difference within which two views agree


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
        progress.update(0.05 + 0.7 * index / len(plans), _note(index, len(plans)))
        depths.append(_sweep(frames, plan, options))
    result = {}
    for index, plan in enumerate(plans):
        progress.update(0.75 + 0.25 * index / len(plans), "checking across photos")
        result[cameras[index].name] = _confirmed(frames, depths, plan)
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
    labeling = semi_global(cost, grey)
    return (1 / (first + step * labeling.label)).astype(np.float32)


def _confirmed(frames: Sequence[Frame], depths: Sequence[FloatArray], plan: SweepPlan) -> DepthMap:
    """The depth that other views confirm."""
    frame, depth = frames[plan.reference], depths[plan.reference]
    if not plan.sources:
        empty = np.zeros(depth.shape, np.float32)
        return DepthMap(depth=empty, confidence=empty.copy(), filled=np.zeros(empty.shape, bool))
    agreement = _agreement(frames, depths, plan)
    is_kept = agreement.agreeing >= 1
    usable = frame.reduced(max(depth.shape)).usable
    is_kept &= usable
    confidence = np.where(is_kept, np.where(agreement.agreeing >= 2, 0.82, 0.7), 0.0)
    return DepthMap(
        depth=np.where(is_kept, agreement.fused, 0).astype(np.float32),
        confidence=confidence.astype(np.float32),
        filled=np.zeros(depth.shape, bool),
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
