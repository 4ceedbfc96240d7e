"""How well the engine g2vlm's confidence tells the share of depth that is right, on true depth with made errors.

    python benchmarks/agreement.py TRUTH...

TRUTH: folders with cameras.json (K, cam_to_world and a depth picture for each photo). No weights are needed: the true
maps are changed as a network errs, smoothly, with a scale of each view's own, wrong in patches, seen from cameras that
are off; at four sizes of error. Printed for each: the share of pixels within 3 % of the truth, the mean confidence, and
the expected calibration error over ten bins.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from maquette.engines.g2vlm.agreement import depth_maps, without_edges
from maquette.types import Camera, FloatArray

_WIDTH = 192


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Standard deviations, of depth in parts."""

    smooth: float
    scale: float
    wrong_share: float
    rotation_deg: float
    offset: float  # of the camera, in median depths


LEVELS = (
    Errors(smooth=0.01, scale=0.005, wrong_share=0.05, rotation_deg=0.1, offset=0.003),
    Errors(smooth=0.02, scale=0.01, wrong_share=0.15, rotation_deg=0.3, offset=0.005),
    Errors(smooth=0.04, scale=0.02, wrong_share=0.25, rotation_deg=0.5, offset=0.01),
    Errors(smooth=0.08, scale=0.04, wrong_share=0.4, rotation_deg=1.0, offset=0.02),
)


def main() -> None:
    """Print one line for each set and level."""
    parser = argparse.ArgumentParser(description="Calibration of confidence by agreement.")
    parser.add_argument("truth", nargs="+", type=Path, metavar="TRUTH")
    for folder in parser.parse_args().truth:
        cameras, truth = read_truth(folder)
        for errors in LEVELS:
            moved, depths = with_errors(cameras, truth, errors)
            right_share, told, gap = calibration(moved, depths, truth)
            print(
                f"{folder.name:18} smooth {errors.smooth:.0%}, wrong {errors.wrong_share:.0%}: "
                f"right {right_share:.0%}, told {told:.0%}, calibration error {gap:.3f}"
            )


def read_truth(folder: Path) -> tuple[list[Camera], list[FloatArray]]:
    """Cameras and depth (H, W), _WIDTH wide."""
    described: dict[str, Any] = json.loads((folder / "cameras.json").read_text(encoding="utf-8"))
    cameras: list[Camera] = []
    depths: list[FloatArray] = []
    for name, one in sorted(described["images"].items()):
        if not one.get("depth"):
            continue
        stored = cv2.imread(str(folder / one["depth"]), cv2.IMREAD_UNCHANGED)
        assert stored is not None, one["depth"]
        height = round(stored.shape[0] * _WIDTH / stored.shape[1])
        small = cv2.resize(stored, (_WIDTH, height), interpolation=cv2.INTER_NEAREST)
        depths.append(small.astype(np.float32) * one["depth_scale"])
        cameras.append(
            Camera(
                name=name,
                width=one["width"],
                height=one["height"],
                K=np.array(one["K"], float),
                world_from_camera=np.array(one["cam_to_world"], float),
            )
        )
    return cameras, depths


def with_errors(
    cameras: Sequence[Camera], truth: Sequence[FloatArray], errors: Errors
) -> tuple[list[Camera], list[FloatArray]]:
    """The same as a network might see them."""
    rng = np.random.default_rng(1)
    unit = float(np.median([np.median(depth[depth > 0]) for depth in truth]))
    moved: list[Camera] = []
    depths: list[FloatArray] = []
    for camera, depth in zip(cameras, truth, strict=True):
        error = errors.smooth * _field(rng, depth, 6) + errors.scale * rng.normal()
        patches = _field(rng, depth, 8)
        is_wrong = patches > np.quantile(patches, 1 - errors.wrong_share)
        error = np.where(is_wrong, error + 0.25 * _field(rng, depth, 5), error)
        depths.append(without_edges(np.where(depth > 0, depth * np.exp(error), 0)))
        pose = camera.world_from_camera.copy()
        turn, _ = cv2.Rodrigues(rng.normal(size=3) * np.deg2rad(errors.rotation_deg))
        pose[:3, :3] = pose[:3, :3] @ turn
        pose[:3, 3] += rng.normal(size=3) * errors.offset * unit
        moved.append(replace(camera, world_from_camera=pose))
    return moved, depths


def _field(rng: np.random.Generator, like: FloatArray, cells: int) -> FloatArray:
    """Smooth noise of deviation 1."""
    coarse = rng.normal(size=(cells, cells)).astype(np.float32)
    smooth = cv2.resize(coarse, like.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return smooth / smooth.std()


def calibration(
    cameras: Sequence[Camera], depths: Sequence[FloatArray], truth: Sequence[FloatArray]
) -> tuple[float, float, float]:
    """(share that is right, mean confidence, expected calibration error)."""
    maps, _ = depth_maps(cameras, depths)
    known = [(one.depth > 0) & (true > 0) for one, true in zip(maps, truth, strict=True)]
    told = np.concatenate([one.confidence[k] for one, k in zip(maps, known, strict=True)])
    ratio = np.concatenate(
        [one.depth[k] / true[k] for one, true, k in zip(maps, truth, known, strict=True)]
    )
    right = np.abs(np.log(ratio)) < 0.03
    bins = np.minimum((told * 10).astype(int), 9)
    gaps = np.bincount(bins, right, minlength=10) - np.bincount(bins, told, minlength=10)
    return float(right.mean()), float(told.mean()), float(np.abs(gaps).sum() / len(told))


if __name__ == "__main__":
    main()
