"""The energy of a filling, written out pixel by pixel."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def fetched(picture: Array, known: Array, row: int, column: int, shift: Array) -> Array | None:
    """What a shift brings to a pixel; None where there is nothing."""
    r, c = row + int(shift[0]), column + int(shift[1])
    inside = 0 <= r < known.shape[0] and 0 <= c < known.shape[1]
    return picture[r, c].astype(np.float64) if inside and known[r, c] else None


def match_cost(
    picture: Array,
    known: Array,
    wanted: Array,
    shift: Array,
    corner: Array,
    side: int,
    missing: float,
) -> float:
    """Of one block with one shift: see cpu.match_costs."""
    total = 0.0
    for row in range(corner[0], min(corner[0] + side, known.shape[0])):
        for column in range(corner[1], min(corner[1] + side, known.shape[1])):
            got = fetched(picture, known, row, column, shift)
            if got is None:
                total += missing * bool(wanted[row, column])
            elif known[row, column]:
                total += float(((got - picture[row, column]) ** 2).sum())
    return total


def seam_cost(
    picture: Array,
    known: Array,
    shifts: tuple[Array, Array],
    first: Array,
    second: Array,
    side: int,
    switch: float,
) -> float:
    """Of two neighbours with two shifts, for sides up to 7 pixels: see cpu.seam_costs."""
    if np.array_equal(*shifts):
        return 0.0
    is_across = first[0] == second[0]
    total = 0.0
    reach = min(2, side)
    for along in range(side):
        for over in range(-reach, reach):
            row = int(second[0]) + (along if is_across else over)
            column = int(second[1]) + (over if is_across else along)
            one, other = (fetched(picture, known, row, column, shift) for shift in shifts)
            total += switch
            if one is not None and other is not None:
                total += float(((one - other) ** 2).sum())
    return total
