"""Cameras that are about right, brought onto matched points: triangulated, adjusted, and again with less tolerance.

Runs in the child process, with COLMAP. Source: bundle adjustment after Triggs et al. 1999, with a robust (Cauchy) loss.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pycolmap

# of the longer side: what an observation may be off and still count; the last is about COLMAP's own 4 pixels
_TOLERANCES = (0.03, 0.01, 0.003, 0.003)
_ANGLE_PER_TOLERANCE = 0.75  # in radians: about the longer side over the focal length


def adjust(
    model: pycolmap.Reconstruction,
    request: dict[str, Any],
    options: pycolmap.IncrementalPipelineOptions,
    out: Path,
) -> pycolmap.Reconstruction:
    """The same cameras adjusted, with points. options: of the triangulation; its tolerances are set here."""
    side_px = max(max(camera.width, camera.height) for camera in model.cameras.values())
    for tolerance in _TOLERANCES:
        limit_px, angle_deg = (
            tolerance * side_px,
            float(np.rad2deg(tolerance * _ANGLE_PER_TOLERANCE)),
        )
        options.mapper.filter_max_reproj_error = limit_px
        triangulation = options.triangulation
        triangulation.create_max_angle_error = angle_deg
        triangulation.continue_max_angle_error = angle_deg
        triangulation.merge_max_reproj_error = limit_px
        triangulation.complete_max_reproj_error = limit_px
        model = pycolmap.triangulate_points(
            model,
            request["database"],
            request["images"],
            out,
            clear_points=True,
            options=options,
            refine_intrinsics=False,
        )
        if model.num_points3D() == 0:
            return model
        pycolmap.bundle_adjustment(model, _robust(limit_px / 4, request["threads"]))
    return model


def _robust(scale_px: float, threads: int) -> pycolmap.BundleAdjustmentOptions:
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.ceres.loss_function_type = pycolmap.LossFunctionType.CAUCHY
    options.ceres.loss_function_scale = scale_px
    options.ceres.solver_options.num_threads = threads
    options.refine_focal_length = True
    options.refine_principal_point = False
    options.refine_extra_params = False
    return options
