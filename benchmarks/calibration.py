"""Whether a depth map's confidence is what it says: the share of such pixels that are within 3 % of the truth."""

from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np


def calibration(out: Path, truth: dict[str, Any], scorer: ModuleType) -> tuple[float, float]:
    """(expected calibration error, mean confidence) over ten bins, depth scaled to the truth's by the median."""
    ratios, confidences = [], []
    for file in sorted((out / "depth").glob("*.npz")):
        name = next((n for n in truth["images"] if Path(n).stem == file.stem), None)
        true = scorer.true_depth(truth, name) if name else None
        if true is None:
            continue
        with np.load(file) as maps:
            depth, confidence = maps["depth"], maps["confidence"]
        size = (depth.shape[1], depth.shape[0])
        true = cv2.resize(true.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
        both = (true > 0) & (depth > 0)
        ratios.append(depth[both] / true[both])
        confidences.append(confidence[both])
    ratio, confidence = np.concatenate(ratios), np.concatenate(confidences)
    right = np.abs(ratio / np.median(ratio) - 1) < 0.03
    bins = np.minimum((confidence * 10).astype(int), 9)
    count = np.bincount(bins, minlength=10)
    gap = np.bincount(bins, right, minlength=10) - np.bincount(bins, confidence, minlength=10)
    return float(np.abs(gap).sum() / count.sum()), float(confidence.mean())
