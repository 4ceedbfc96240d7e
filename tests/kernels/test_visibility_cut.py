"""The cut is the smallest there is, and its votes are those of every line of sight against every facet."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial import Delaunay

from maquette_kernels.visibility_cut import (
    UNITS_PER_VOTE,
    cpu,
    visibility_cut,
    with_surroundings,
)
from maquette_kernels.visibility_cut.reference import minimum_cut_reference, votes_reference


def graph_of(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(tetrahedra, neighbour, reverse)."""
    delaunay = Delaunay(points)
    tetrahedra = np.ascontiguousarray(delaunay.simplices, np.int32)
    neighbour = np.ascontiguousarray(delaunay.neighbors, np.int32)
    cpu.orient(points, tetrahedra, neighbour)
    return tetrahedra, neighbour, cpu.reverse_arcs(neighbour)


def capacity_across(neighbour: np.ndarray, capacity: np.ndarray, is_empty: np.ndarray) -> int:
    """What the arcs from empty to full can carry."""
    t, k = np.nonzero((neighbour >= 0) & is_empty[:, None])
    full = ~is_empty[neighbour[t, k]]
    return int(capacity[t, k][full].sum())


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("num_points", "top"), [(6, 5), (40, 3), (300, 1000), (1200, 2**20)])
def test_the_flow_is_scipys_and_the_labels_are_a_cut_of_that_size(
    num_points: int, top: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    tetrahedra, neighbour, reverse = graph_of(rng.normal(size=(num_points, 3)))
    count = len(tetrahedra)
    capacity = rng.integers(0, top + 1, (count, 4)).astype(np.int32)
    terminal = rng.integers(-3 * top, 3 * top + 1, count).astype(np.int32)
    terminal[rng.random(count) < 0.5] = 0
    expected = minimum_cut_reference(neighbour, capacity, terminal)
    flow, is_empty = cpu.minimum_cut(neighbour, reverse, capacity.copy(), terminal.copy())
    assert flow == expected
    across = capacity_across(neighbour, capacity, is_empty)
    across += int(terminal[(terminal > 0) & ~is_empty].sum())
    across -= int(terminal[(terminal < 0) & is_empty].sum())
    assert across == expected


def room_case(num_points: int, seed: int) -> dict[str, Any]:
    """Points on two walls in front of cameras, all well inside a far box of points."""
    rng = np.random.default_rng(seed)
    walls = rng.uniform(-1, 1, (num_points, 3))
    walls[::2, 2] = 1 + rng.normal(0, 0.01, len(walls[::2]))
    walls[1::2, 0] = 1 + rng.normal(0, 0.01, len(walls[1::2]))
    box = 8 * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    points = np.concatenate([walls, box + rng.normal(0, 0.1, box.shape)])
    cameras = rng.uniform(-0.5, 0.2, (5, 3))
    sights = 3 * num_points
    return {
        "points": points,
        "sight_point": rng.integers(0, num_points, sights).astype(np.int32),
        "sight_camera": rng.integers(0, 5, sights).astype(np.int32),
        "sight_weight": rng.uniform(0.2, 2, sights).astype(np.float32),
        "camera_centres": cameras,
        "sigma": rng.uniform(0.02, 0.1, len(points)),
        "quality_weight": 0.7,
    }


def object_case(num_points: int, seed: int) -> dict[str, Any]:
    """Points on a sphere, all of them on the convex hull, or just below it, and cameras outside."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(num_points, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    points = directions * np.where(rng.random(num_points) < 0.5, 1, 0.9)[:, None]
    cameras = rng.normal(size=(6, 3))
    cameras *= 3 / np.linalg.norm(cameras, axis=1, keepdims=True)
    point, camera = np.nonzero(points @ cameras.T > 0.5)
    return {
        "points": points,
        "sight_point": point.astype(np.int32),
        "sight_camera": camera.astype(np.int32),
        "sight_weight": rng.uniform(0.2, 2, len(point)).astype(np.float32),
        "camera_centres": cameras,
        "sigma": rng.uniform(0.02, 0.1, num_points),
        "quality_weight": 0.7,
    }


@pytest.mark.parametrize(
    "case", [room_case(24, 0), room_case(45, 1), object_case(40, 2)], ids=["room", "room", "object"]
)
def test_votes_and_cut_are_those_of_every_sight_against_every_facet(case: dict[str, Any]) -> None:
    points = with_surroundings(case["points"], case["camera_centres"])
    expected_capacity, expected_terminal = votes_reference(**{**case, "points": points})
    tetrahedra, neighbour, reverse = graph_of(points)
    first, incident = cpu.incident_tetrahedra(tetrahedra, len(points))
    capacity = np.zeros(neighbour.shape, np.float32)
    terminal = np.zeros(len(neighbour), np.float32)
    cpu.cast_votes(
        points, tetrahedra, neighbour, reverse, first, incident, case["sight_point"],
        case["sight_camera"], case["sight_weight"], case["camera_centres"], case["sigma"],
        0, len(case["sight_point"]), capacity, terminal,
    )  # fmt: skip
    cpu.add_quality(points, tetrahedra, neighbour, capacity, np.float32(case["quality_weight"]))
    expected = np.zeros(neighbour.shape)
    for t, k in np.argwhere(neighbour >= 0):
        expected[t, k] = expected_capacity[int(t), int(neighbour[t, k])]
    # sums of up to a few hundred float32 votes
    np.testing.assert_allclose(capacity, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(terminal, expected_terminal, rtol=1e-4, atol=1e-4)
    flow = minimum_cut_reference(
        neighbour,
        np.rint(expected * UNITS_PER_VOTE).astype(np.int64),
        np.rint(expected_terminal * UNITS_PER_VOTE).astype(np.int64),
    )
    cut = visibility_cut(**case)
    assert flow > 1000
    assert abs(cut.flow - flow) < 0.005 * flow + 20  # arcs are rounded to one unit


def test_a_corner_of_a_room_is_closed_and_faces_its_cameras() -> None:
    case = room_case(400, 2)
    cut = visibility_cut(**case)
    corners = case["points"][cut.triangles]
    near = (np.abs(corners) < 2).all(axis=(1, 2))
    assert near.sum() > 300
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[near]
    to_cameras = case["camera_centres"].mean(axis=0) - corners.mean(axis=1)[near]
    facing = (normal * to_cameras).sum(axis=1) > 0
    area = np.linalg.norm(normal, axis=1)
    assert area[facing].sum() > 0.9 * area.sum()


def test_too_little_gives_an_empty_cut() -> None:
    flat = np.random.default_rng(0).random((30, 3))
    flat[:, 2] = 0
    for points in (flat[:4], flat):
        none = np.zeros(0, np.int32)
        one = np.zeros(1, np.int32)
        for sights in (none, one):
            weight = np.ones(len(sights), np.float32)
            cut = visibility_cut(
                points, sights, sights, weight, np.ones((1, 3)), np.full(len(points), 0.1)
            )
            assert cut.triangles.shape == (0, 3)
