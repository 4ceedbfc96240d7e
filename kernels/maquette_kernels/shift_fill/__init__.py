"""Fill a hole in a picture with pieces of the picture itself, each moved by one of a few shifts.

The hole is covered by square blocks. A block's label is the shift by which its content is fetched; where neighbours
differ the seam costs what the two contents differ around it. Blocks at the hole's border also hold known pixels, which
the content must match. Source: He and Sun, "Statistics of patch offsets for image completion", ECCV 2012, with
tree-reweighted message passing in place of graph cuts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.graph_labels import label_graph
from maquette_kernels.parallel import run_bands
from maquette_kernels.shift_fill import cpu

Array = npt.NDArray[Any]

_SWEEPS = 6
_UNKNOWN = 30.0  # what a missing pixel costs, in the picture's mean square
_SWITCH = 0.02  # what any seam costs at least, per pixel, in the same unit


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The squares that cover a hole."""

    corner: Array  # (N, 2) int32 row and column of the first pixel
    pairs: Array  # (E, 2) int32 blocks side by side or one above the other
    side: int  # pixels


def cover(wanted: Array, most: int, least_side: int) -> Blocks:
    """Blocks over the pixels `wanted` (H, W) bool and one more around them; at most about `most`."""
    side = max(least_side, int(np.ceil((wanted.sum() / most) ** 0.5)))
    height, width = wanted.shape
    rows, columns = -(-height // side), -(-width // side)
    padded = np.zeros((rows * side, columns * side), bool)
    padded[:height, :width] = wanted
    cells: Array = np.asarray(padded.reshape(rows, side, columns, side).any(axis=(1, 3)))
    wide: Array = cells.copy()
    wide[1:] |= cells[:-1]
    wide[:-1] |= cells[1:]
    wide[:, 1:] |= wide[:, :-1].copy()
    wide[:, :-1] |= wide[:, 1:].copy()
    number = np.full(wide.shape, -1, np.int32)
    corner = np.argwhere(wide)
    number[wide] = np.arange(len(corner))
    found = [
        np.stack([a[both], b[both]], axis=1)
        for a, b in ((number[:, :-1], number[:, 1:]), (number[:-1], number[1:]))
        for both in [(a >= 0) & (b >= 0)]
    ]
    return Blocks(
        corner=(corner * side).astype(np.int32),
        pairs=np.concatenate(found).astype(np.int32),
        side=side,
    )


def choose_shifts(
    picture: Array, known: Array, wanted: Array, shifts: Array, blocks: Blocks
) -> Array:
    """(N,) int32 number of the shift for each block.

    picture: (H, W, C) float32; known: (H, W) bool, may be copied from; wanted: (H, W) bool, must be filled
    shifts: (K, 2) int32 rows and columns: the pixel at x is fetched from x + shift
    """
    picture = np.ascontiguousarray(picture, np.float32)
    known, wanted = np.ascontiguousarray(known), np.ascontiguousarray(wanted)
    shifts = np.ascontiguousarray(shifts, np.int32)
    power = np.float32(max(float((picture[known] ** 2).mean()), 1e-12) * picture.shape[2])
    unary = np.zeros((len(blocks.corner), len(shifts)), np.float32)
    cost = np.zeros((len(blocks.pairs), len(shifts), len(shifts)), np.float32)
    run_bands(
        len(unary),
        lambda a, b: cpu.match_costs(
            picture,
            known,
            wanted,
            shifts,
            blocks.corner,
            blocks.side,
            power * _UNKNOWN,
            a,
            b,
            unary,
        ),
    )
    run_bands(
        len(cost),
        lambda a, b: cpu.seam_costs(
            picture,
            known,
            shifts,
            blocks.corner,
            blocks.pairs,
            blocks.side,
            power * _SWITCH,
            a,
            b,
            cost,
        ),
    )
    return label_graph(unary, blocks.pairs, cost, _SWEEPS)


def fetch(picture: Array, known: Array, shifts: Array, blocks: Blocks, label: Array) -> Array:
    """(H, W, C + 1) float32: each block's content fetched, and its weight, 0 where nothing could be.

    Blocks reach over their borders by half a side, with falling weight, so that seams are soft.
    """
    out = np.zeros((*picture.shape[:2], picture.shape[2] + 1), np.float32)
    cpu.fetch_blocks(
        np.ascontiguousarray(picture, np.float32),
        np.ascontiguousarray(known),
        np.ascontiguousarray(shifts, np.int32),
        blocks.corner,
        blocks.side,
        np.ascontiguousarray(label, np.int32),
        out,
    )
    total = out[..., -1:]
    np.divide(out[..., :-1], total, out=out[..., :-1], where=total > 0)
    return out
