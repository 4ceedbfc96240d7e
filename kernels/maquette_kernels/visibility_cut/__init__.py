"""A closed surface from points and the cameras that see them: a minimum cut of their Delaunay tetrahedra.

Every line of sight says that the tetrahedra it crosses are empty and that there is matter just behind its point.
A minimum cut finds the labelling that contradicts these votes least; the triangles between empty and full are the
surface. Where nothing was measured the cut spans the gap with as few contradictions as it can: so blank walls are
closed, and known free space stays open.

Source: Labatut, Pons and Keriven 2007 (visibility votes), 2009 (soft votes, beta-skeleton quality); minimum cut by
Boykov and Kolmogorov 2004. Delaunay by Qhull through scipy.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from maquette_kernels.parallel import num_threads
from maquette_kernels.visibility_cut import cpu

Array = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The surface between empty and full; triangles index the given points."""

    triangles: Array  # (T, 3) int32, counter-clockwise seen from the empty side
    flow: int  # capacity of the cut, for comparison with other solvers


# Capacities are integers, so that no rounding leaves a hair-thin residue: one vote is this many units.
UNITS_PER_VOTE = 1000


def visibility_cut(
    points: Array,
    sight_point: Array,
    sight_camera: Array,
    sight_weight: Array,
    camera_centres: Array,
    sigma: Array,
    *,
    quality_weight: float = 1.0,
) -> Cut:
    """The surface through `points` that the lines of sight support best.

    points: (N, 3) float64, world
    sight_point, sight_camera: (S,) int32: camera `sight_camera[i]` sees point `sight_point[i]`
    sight_weight: (S,) float32, votes of each line of sight
    camera_centres: (C, 3) float64, world
    sigma: (N,) float64, world units: how far a point may lie from the surface along its line of sight
    quality_weight: votes against triangles whose tetrahedra have large circumspheres (0: none)

    Needs at least five points; fewer give no triangle. Deterministic.
    """
    from scipy.spatial import Delaunay, QhullError

    empty = Cut(triangles=np.zeros((0, 3), np.int32), flow=0)
    if len(points) < 5 or len(sight_point) == 0:
        return empty
    points = np.ascontiguousarray(points, np.float64)
    origin = points.mean(axis=0)
    centres = np.ascontiguousarray(camera_centres, np.float64) - origin
    local = with_surroundings(points - origin, centres)
    try:
        delaunay = Delaunay(local)
    except QhullError:
        return empty
    tetrahedra = np.ascontiguousarray(delaunay.simplices, np.int32)
    neighbour = np.ascontiguousarray(delaunay.neighbors, np.int32)
    cpu.orient(local, tetrahedra, neighbour)
    reverse = cpu.reverse_arcs(neighbour)
    first, incident = cpu.incident_tetrahedra(tetrahedra, len(local))
    capacity, terminal = _votes(
        local,
        tetrahedra,
        neighbour,
        reverse,
        first,
        incident,
        np.ascontiguousarray(sight_point, np.int32),
        np.ascontiguousarray(sight_camera, np.int32),
        np.ascontiguousarray(sight_weight, np.float32),
        centres,
        np.ascontiguousarray(sigma, np.float64),
    )
    cpu.add_quality(local, tetrahedra, neighbour, capacity, np.float32(quality_weight))
    integer = np.minimum(np.rint(capacity * UNITS_PER_VOTE), 2**30).astype(np.int32)
    ends = np.clip(np.rint(terminal * UNITS_PER_VOTE), -(2**30), 2**30).astype(np.int32)
    flow, is_empty = cpu.minimum_cut(neighbour, reverse, integer, ends)
    triangles = cpu.boundary(tetrahedra, neighbour, is_empty)
    return Cut(triangles=triangles[(triangles < len(points)).all(axis=1)], flow=int(flow))


def with_surroundings(points: Array, centres: Array) -> Array:
    """(N + 8, 3): the points and the corners of a box far around them and the cameras.

    So there are tetrahedra behind the outermost points too, and a wall has somewhere to be full.
    """
    everything = np.concatenate([points, centres])
    low, high = everything.min(axis=0), everything.max(axis=0)
    middle, half = (low + high) / 2, 3 * max(float((high - low).max()) / 2, 1e-9)
    corners = np.array(list(itertools.product((-half, half), repeat=3)))
    corners *= np.linspace(1, 1.3, 8)[:, None]  # no four of them in one plane
    return np.concatenate([points, middle + corners])


def _votes(
    points: Array,
    tetrahedra: Array,
    neighbour: Array,
    reverse: Array,
    first: Array,
    incident: Array,
    sight_point: Array,
    sight_camera: Array,
    sight_weight: Array,
    centres: Array,
    sigma: Array,
) -> tuple[Array, Array]:
    """(capacity (M, 4), terminal (M,)): each thread votes into its own arrays, summed in a fixed order."""
    from concurrent.futures import ThreadPoolExecutor

    threads = min(num_threads(), 4)  # each holds a copy of the capacities
    edges = [len(sight_point) * i // threads for i in range(threads + 1)]
    capacities = [np.zeros(neighbour.shape, np.float32) for _ in range(threads)]
    terminals = [np.zeros(len(tetrahedra), np.float32) for _ in range(threads)]

    def cast(i: int) -> None:
        cpu.cast_votes(
            points,
            tetrahedra,
            neighbour,
            reverse,
            first,
            incident,
            sight_point,
            sight_camera,
            sight_weight,
            centres,
            sigma,
            edges[i],
            edges[i + 1],
            capacities[i],
            terminals[i],
        )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(cast, range(threads)))
    return np.sum(capacities, axis=0), np.sum(terminals, axis=0)
