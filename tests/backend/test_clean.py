"""Cleaning a fused mesh: holes closed and marked, outlines and flaps left alone."""

import numpy as np

from maquette.surface.clean import close_holes


def grid(side: int, missing: set[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """A flat square of side × side cells, facing up, without the missing cells."""
    row, column = np.mgrid[: side + 1, : side + 1]
    vertices = np.stack([column.ravel(), row.ravel(), 0 * row.ravel()], 1).astype(np.float32)
    triangles = []
    for y in range(side):
        for x in range(side):
            if (x, y) not in missing:
                a = y * (side + 1) + x
                triangles += [[a, a + 1, a + side + 2], [a, a + side + 2, a + side + 1]]
    return vertices, np.array(triangles, np.int32)


def area_up(vertices: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return float(np.cross(b - a, c - a)[:, 2].sum() / 2)


def test_a_small_hole_is_closed_facing_as_its_neighbours_and_marked() -> None:
    vertices, triangles = grid(8, {(2, 2), (3, 2), (5, 5)})
    seen = np.ones(len(vertices), np.float32)
    closed_vertices, closed, marked = close_holes(vertices, triangles, seen, 7.0)
    assert area_up(closed_vertices, closed) == 64
    assert len(marked) == len(closed_vertices) == len(vertices) + 2
    assert (marked[len(vertices) :] == 0).all()


def test_the_outline_and_a_large_hole_stay_open() -> None:
    vertices, triangles = grid(8, {(x, y) for x in range(2, 6) for y in range(2, 6)})
    seen = np.ones(len(vertices), np.float32)
    _, closed, _ = close_holes(vertices, triangles, seen, 15.0)
    assert len(closed) == len(triangles)


def test_a_small_flap_gets_no_back_side() -> None:
    vertices, triangles = grid(1, set())
    seen = np.ones(len(vertices), np.float32)
    _, closed, _ = close_holes(vertices, triangles, seen, 100.0)
    assert len(closed) == len(triangles)


def test_holes_that_meet_in_a_corner_are_both_closed() -> None:
    vertices, triangles = grid(6, {(2, 2), (3, 3)})
    seen = np.ones(len(vertices), np.float32)
    closed_vertices, closed, _ = close_holes(vertices, triangles, seen, 9.0)
    assert area_up(closed_vertices, closed) == 36
