"""Semi-global matching: one label per pixel, from a cost volume and eight paths of smoothness.

Source: Hirschmüller 2008 (section 2.3: path costs, P2 adapted to the photo's edges; 2.4: sub-pixel
parabola). The labels may be relative to any base surface: equal labels then mean "parallel to it".
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import run_bands
from maquette_kernels.semi_global import cpu

FloatArray = npt.NDArray[Any]

MAX_PENALTY = 7000  # sums of four paths must fit in 16 bits


class Labeling(NamedTuple):
    """Result of `semi_global`, each (H, W) float32."""

    label: FloatArray  # with sub-label fraction
    margin: FloatArray  # 0..1: how far the best rival (over two labels away) stays behind
    photo: FloatArray  # photo cost of the chosen label, 0..255


def semi_global(
    cost: npt.NDArray[Any],
    guide: FloatArray,
    *,
    p1: int = 12,
    p2: int = 90,
    edge_softness: float = 0.1,
    diagonals: bool = True,
) -> Labeling:
    """The labels of least aggregated cost.

    cost: (H, W, L) uint8
    guide: (H, W) float32 grey 0..255; its edges lower P2 to p2 / (1 + difference · edge_softness)
    p1, p2: penalty of a change by one label, and by more; in units of cost
    diagonals: eight paths rather than four
    Raises ValueError where shapes do not match or penalties are out of range.
    """
    height, width = cost.shape[:2]
    if guide.shape != (height, width):
        raise ValueError(f"guide: expected {(height, width)}, got {guide.shape}")
    if not 0 <= p1 < p2 <= MAX_PENALTY:
        raise ValueError(f"penalties: expected 0 <= p1 < p2 <= {MAX_PENALTY}, got {p1}, {p2}")
    cost = np.ascontiguousarray(cost)
    guide = np.ascontiguousarray(guide, np.float32)
    penalties = np.float32(p1), np.float32(p2), np.float32(edge_softness)
    # One sum per pass: they run at the same time.
    across, down, up = (np.zeros(cost.shape, np.uint16) for _ in range(3))
    num_paths = 3 if diagonals else 1

    def run_pass(start: int, stop: int) -> None:
        for index in range(start, stop):
            if index == 0:
                cpu.horizontal_rows(cost, guide, *penalties, 0, height, across)
            else:
                direction, total = (1, down) if index == 1 else (-1, up)
                cpu.vertical_pass(cost, guide, *penalties, direction, num_paths, total)

    run_bands(3, run_pass)
    label, margin, photo = (np.empty((height, width), np.float32) for _ in range(3))
    run_bands(
        height,
        lambda start, stop: cpu.choose_rows(
            cost, across, down, up, start, stop, label, margin, photo
        ),
    )
    return Labeling(label, margin, photo)
