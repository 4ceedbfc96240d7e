"""The photos at stereo's resolution, and stacks of neighbours as the kernels take them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from maquette.photos.pixels import read_mask, read_pixels
from maquette.types import BoolArray, ByteArray, Camera, FloatArray, IntArray, View


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One photo at one resolution with the camera to match; kept in 8 bits to bound memory."""

    camera: Camera  # scaled
    pixels: ByteArray  # (H, W, 3) sRGB
    usable: BoolArray  # (H, W) false where masked or sky

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.usable.shape[0], self.usable.shape[1]

    def grey(self) -> FloatArray:
        """(H, W) float32, 0..255."""
        return cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)

    def reduced(self, max_side_px: int) -> "Frame":
        """The same at most `max_side_px` long."""
        height, width = self.shape
        scale = max_side_px / max(height, width)
        if scale >= 1:
            return self
        size = max(2, round(width * scale)), max(2, round(height * scale))
        usable = cv2.resize(self.usable.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return Frame(
            camera=self.camera.scaled(*size),
            pixels=np.asarray(
                cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8
            ),
            usable=usable >= 0.5,
        )


def read_frame(view: View, camera: Camera, max_side_px: int) -> Frame:
    """The view's photo and mask, at most `max_side_px` long."""
    pixels = read_pixels(view, max_side_px)
    height, width = pixels.shape[:2]
    return Frame(
        camera=camera.scaled(width, height),
        pixels=pixels,
        usable=read_mask(view, (height, width)),
    )


def stack(images: Sequence[FloatArray]) -> tuple[FloatArray, IntArray]:
    """((S, H, W) float32 padded with zeros to the largest, (S, 2) int32 true sizes)."""
    height = max(image.shape[0] for image in images)
    width = max(image.shape[1] for image in images)
    stacked = np.zeros((len(images), height, width), np.float32)
    for index, image in enumerate(images):
        stacked[index, : image.shape[0], : image.shape[1]] = image
    return stacked, np.array([image.shape for image in images], np.int32)
