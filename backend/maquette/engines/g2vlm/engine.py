"""Photos → G²VLM → cameras, depth, and confidence by agreement. No depth is measured: all of it is the network's.

Frames: as in maquette.types. World is the first window's; lengths have no unit.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from maquette.engines import EngineResult
from maquette.engines.dense import pinhole, sample_points
from maquette.engines.g2vlm.agreement import depth_with_confidence, on_surfaces
from maquette.engines.g2vlm.windows import join, plan_windows
from maquette.engines.lens import share_lenses, solve_lens
from maquette.models.catalog import model_folder
from maquette.models.extras import require_g2vlm
from maquette.options import ReconstructOptions
from maquette.photos.pixels import read_mask, read_pixels
from maquette.progress import Progress
from maquette.sofar import partial_of
from maquette.types import (
    Camera,
    DepthMap,
    FloatArray,
    Reconstruction,
    SparsePoints,
    Trust,
    View,
)
from maquette.workspace import Workspace
from maquette_protocol.errors import InputError, NoReconstructionError

TYPES = (Camera, DepthMap, Reconstruction, SparsePoints, Trust)
_WINDOW, _OVERLAP = 32, 8
_RELIABLE = 0.5  # share of confirmed pixels from which the cameras are trusted
_JOIN_POINTS = 2_000  # per shared view


class _Local(NamedTuple):
    """One view as the network sees it."""

    points: FloatArray  # (H, W, 3) float32, camera frame
    world_from_camera: FloatArray  # (4, 4) float64


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
            local = _run_network(views, folder, progress)
            return _assemble(views, local, progress)

        reconstruction = workspace.stage(
            "network", "Running G²VLM", (0.05, 0.70), progress, network, TYPES
        )
        if progress.on_partial is not None:
            progress.on_partial(partial_of(reconstruction, len(views), is_levelled=False))
        return EngineResult(reconstruction=reconstruction, views=views)


def _run_network(views: Sequence[View], folder: Path, progress: Progress) -> list[_Local]:
    import torch

    from maquette.models.g2vlm.prepare import recon_images
    from maquette.models.g2vlm.weights import LoadOptions, load_model

    progress.update(0.0, "loading the model")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_model(folder, LoadOptions(task="recon", device=device))
    joined: list[_Local] = []
    windows = plan_windows(len(views), _WINDOW, _OVERLAP)
    for number, window in enumerate(windows):
        share = 0.8 * number / len(windows)
        note = f"photos {window.start + 1} to {window.stop} of {len(views)}"
        progress.update(share, note)
        photos = [Image.fromarray(read_pixels(views[0]))] if number else []  # it sets the size
        photos += [Image.fromarray(read_pixels(views[index])) for index in window]
        images = recon_images(photos)[len(photos) - len(window) :]
        geometry = model.reconstruct(images, check=lambda done=share: progress.update(done))
        found = [
            _Local(points.cpu().numpy(), pose.cpu().numpy().astype(np.float64))
            for points, pose in zip(geometry.local_points, geometry.world_from_camera, strict=True)
        ]
        if not all(np.isfinite(one.points).all() for one in found):
            raise NoReconstructionError(
                f"G2VLM gives no numbers for {note}.",
                hint="Check the weights with: maquette models verify",
            )
        joined += _brought_along(found, joined[window.start :]) if joined else found
    return joined


def _brought_along(found: list[_Local], shared: list[_Local]) -> list[_Local]:
    """The new views of a window in the world of those before. shared: its first views, there already."""
    chosen = np.random.default_rng(0)
    source: list[FloatArray] = []
    target: list[FloatArray] = []
    for new, old in zip(found, shared, strict=False):
        pixels = chosen.integers(0, new.points[..., 0].size, _JOIN_POINTS)
        source.append(_world(new)[pixels])
        target.append(_world(old)[pixels])
    similarity = join(np.concatenate(source), np.concatenate(target))
    return [
        _Local(
            (one.points * similarity.scale).astype(np.float32),
            similarity.of_pose(one.world_from_camera),
        )
        for one in found[len(shared) :]
    ]


def _world(one: _Local) -> FloatArray:
    """(H·W, 3) float64."""
    pose = one.world_from_camera
    return one.points.reshape(-1, 3).astype(np.float64) @ pose[:3, :3].T + pose[:3, 3]


def _assemble(views: Sequence[View], local: Sequence[_Local], progress: Progress) -> Reconstruction:
    lenses = [solve_lens(one.points, view) for one, view in zip(local, views, strict=True)]
    cameras = tuple(
        pinhole(view, focal, one.world_from_camera)
        for view, focal, one in zip(views, share_lenses(lenses, views), local, strict=True)
    )
    cleaned = [
        on_surfaces(np.where(read_mask(view, one.points.shape[:2]), one.points[..., 2], 0))
        for view, one in zip(views, local, strict=True)
    ]
    depths = [depth for depth, _ in cleaned]
    maps: dict[str, DepthMap] = {}
    confirmed: list[float] = []
    for index, view in enumerate(views):
        progress.update(0.8 + 0.2 * index / len(views), "comparing the views")
        maps[view.name], share = depth_with_confidence(index, cameras, depths)
        confirmed.append(share)
    evidence = {
        "confirmed_share": float(np.median(confirmed)),
        "torn_share": float(np.mean([is_torn for _, is_torn in cleaned])),
        "lenses_told": float(np.mean([lens.fits for lens in lenses])),
    }
    return Reconstruction(
        cameras=cameras,
        points=sample_points(views, cameras, maps),
        trust=_judge(evidence, len(views)),
        engine="g2vlm",
        depth=maps,
        warnings=("Depth is G2VLM's estimate; nothing was measured.",),
    )


def _judge(evidence: dict[str, float], count: int) -> Trust:
    reasons: list[str] = []
    if count == 1:
        reasons.append("one photo alone cannot be checked against another")
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
