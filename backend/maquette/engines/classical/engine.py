"""The default engine: structure from motion, then our own multi-view stereo. Needs no weights and no GPU."""

from dataclasses import replace

import numpy as np

from maquette.engines import EngineResult
from maquette.engines.classical.cameras import (
    CameraOptions,
    CameraSolution,
    estimate_cameras,
    use_cameras,
)
from maquette.options import ReconstructOptions
from maquette.progress import Progress
from maquette.sofar import partial_of
from maquette.stereo import StereoOptions, estimate_depth
from maquette.types import Camera, DepthMap, Gps, Reconstruction, SparsePoints, Trust, View
from maquette.workspace import Workspace

TYPES = (Camera, CameraSolution, DepthMap, Gps, Reconstruction, SparsePoints, Trust, View)


def keep_cameras(reconstruction: Reconstruction, names: tuple[str, ...]) -> Reconstruction:
    """The reconstruction as the named cameras alone saw it: points keep their numbers, tracks lose the rest."""
    cameras = reconstruction.cameras
    kept = [index for index, camera in enumerate(cameras) if camera.name in names]
    new_index = np.full(len(cameras), -1, np.int32)
    new_index[kept] = np.arange(len(kept), dtype=np.int32)
    points = reconstruction.points
    camera_of_observation = new_index[points.observation_camera]
    stays = camera_of_observation >= 0
    return replace(
        reconstruction,
        cameras=tuple(cameras[index] for index in kept),
        points=replace(
            points,
            observation_point=points.observation_point[stays],
            observation_camera=camera_of_observation[stays],
            observation_xy=points.observation_xy[stays],
        ),
    )


class Classical:
    """Cameras by COLMAP in a child process, depth by maquette.stereo."""

    min_photos = 2

    def reconstruct(
        self,
        views: tuple[View, ...],
        options: ReconstructOptions,
        workspace: Workspace,
        progress: Progress,
    ) -> EngineResult:
        """See maquette.engines.Engine."""

        def cameras(progress: Progress) -> CameraSolution:
            camera_options = CameraOptions.for_quality(options.quality)
            if options.cameras is not None:
                return use_cameras(
                    views, options.cameras, workspace.folder, camera_options, progress
                )
            return estimate_cameras(views, workspace.folder, camera_options, progress)

        solution = workspace.stage(
            "cameras", "Finding the cameras", (0.05, 0.30), progress, cameras, TYPES
        )

        if progress.on_partial is not None:
            seen = solution.reconstruction
            progress.on_partial(partial_of(seen, len(views), is_levelled=False))

        def depth(progress: Progress) -> dict[str, DepthMap]:
            stereo_options = StereoOptions.for_quality(options.quality)
            seen = solution.reconstruction
            if options.depth_views is None:
                return estimate_depth(solution.views, seen, stereo_options, progress)
            kept = tuple(v for v in solution.views if v.name in options.depth_views)
            return estimate_depth(
                kept, keep_cameras(seen, options.depth_views), stereo_options, progress
            )

        maps = workspace.stage("depth", "Measuring depth", (0.30, 0.70), progress, depth, TYPES)
        reconstruction = replace(solution.reconstruction, depth=maps)
        return EngineResult(reconstruction=reconstruction, views=solution.views)
