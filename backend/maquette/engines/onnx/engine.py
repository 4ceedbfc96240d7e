"""One photo → an ONNX model → camera and depth. No depth is measured: all of it is the model's.

Frames: as in maquette.types. World is the camera's.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maquette.engines import EngineResult
from maquette.engines.dense import ONE_PHOTO, pinhole, sample_points
from maquette.engines.onnx.geometry import estimate
from maquette.models.onnx.card import OnnxCard
from maquette.models.onnx.find import find_onnx
from maquette.models.onnx.session import Session
from maquette.options import ReconstructOptions
from maquette.photos.pixels import read_mask, read_pixels
from maquette.progress import Progress
from maquette.sofar import partial_of
from maquette.types import Camera, DepthMap, Reconstruction, SparsePoints, Trust, View
from maquette.workspace import Workspace
from maquette_protocol.errors import InputError

TYPES = (Camera, DepthMap, Reconstruction, SparsePoints, Trust)
_UNCHECKED = 0.5  # confidence of what no other photo sees, as in engines that compare several


class Onnx:
    """Any model that a card describes (maquette.models.onnx.card)."""

    min_photos = 1

    def reconstruct(
        self,
        views: tuple[View, ...],
        options: ReconstructOptions,
        workspace: Workspace,
        progress: Progress,
    ) -> EngineResult:
        """See maquette.engines.Engine. Raises InputError, MissingPartError where model or runtime is not here."""
        _check(views, options)
        card, file = find_onnx(options.model)

        def network(progress: Progress) -> Reconstruction:
            return _reconstruct(views[0], card, file, progress)

        reconstruction = workspace.stage(
            "network", f"Running {card.title}", (0.05, 0.70), progress, network, TYPES
        )
        if progress.on_partial is not None:
            progress.on_partial(partial_of(reconstruction, 1, is_levelled=False))
        return EngineResult(reconstruction=reconstruction, views=views)


def _check(views: Sequence[View], options: ReconstructOptions) -> None:
    if len(views) > 1:
        raise InputError(
            f"The engine onnx makes a scene of one photo, and {len(views)} were given.",
            hint="Give one, or use --engine classical or --engine g2vlm for several.",
        )
    if options.refine:
        raise InputError(
            "One photo has no matches to refine its camera by.",
            hint="Leave --refine out, or give several photos to --engine g2vlm.",
        )
    if options.cameras is not None:
        raise InputError(
            "The engine onnx finds its own camera.",
            hint="Leave --cameras out, or use --engine classical.",
        )


def _reconstruct(view: View, card: OnnxCard, file: Path, progress: Progress) -> Reconstruction:
    progress.update(0.0, "loading the model")
    session = Session(card, file)
    found = session.run(read_pixels(view), progress)
    progress.update(0.9, "depth and lens")
    made = estimate(card, found, view, read_mask(view, found.values.shape[:2]), progress)
    camera = pinhole(view, made.focal_px, np.eye(4))
    known = made.depth > 0
    depth = DepthMap(
        depth=made.depth,
        confidence=np.where(known, _UNCHECKED, 0).astype(np.float32),
        filled=np.zeros(known.shape, bool),
    )
    device = session.device
    started = f"; {device.note}" if device.note else ""
    maps = {view.name: depth}
    return Reconstruction(
        cameras=(camera,),
        points=sample_points([view], [camera], maps),
        trust=Trust(
            level="unsure",
            reasons=(ONE_PHOTO, *made.doubts),
            evidence={"known_share": float(known.mean()), "focal_px": made.focal_px},
        ),
        engine="onnx",
        depth=maps,
        is_metric=card.output.is_metric,
        warnings=(
            f"Depth is {card.title}'s estimate, run on {device.name}{started}; nothing was measured.",
            *made.notes,
        ),
    )
