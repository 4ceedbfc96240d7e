"""Photos to the tensors that the two encoders take. Pixels are Pillow's 8-bit resizing, exactly.

Sizes are (height, width) in pixels. Geometry: all photos have the size that follows from the first one's sides.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from maquette.models.g2vlm.config import VitConfig
from maquette_protocol.errors import InputError, PhotoError

RECON_WIDTH_PX = 518
VIT_SIZE_PX = (768, 768)
_PATCH = 14
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_MIN_PIXELS, _MAX_PIXELS = 3136, 12845056


def open_photo(path: Path) -> Image.Image:
    """An RGB image; transparency is laid on white. Raises PhotoError."""
    try:
        with Image.open(path) as image:
            return to_rgb(image)
    except OSError as error:
        raise PhotoError(f"{path} cannot be read as a picture: {error}.") from error


def to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB, whatever the mode was."""
    if image.mode == "RGB":
        return image.copy()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, (255, 255, 255))
        white.paste(image, mask=image.getchannel("A"))
        return white
    return image.convert("RGB")


def recon_size(width: int, height: int, recon_width: int = RECON_WIDTH_PX) -> tuple[int, int]:
    """(height, width) of the geometry branch for a first photo of these sides. Raises InputError."""
    rows = round(height * (recon_width / width) / _PATCH)
    if rows < 1:
        raise InputError(
            f"A photo of {width} x {height} pixels is too flat for G2VLM.",
            hint="Crop it: it must be less than 37 times as wide as high.",
        )
    return rows * _PATCH, recon_width


def recon_images(photos: Sequence[Image.Image], recon_width: int = RECON_WIDTH_PX) -> Tensor:
    """(N, 3, H, W) float32 in 0..1, all at the first photo's size."""
    size = recon_size(*photos[0].size, recon_width)
    return torch.stack([recon_image(photo, size) for photo in photos])


def recon_image(photo: Image.Image, size: tuple[int, int]) -> Tensor:
    """(3, H, W) float32 in 0..1 of `size` (H, W)."""
    return _channels_first(photo.resize((size[1], size[0]), Image.Resampling.LANCZOS))


def normalize_recon(images: Tensor) -> Tensor:
    """As DINOv2 was trained: ImageNet's mean and deviation. (N, 3, H, W)."""
    mean = images.new_tensor(_IMAGENET_MEAN)[:, None, None]
    return (images - mean) / images.new_tensor(_IMAGENET_STD)[:, None, None]


def smart_resize(height: int, width: int, factor: int) -> tuple[int, int]:
    """The next size with sides that `factor` divides, within the processor's limits of pixels.

    Source: the Qwen2-VL image processor's rule.
    """
    rows, columns = round(height / factor) * factor, round(width / factor) * factor
    if rows * columns > _MAX_PIXELS:
        scale = math.sqrt(height * width / _MAX_PIXELS)
        rows = max(factor, math.floor(height / scale / factor) * factor)
        columns = max(factor, math.floor(width / scale / factor) * factor)
    elif rows * columns < _MIN_PIXELS:
        scale = math.sqrt(_MIN_PIXELS / (height * width))
        rows = math.ceil(height * scale / factor) * factor
        columns = math.ceil(width * scale / factor) * factor
    return rows, columns


def vit_photo(
    photo: Image.Image, config: VitConfig, size: tuple[int, int] = VIT_SIZE_PX
) -> Image.Image:
    """The photo as the ViT sees it: squeezed to `size`, then to sides that its patches fill.

    The published transform hands its (height, width) to a resize that takes (width, height); so do we.
    """
    squeezed = photo.resize(size, Image.Resampling.BICUBIC)
    factor = config.patch_size * config.spatial_merge_size
    rows, columns = smart_resize(squeezed.height, squeezed.width, factor)
    return squeezed.resize((columns, rows), Image.Resampling.BICUBIC)


def vit_patches(photo: Image.Image, config: VitConfig) -> tuple[Tensor, tuple[int, int]]:
    """Flattened patches (h·w, channels·frames·14·14) float32, groups of 2x2 first; and the grid (h, w)."""
    pixels = _channels_first(photo)
    mean, std = pixels.new_tensor(_CLIP_MEAN), pixels.new_tensor(_CLIP_STD)
    pixels = (pixels - mean[:, None, None]) / std[:, None, None]
    size, merge = config.patch_size, config.spatial_merge_size
    rows, columns = pixels.shape[1] // size, pixels.shape[2] // size
    patches = pixels.reshape(3, rows // merge, merge, size, columns // merge, merge, size)
    patches = patches.permute(1, 4, 2, 5, 0, 3, 6)  # (h/2, w/2, 2, 2, channel, row, column)
    patches = patches.unsqueeze(5).expand(-1, -1, -1, -1, -1, config.temporal_patch_size, -1, -1)
    return patches.reshape(rows * columns, -1).contiguous(), (rows, columns)


def _channels_first(photo: Image.Image) -> Tensor:
    pixels = torch.from_numpy(np.array(photo, np.uint8)).permute(2, 0, 1)
    return pixels.to(torch.float32) / 255
