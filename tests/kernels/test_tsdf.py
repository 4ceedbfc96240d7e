"""Fused depth maps of known shapes give those shapes back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from maquette_kernels.tsdf import allocate, extract, integrate
from maquette_kernels.tsdf.reference import extract_vertices_reference, integrate_reference


def sphere_depth(camera_from_world: np.ndarray, K: np.ndarray, side: int) -> np.ndarray:
    """Depth (side, side) of the unit sphere."""
    y, x = np.mgrid[:side, :side] + 0.5
    rays = np.stack([(x - K[0, 2]) / K[0, 0], (y - K[1, 2]) / K[1, 1], np.ones_like(x)], -1)
    centre = camera_from_world[:3, 3]
    a, b, c = (rays**2).sum(-1), rays @ centre, centre @ centre - 1
    inside = b * b - a * c
    return np.where(inside > 0, (b - np.sqrt(np.maximum(inside, 0))) / a, 0).astype(np.float32)


def looking_at_origin(position: np.ndarray) -> np.ndarray:
    """(4, 4) camera_from_world, OpenCV axes."""
    forward = -position / np.linalg.norm(position)
    right = np.cross(forward, [0.3, 0.5, 0.8])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ position
    return matrix


def test_a_sphere_seen_from_all_sides_is_closed_round_and_oriented() -> None:
    side, voxel = 160, 0.05
    K = np.array([[200.0, 0, side / 2], [0, 200.0, side / 2], [0, 0, 1]])
    positions = 3 * np.array(
        [[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z],
        float,
    )
    directions = np.random.default_rng(0).normal(size=(20000, 3))
    surface = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    volume = allocate(surface, voxel, 3 * voxel)
    for position in positions:
        matrix = looking_at_origin(position)
        depth = sphere_depth(matrix, K, side)
        weight = np.ones_like(depth)
        integrate(volume, depth, weight, np.zeros(depth.shape, bool), K, matrix)
    vertices, triangles, seen = extract(volume, 0.5, 0.5)
    radius = np.linalg.norm(vertices, axis=1)
    assert abs(radius - 1).max() < 0.4 * voxel
    assert seen.min() == 1
    # closed: every directed edge has its opposite, once
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    there = {(int(a), int(b)) for a, b in edges}
    assert len(there) == len(edges)
    assert all((b, a) in there for a, b in there)
    corners = vertices[triangles].astype(float)
    volume_inside = (corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert abs(volume_inside - 4 / 3 * np.pi) < 0.1


def test_filled_depth_counts_only_where_nothing_was_measured() -> None:
    K = np.array([[100.0, 0, 50], [0, 100.0, 50], [0, 0, 1]])
    x, y = np.meshgrid(np.linspace(-1, 1, 80), np.linspace(-1, 1, 80))
    wall = np.stack([x, y, np.full_like(x, 2.0)], -1).reshape(-1, 3)
    volume = allocate(wall, 0.04, 0.16)
    measured = np.full((100, 100), 2.0, np.float32)
    measured[:, 50:] = 0
    ones = np.ones((100, 100), np.float32)
    integrate(volume, measured, ones, np.zeros((100, 100), bool), K, np.eye(4))
    wrong = np.full((100, 100), 2.08, np.float32)
    integrate(volume, wrong, 100 * ones, np.ones((100, 100), bool), K, np.eye(4))
    vertices, _, seen = extract(volume, 0.5, 0.5)
    left, right = vertices[:, 0] < -0.15, vertices[:, 0] > 0.15
    np.testing.assert_allclose(vertices[left, 2], 2.0, atol=0.01)
    np.testing.assert_allclose(vertices[right, 2], 2.08, atol=0.01)
    assert seen[left].min() == 1
    assert seen[right].max() == 0


def test_integration_and_vertices_equal_the_reference() -> None:
    rng = np.random.default_rng(4)
    height, width = 37, 63
    K = np.array([[70.0, 0, width / 2], [0, 68.0, height / 2], [0, 0, 1]])
    x, y = np.meshgrid(np.linspace(-0.7, 0.7, 20), np.linspace(-0.5, 0.5, 20))
    volume = allocate(np.stack([x, y, 2 + 0.3 * x], -1).reshape(-1, 3), 0.06, 0.2)
    expected = replace(volume, distance=volume.distance.copy(), weight=volume.weight.copy())
    for _ in range(3):
        rotation, _ = cv2.Rodrigues(rng.normal(0, 0.05, 3))
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rotation, rng.normal(0, 0.1, 3)
        column, row = np.meshgrid(np.arange(width), np.arange(height))
        depth = 2 + 0.006 * (column - width / 2) + rng.normal(0, 0.02, (height, width))
        depth[row > 25] += 0.5  # a step, across which nothing is interpolated
        depth[rng.random(depth.shape) < 0.05] = 0
        weight = rng.random(depth.shape) + 0.1
        filled = rng.random(depth.shape) < 0.3
        for into, add in ((volume, integrate), (expected, integrate_reference)):
            add(into, depth.astype(np.float32), weight.astype(np.float32), filled, K, matrix)
    assert (expected.weight > 0).mean() > 0.1
    # a voxel that falls on the edge between two pixels may take either
    off = np.abs(volume.weight - expected.weight) > 1e-4
    assert off.mean() < 1e-4
    np.testing.assert_allclose(volume.distance[~off], expected.distance[~off], atol=2e-5)
    vertices, triangles, seen = extract(volume, 0.4, 0.3)
    expected_vertices, expected_seen = extract_vertices_reference(volume, 0.4, 0.3)
    assert len(vertices) == len(expected_vertices) > 100
    order, expected_order = (np.lexsort(np.round(v, 4).T) for v in (vertices, expected_vertices))
    np.testing.assert_allclose(vertices[order], expected_vertices[expected_order], atol=2e-4)
    assert seen.sum() == expected_seen.sum()
    assert triangles.max() < len(vertices)


def test_a_box_with_too_many_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="larger voxels"):
        allocate(np.array([[0, 0, 0], [1e4, 1e4, 1e4]], float), 0.01, 0.03)
