"""What a model's output means in space: depth of every pixel, the lens, and how either was come by.

Frames: as in maquette.types.
"""

from dataclasses import dataclass

import numpy as np

from maquette.engines.dense import pinhole
from maquette.engines.lens import Lens, guessed_focal, is_sane, solve_lens, solve_shift
from maquette.engines.onnx.upright import upright_shift
from maquette.level.up import vertical_in_photo
from maquette.models.onnx.card import OnnxCard
from maquette.models.onnx.session import Prediction
from maquette.progress import Progress
from maquette.types import BoolArray, Camera, FloatArray, View
from maquette_protocol.errors import NoReconstructionError

_DIFFERS = 0.15  # two sources of a focal length that are farther apart contradict one another


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One photo's depth and lens, and what there is to say of them."""

    depth: FloatArray  # (H, W) float32 along camera z, 0 = unknown
    focal_px: float  # at the view's full size
    notes: tuple[str, ...]  # what was assumed
    doubts: tuple[str, ...]  # why the camera may be wrong


def estimate(
    card: OnnxCard, found: Prediction, view: View, usable: BoolArray, progress: Progress
) -> Estimate:
    """Depth and lens from a prediction.

    usable: (H, W) at the prediction's size: where the photo may be used
    Raises NoReconstructionError where the prediction holds no depth.
    """
    usable = usable & found.usable & np.isfinite(found.values.reshape(*usable.shape, -1)).all(-1)
    if card.output.kind == "points":
        depth, focal_px, doubts = _from_points(card, found, view, usable)
        notes: tuple[str, ...] = ()
    else:
        focal_px, doubts = _chosen(view, found, Lens(0.0, False))
        camera = pinhole(view, focal_px, np.eye(4))
        depth, notes = _from_depth(card, found.values, usable, view, camera, progress)
        if card.output.depth_follows_focal and found.focal_per_width:
            depth *= focal_px / (found.focal_per_width * view.width)
    depth = np.where(usable & (depth > 0), depth, 0).astype(np.float32) * np.float32(found.scale)
    if (depth > 0).mean() < 0.01:
        raise NoReconstructionError(
            f"{card.title} sees no depth in {view.name}.",
            hint="Try another photo; one of things in front of one another, not of a flat picture.",
        )
    return Estimate(depth=depth, focal_px=focal_px, notes=notes, doubts=doubts)


def _from_points(
    card: OnnxCard, found: Prediction, view: View, usable: BoolArray
) -> tuple[FloatArray, float, tuple[str, ...]]:
    points = np.where(usable[..., None], found.values, np.nan)
    if not card.output.is_affine:
        lens = solve_lens(points, view)
        return points[..., 2], *_chosen(view, found, lens)
    lens, shift = solve_shift(points, view)
    focal_px, doubts = _chosen(view, found, lens)
    if focal_px != lens.focal_px:
        shift = solve_shift(points, view, focal_px)[1]
    return points[..., 2] + shift, focal_px, doubts


def _chosen(view: View, found: Prediction, solved: Lens) -> tuple[float, tuple[str, ...]]:
    """(focal length in pixels, doubts): the photo's record, else the model's word, else its points', else a guess."""
    told = (found.focal_per_width or 0.0) * view.width
    from_points = solved.focal_px if solved.fits else 0.0
    sources = {
        "the photo's record": view.focal_px or 0.0,
        "the model": told if is_sane(told, view) else 0.0,
        "the model's points": from_points,
    }
    there = [(name, focal) for name, focal in sources.items() if focal > 0]
    if not there:
        guess = guessed_focal(view)
        return guess, (
            f"nothing tells the lens, so a phone's was assumed ({guess / max(view.width, view.height):g} of the "
            "photo's longer side)",
        )
    name, focal = there[0]
    doubts = tuple(
        f"{name} and {other} contradict one another: focal lengths of {focal:.0f} and {second:.0f} pixels"
        for other, second in there[1:]
        if abs(second / focal - 1) > _DIFFERS
    )
    return focal, doubts


def _from_depth(
    card: OnnxCard,
    values: FloatArray,
    usable: BoolArray,
    view: View,
    camera: Camera,
    progress: Progress,
) -> tuple[FloatArray, tuple[str, ...]]:
    """(depth, what was assumed)."""
    inverse = card.output.kind == "disparity"
    if not card.output.is_affine:
        depth = np.divide(1, values, where=values > 0, out=np.zeros_like(values))
        return (depth if inverse else values), ()
    low, high = np.percentile(values[usable], [1, 99]) if usable.any() else (0.0, 0.0)
    if not high - low > 1e-6 * max(abs(high), abs(low)):
        return np.zeros_like(values), ()
    vertical = vertical_in_photo(view, camera, progress) if inverse else None
    shift = None if vertical is None else upright_shift(values, usable, camera, vertical)
    if shift is not None:
        note = (
            f"{card.title} tells depth but for its scale and a shift; the shift was chosen so that floors are "
            "level and walls upright."
        )
        return 1 / np.maximum(values + shift, (low + shift) / 2), (note,)
    ratio = card.output.far_over_near
    # the least shift with which the largest is at most so many times the smallest
    shift = max(0.0, float(high - ratio * low) / (ratio - 1))
    # the farthest hundredth may be up to twice as far as that, and never behind the camera
    shifted = np.maximum(values + shift, (low + shift) / 2)
    note = (
        f"{card.title} tells depth but for its scale and a shift: the farthest is taken to be at most "
        f"{ratio:g} times as far away as the nearest."
    )
    return (1 / shifted if inverse else shifted), (note,)
