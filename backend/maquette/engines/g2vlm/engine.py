"""Photos → G²VLM → cameras, depth, and confidence by agreement. No depth is measured: all of it is the network's.

Frames: as in maquette.types. World is the first window's; lengths have no unit.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from maquette.engines import EngineResult
from maquette.engines.dense import ONE_PHOTO, pinhole, sample_points
from maquette.engines.g2vlm.agreement import depth_maps
from maquette.engines.g2vlm.network import Seen, open_network, see_photos
from maquette.engines.lens import share_lenses
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm
from maquette.options import ReconstructOptions
from maquette.progress import Progress
from maquette.sofar import partial_of
from maquette.types import (
    Camera,
    DepthMap,
    Reconstruction,
    SparsePoints,
    Trust,
    View,
)
from maquette.workspace import Workspace
from maquette_protocol.errors import InputError

TYPES = (Camera, DepthMap, Reconstruction, SparsePoints, Trust)
_RELIABLE = 0.5  # share of confirmed pixels from which the cameras are trusted


class G2VLM:
    """The network gives poses and points; lenses are solved from the points."""

    min_photos = 1

    def reconstruct(
        self,
        views: tuple[View, ...],
        options: ReconstructOptions,
        workspace: Workspace,
        progress: Progress,
    ) -> EngineResult:
        """See maquette.engines.Engine. Raises InputError, MissingPartError where the weights are not here."""
        if options.cameras is not None:
            raise InputError(
                "G2VLM finds its own cameras.",
                hint="Leave --cameras out, or use --engine classical.",
            )
        require_g2vlm()
        folder = model_folder(str(options.model or "g2vlm"))

        def network(progress: Progress) -> Reconstruction:
            progress.update(0.0, "loading the model")
            look, window_size = open_network(folder, views)
            return _assemble(views, see_photos(views, look, window_size, progress), progress)

        end = 0.50 if options.refine else 0.70
        reconstruction = workspace.stage(
            "network", "Running G²VLM", (0.05, end), progress, network, TYPES
        )
        if options.refine and len(views) > 1:
            reconstruction = self._refined(reconstruction, views, options, workspace, progress)
        if progress.on_partial is not None:
            progress.on_partial(partial_of(reconstruction, len(views), is_levelled=False))
        return EngineResult(reconstruction=reconstruction, views=views)

    def _refined(
        self,
        reconstruction: Reconstruction,
        views: tuple[View, ...],
        options: ReconstructOptions,
        workspace: Workspace,
        progress: Progress,
    ) -> Reconstruction:
        from maquette.engines.classical.cameras import CameraOptions
        from maquette.engines.g2vlm.refining import refine

        def adjusting(progress: Progress) -> Reconstruction:
            camera_options = CameraOptions.for_quality(options.quality)
            found = refine(reconstruction, views, workspace.folder, camera_options, progress)
            return replace(
                found,
                points=sample_points(views, found.cameras, found.depth),
                trust=_judge(found.trust.evidence, len(views)),
            )

        return workspace.stage(
            "refining", "Adjusting the cameras", (0.50, 0.70), progress, adjusting, TYPES
        )


def _assemble(views: Sequence[View], seen: Sequence[Seen], progress: Progress) -> Reconstruction:
    focals = share_lenses([one.lens for one in seen], views)
    cameras = tuple(
        pinhole(view, focal, one.world_from_camera)
        for view, focal, one in zip(views, focals, seen, strict=True)
    )
    found, confirmed = depth_maps(
        cameras,
        [one.depth for one in seen],
        lambda share: progress.update(0.8 + 0.2 * share, "comparing the views"),
    )
    maps = {view.name: one for view, one in zip(views, found, strict=True)}
    evidence = {
        "confirmed_share": float(np.median(confirmed)),
        "torn_share": float(np.mean([one.is_torn for one in seen])),
        "lenses_told": float(np.mean([one.lens.fits for one in seen])),
    }
    return Reconstruction(
        cameras=cameras,
        points=sample_points(views, cameras, maps),
        trust=_judge(evidence, len(views)),
        engine="g2vlm",
        depth=maps,
        warnings=("Depth is G²VLM's estimate; nothing was measured.",),
    )


def _judge(evidence: dict[str, float], count: int) -> Trust:
    reasons: list[str] = []
    if count == 1:
        reasons.append(ONE_PHOTO)
    elif evidence["confirmed_share"] < _RELIABLE:
        reasons.append(
            f"only {evidence['confirmed_share']:.0%} of a photo's points are where another photo sees them"
        )
    if evidence["torn_share"] > 0:
        reasons.append(
            f"neighbouring pixels form no surface in {evidence['torn_share']:.0%} of the photos; they were smoothed"
        )
    if evidence["lenses_told"] < 0.5:
        reasons.append("the points fit no lens, so focal lengths are the photos' own or a guess")
    return Trust(
        level="unsure" if reasons else "trusted", reasons=tuple(reasons), evidence=evidence
    )
