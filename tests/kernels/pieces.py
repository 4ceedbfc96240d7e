"""Pieces of real photos for the kernels, and the geometry between two of them."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


class OfficePieces:
    """Cuts pieces of any size out of the office photos, reduced to 480 pixels of width."""

    def __init__(self, folder: Path) -> None:
        self._files = sorted(folder.glob("*.jpg"))

    def rgb(self, number: int, height: int, width: int, left: int = 120, top: int = 90) -> NDArray:
        """(height, width, 3) uint8 of one photo."""
        photo = cv2.imread(str(self._files[number]))
        assert photo is not None
        size = 480, round(480 * photo.shape[0] / photo.shape[1])
        small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(small[top : top + height, left : left + width, ::-1])

    def grey(self, number: int, height: int, width: int, left: int = 120, top: int = 90) -> NDArray:
        """(height, width) float32, 0..255."""
        rgb = self.rgb(number, height, width, left, top)
        return rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def padded(images: list[NDArray]) -> tuple[NDArray, NDArray]:
    """(images in one array, padded with NaN so that a read beyond one shows; their sizes (S, 2))."""
    sizes = np.array([image.shape for image in images], np.int32)
    stack = np.full((len(images), *sizes.max(axis=0)), np.nan, np.float32)
    for number, image in enumerate(images):
        stack[number, : image.shape[0], : image.shape[1]] = image
    return stack, sizes


def camera_pair(
    height: int, width: int, turn: NDArray, move: NDArray, focal: float
) -> tuple[NDArray, NDArray]:
    """(projection (3, 4), depth row (4,)) from a camera into one turned by `turn` (3,) rad, moved by `move`.

    projection: source pixel ~ projection @ (x, y, 1, inverse depth); the row gives the source's depth from
    (x·depth, y·depth, depth, 1).
    """
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    rotation, _ = cv2.Rodrigues(np.asarray(turn, float))
    projection = np.column_stack([K @ rotation @ np.linalg.inv(K), K @ np.asarray(move, float)])
    return projection.astype(np.float32), projection[2].astype(np.float32)
