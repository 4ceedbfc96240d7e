"""Where the model computes, in which precision, and how many photos at once its memory holds."""

from dataclasses import dataclass
from functools import cache

import torch

from maquette.machine import free_memory_mb
from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.weights import Task, size_bytes
from maquette_protocol.errors import OutOfMemoryError

_FIXED_BYTES = 5e8  # libraries, the words, one photo's pixels
_GEOMETRY_TOKENS, _WORD_TOKENS = 37 * 37 + 2, 27 * 27 + 2  # of a square photo, in both encoders
# at the peak, all photos' geometry tokens are under way: 32 rows of float32 each were measured, with layers of the
# published widths on a CPU; words only fill the cache
_ROWS_PER_TOKEN = 35
_CACHE_GROWTH = 2.5  # the cache's old and new copy while it grows by half


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where to compute."""

    device: str
    dtype: torch.dtype
    num_photos: int  # so many at once


def place(
    config: Config,
    task: Task,
    num_photos: int,
    *,
    at_least: int = 1,
    free_bytes: float | None = None,
) -> Placement:
    """On the GPU where there is one; on a CPU in float32 where `at_least` photos fit so, else in bfloat16.

    free_bytes: of that memory; None: asked of the system. Raises OutOfMemoryError where not even one photo fits.
    """
    has_gpu = torch.cuda.is_available()
    if free_bytes is None:
        free_bytes = torch.cuda.mem_get_info()[0] if has_gpu else free_memory_mb() * 2**20
    device = "cuda" if has_gpu else "cpu"
    fits, dtype = 0, torch.bfloat16
    for dtype in (torch.bfloat16,) if has_gpu else (torch.float32, torch.bfloat16):
        empty, one = (need_bytes(config, task, dtype, count) for count in (0, 1))
        # 0: the system does not tell
        fits = int((free_bytes - empty) // (one - empty)) if free_bytes else num_photos
        if fits >= min(at_least, num_photos):
            break
    if fits < 1:
        needed = need_bytes(config, task, torch.bfloat16, 1)
        raise OutOfMemoryError(
            f"G²VLM needs {needed / 1e9:.1f} GB of memory for one photo; {free_bytes / 1e9:.1f} GB are free.",
            hint="Close other programs, or use a machine with more memory.",
        )
    return Placement(device=device, dtype=dtype, num_photos=min(fits, num_photos))


@cache
def need_bytes(config: Config, task: Task, dtype: torch.dtype, num_photos: int) -> float:
    """What a call on so many photos takes at its peak, about."""
    text = config.text
    cached = 2 * text.num_hidden_layers * text.num_key_value_heads * text.head_dim * dtype.itemsize
    tokens = _GEOMETRY_TOKENS + (0 if task == "recon" else _WORD_TOKENS)
    per_photo = _CACHE_GROWTH * cached * tokens
    per_photo += _ROWS_PER_TOKEN * 4 * text.hidden_size * _GEOMETRY_TOKENS
    return size_bytes(config, task, dtype) + _FIXED_BYTES + num_photos * per_photo
