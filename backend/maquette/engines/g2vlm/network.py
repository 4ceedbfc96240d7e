"""Photos through the network: as many at once as memory holds, more of them in windows that overlap.

What is kept of a photo is its depth, its lens and a few of its points: 1 MB at the network's size. Windows follow the
photos' order; each is joined to those before by the similarity of its shared photos' points.
Frames: OpenCV cameras; world is the first window's; lengths have no unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from maquette.engines.g2vlm.agreement import on_surfaces
from maquette.engines.g2vlm.windows import join, plan_windows
from maquette.engines.lens import Lens, solve_lens
from maquette.photos.pixels import read_mask, read_pixels
from maquette.progress import Progress
from maquette.types import FloatArray, View
from maquette_protocol.errors import NoReconstructionError

if TYPE_CHECKING:
    from torch import Tensor

MAX_WINDOW = 32
_OVERLAP = 8  # photos that neighbouring windows share; a quarter of small windows
_JOIN_POINTS = 2_000  # per shared photo


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One photo as the network sees it."""

    depth: FloatArray  # (H, W) float32 along camera z, 0 at edges and where masked
    is_torn: bool  # neighbouring pixels formed no surface: it was smoothed
    lens: Lens
    sample: (
        FloatArray  # (_JOIN_POINTS, 3) float32, camera frame: points of the same pixels in each run
    )
    world_from_camera: FloatArray  # (4, 4) float64

    @property
    def sample_world(self) -> FloatArray:
        """(_JOIN_POINTS, 3) float64."""
        pose = self.world_from_camera
        return self.sample.astype(np.float64) @ pose[:3, :3].T + pose[:3, 3]


class Window(NamedTuple):
    """What the network gives for a few photos."""

    points: FloatArray  # (N, H, W, 3) float32, camera frames
    world_from_camera: FloatArray  # (N, 4, 4) float64


Look = Callable[[Sequence[View], Callable[[], None]], Window]  # photos, called between stages


def see_photos(
    views: Sequence[View], look: Look, window_size: int, progress: Progress
) -> list[Seen]:
    """All photos in one world. Raises NoReconstructionError where the network gives no numbers."""
    seen: list[Seen] = []
    windows = plan_windows(len(views), window_size, min(_OVERLAP, max(1, window_size // 4)))
    for number, window in enumerate(windows):
        share = 0.8 * number / len(windows)
        note = f"photos {window.start + 1} to {window.stop} of {len(views)}"
        progress.update(share, note)
        photos = [views[index] for index in window]
        points, poses = look(photos, lambda done=share, note=note: progress.update(done, note))
        if not np.isfinite(points).all():
            raise NoReconstructionError(
                f"G²VLM gives no numbers for {note}.",
                hint="Check the weights with: maquette models verify g2vlm",
            )
        found = [_reduced(*parts) for parts in zip(photos, points, poses, window, strict=True)]
        seen += _brought_along(found, seen[window.start :]) if seen else found
    return seen


def _reduced(view: View, points: FloatArray, pose: FloatArray, index: int) -> Seen:
    """What is kept. points: (H, W, 3) float32; index: of the photo, so that each run samples the same pixels of it."""
    height, width = points.shape[:2]
    usable = read_mask(view, (height, width))
    depth, is_torn = on_surfaces(np.where(usable, points[..., 2], 0))
    flat = points.reshape(-1, 3)
    chosen = np.random.default_rng(index).integers(0, len(flat), _JOIN_POINTS)
    return Seen(
        depth=depth,
        is_torn=is_torn,
        lens=solve_lens(points, view),
        sample=flat[chosen],
        world_from_camera=pose,
    )


def _brought_along(found: Sequence[Seen], shared: Sequence[Seen]) -> list[Seen]:
    """The new photos of a window in the world of those before. shared: its first photos, there already."""
    source = [new.sample_world for new in found[: len(shared)]]
    target = [old.sample_world for old in shared]
    similarity = join(np.concatenate(source), np.concatenate(target))
    return [
        replace(
            one,
            depth=(one.depth * similarity.scale).astype(np.float32),
            sample=(one.sample * similarity.scale).astype(np.float32),
            world_from_camera=similarity.of_pose(one.world_from_camera),
        )
        for one in found[len(shared) :]
    ]


def open_network(folder: Path, views: Sequence[View]) -> tuple[Look, int]:
    """The loaded model as a Look, and how many photos at once its memory holds.

    Raises InputError where the weights are not G²VLM's, OutOfMemoryError.
    """
    from maquette.models.g2vlm.config import Config
    from maquette.models.g2vlm.memory import place
    from maquette.models.g2vlm.prepare import recon_size
    from maquette.models.g2vlm.weights import LoadOptions, load_model

    count = min(len(views), MAX_WINDOW)
    where = place(Config.load(folder), "recon", count, at_least=_OVERLAP)
    size = recon_size(views[0].width, views[0].height)
    model = load_model(folder, LoadOptions(task="recon", device=where.device, dtype=where.dtype))

    def look(photos: Sequence[View], check: Callable[[], None]) -> Window:
        geometry = model.reconstruct(_images(photos, size), check=check)
        return Window(
            geometry.local_points.cpu().numpy(),
            geometry.world_from_camera.cpu().numpy().astype(np.float64),
        )

    return look, where.num_photos


def _images(views: Sequence[View], size: tuple[int, int]) -> "Tensor":
    """(N, 3, H, W) float32 in 0..1; one photo at full size at a time."""
    import torch

    from maquette.models.g2vlm.prepare import recon_image

    return torch.stack([recon_image(Image.fromarray(read_pixels(view)), size) for view in views])
