"""The skin cut into things by one energy over small patches of faces.

E = sum of w over the borders that are cut, a border's w being its length times
    1 - _CONCAVE * (probability that it lies in a crease) - _COLOR * (probability that the colour changes)
        - _ON_TOP * (it crosses the height of a support, over that support),
so convex and smooth borders hold together and creases, colours and resting places part. It is lowered greedily.
After that everything must rest on something: a part that touches neither room nor support from above joins the
neighbour whose border costs least.

Source: convexity as a cue, Stein et al. 2014; multicut by greedy additive contraction, Keuper et al. 2015.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from scipy.sparse import coo_matrix

from maquette.objects.grounding import grounded_parts
from maquette.objects.skin import FaceGraph, Skin
from maquette.objects.structure import Plane, plane_faces, smooth_normals
from maquette.objects.supports import Support, joined_supports
from maquette.types import BoolArray, FloatArray, IntArray
from maquette_kernels.graph_parts import multicut, oversegment

_CONCAVE, _COLOR, _ON_TOP = 3.0, 0.5, 8.0
_CREASE_DEG, _COLOR_STEP = 20.0, 12.0  # where either is as likely a border as not
_PATCH = 25.0  # square units times difference: larger makes larger patches
_SURE = 0.2  # trust of a patch that takes part in the cut
_NEVER = 1e4  # weight of a border that is always cut
_WINDOW = 6.0  # units: width over which a crease is measured
_UNSEEN = 0.0  # what surface that no photo shows counts
_FLAT = 0.75  # of a part's area within that distance
_SLIVER = 6.0  # units: patches nearer than this to the room may be a fillet of it


@dataclass(frozen=True, kw_only=True)
class Partition:
    """Parts of the skin. The first parts are the room's planes, in their order."""

    part: IntArray  # (T,) int32
    count: int
    num_planes: int


def creases(graph: FaceGraph, unit: float) -> FloatArray:
    """(T,) degrees by which the surface turns over a window of `_WINDOW` units; negative in creases."""
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    normal = smooth_normals(graph, 1)
    step = graph.centre[b] - graph.centre[a]
    turn = np.degrees(np.arccos(np.clip((normal[a] * normal[b]).sum(axis=1), -1, 1)))
    signed = turn * np.sign(((normal[b] - normal[a]) * step).sum(axis=1)) * graph.length
    count = len(graph.centre)
    total = (np.bincount(a, signed, count) + np.bincount(b, signed, count)) / 2
    area = graph.area.copy()
    matrix = adjacency(graph)
    for _ in range(3):
        total, area = total + matrix @ total, area + matrix @ area
    return np.clip(total / np.maximum(area, 1e-30) * _WINDOW * unit, -180, 180)


def adjacency(graph: FaceGraph) -> Any:
    """(T, T) ones where faces share an edge."""
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    count = len(graph.centre)
    return coo_matrix((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), (count, count)).tocsr()


def partition(
    skin: Skin,
    graph: FaceGraph,
    normals: FloatArray,
    planes: list[Plane],
    supports: list[Support],
    trust: FloatArray,
) -> Partition:
    """Part of every face. A second round knows which patches are one support."""
    first = _partition(skin, graph, normals, planes, supports, trust)
    owner = np.array([np.bincount(first.part[s.faces]).argmax() for s in supports], int)
    joined = joined_supports(supports, owner, skin.unit)
    return _partition(skin, graph, normals, planes, joined, trust)


def _partition(
    skin: Skin,
    graph: FaceGraph,
    normals: FloatArray,
    planes: list[Plane],
    supports: list[Support],
    trust: FloatArray,
) -> Partition:
    unit = skin.unit
    label = np.full(len(graph.centre), -1, np.int64)
    for number, plane in enumerate(planes):
        label[plane_faces(plane, graph, normals) & (label < 0)] = number
    for number, support in enumerate(supports):
        label[support.faces] = len(planes) + number
    crease = creases(graph, unit)
    crossing = _crossings(graph, supports, unit)
    patch = _patches(graph, label, crease, crossing, unit)
    node_label = np.full(int(patch.max()) + 1, -1, np.int64)
    node_label[patch] = label
    a, b = patch[graph.pairs[:, 0]], patch[graph.pairs[:, 1]]
    border = np.flatnonzero(a != b)
    pairs = np.stack([a[border], b[border]], axis=1)
    weight = _weights(skin, graph, patch, border, pairs, crease, crossing, trust, len(node_label))
    weight = np.where(
        _never(graph, planes, patch, node_label, pairs, unit),
        -_NEVER * graph.length[border] / unit,
        weight,
    )
    # what the photos hardly see would chain one thing to the next: it joins afterwards, one side only
    area = np.bincount(patch, graph.area)
    is_sure = np.bincount(patch, graph.area * trust) > _SURE * area
    sure = is_sure[pairs].all(axis=1)
    apart = _supports_and_planes(node_label, len(planes))
    cut = multicut(
        len(node_label),
        np.concatenate([pairs[sure], apart]),
        np.concatenate([weight[sure], np.full(len(apart), -_NEVER)]),
    )
    part = _without_slivers(graph, planes, patch, node_label, cut, unit)
    length = graph.length[border] / unit
    node_part = grounded_parts(
        graph, planes, supports, trust, patch, node_label, part, pairs, weight, length, unit
    )
    # planes first
    first = [
        int(node_part[np.flatnonzero(node_label == n)[0]])
        for n in range(len(planes))
        if (node_label == n).any()
    ]
    order = list(dict.fromkeys(first)) + [
        p for p in np.unique(node_part).tolist() if p not in set(first)
    ]
    renumber = np.zeros(int(node_part.max()) + 1, np.int64)
    renumber[order] = np.arange(len(order))
    return Partition(
        part=renumber[node_part][patch].astype(np.int32), count=len(order), num_planes=len(first)
    )


def _crossings(graph: FaceGraph, supports: list[Support], unit: float) -> BoolArray:
    """(E,) face pairs of which one is above a support and the other is not, over the support's hull."""
    crossed = np.zeros(len(graph.pairs), bool)
    z = graph.centre[:, 2]
    za, zb = z[graph.pairs[:, 0]], z[graph.pairs[:, 1]]
    middle = (graph.centre[graph.pairs[:, 0], :2] + graph.centre[graph.pairs[:, 1], :2]) / 2
    for support in supports:
        level = support.height + support.reach
        which = np.flatnonzero(
            ((za > level) != (zb > level)) & (np.abs(za + zb - 2 * level) < 20 * unit)
        )
        if len(which) == 0:
            continue
        hull = cv2.convexHull(graph.centre[support.faces, :2].astype(np.float32))
        inside = [
            cv2.pointPolygonTest(hull, (float(x), float(y)), True) > -4 * unit
            for x, y in middle[which]
        ]
        crossed[which[np.array(inside, bool)]] = True
    return crossed


def _patches(
    graph: FaceGraph, label: IntArray, crease: FloatArray, crossing: BoolArray, unit: float
) -> IntArray:
    """(T,) small patches of one normal and colour; a plane or support is one."""
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    normal = smooth_normals(graph, 1)
    turn = np.degrees(np.arccos(np.clip((normal[a] * normal[b]).sum(axis=1), -1, 1)))
    color = np.linalg.norm(graph.color[a] - graph.color[b], axis=1)
    difference = turn / 20 + color / 12 + np.clip(-(crease[a] + crease[b]) / 2, 0, 90) / 20
    same = (label[a] == label[b]) & ((label[a] >= 0) | ~crossing)
    difference = np.where(label[a] >= 0, 0, difference)
    patch = oversegment(
        graph.pairs[same], difference[same], graph.area / unit**2, _PATCH, 12.0
    ).astype(np.int64)
    patch = np.where(label >= 0, patch.max() + 1 + label, patch)
    return np.unique(patch, return_inverse=True)[1]


def _weights(
    skin: Skin,
    graph: FaceGraph,
    patch: IntArray,
    border: IntArray,
    pairs: IntArray,
    crease: FloatArray,
    crossing: BoolArray,
    trust: FloatArray,
    count: int,
) -> FloatArray:
    """(B,) how much each border edge holds together."""
    a, b = graph.pairs[border, 0], graph.pairs[border, 1]
    area = np.bincount(patch, graph.area, count)
    color = np.stack(
        [np.bincount(patch, graph.area * graph.color[:, k], count) / area for k in range(3)], axis=1
    )
    differs = np.linalg.norm((color[pairs[:, 0]] - color[pairs[:, 1]]) * [0.5, 1, 1], axis=1)
    concave = _logistic(-((crease[a] + crease[b]) / 2 + _CREASE_DEG) / 6)
    changes = _logistic((differs - _COLOR_STEP) / 6)
    value = 1 - _CONCAVE * concave - _COLOR * changes
    shown = _UNSEEN + (1 - _UNSEEN) * np.minimum(trust[a], trust[b])
    return graph.length[border] / skin.unit * (value * shown - _ON_TOP * crossing[border])


def _logistic(x: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


def _never(
    graph: FaceGraph,
    planes: list[Plane],
    patch: IntArray,
    node_label: IntArray,
    pairs: IntArray,
    unit: float,
) -> BoolArray:
    """(B,) borders between two planes, and between a plane and a patch that is more than its fillet."""
    count = len(node_label)
    area = np.bincount(patch, graph.area, count)
    is_plane = (node_label >= 0) & (node_label < len(planes))
    never: BoolArray = np.asarray(is_plane[pairs].all(axis=1))
    for number, plane in enumerate(planes):
        off = np.abs(plane.distance(graph.centre)) > _SLIVER * unit
        is_far = np.bincount(patch, graph.area * off, count) > 0.1 * area
        for one, other in ((0, 1), (1, 0)):
            never = never | ((node_label[pairs[:, one]] == number) & is_far[pairs[:, other]])
    return never


def _supports_and_planes(node_label: IntArray, num_planes: int) -> IntArray:
    """(n, 2) nodes of which one is a plane of the room and the other a support: never one thing, by no detour."""
    is_plane = (node_label >= 0) & (node_label < num_planes)
    planes, supports = np.flatnonzero(is_plane), np.flatnonzero(node_label >= num_planes)
    return np.stack(np.meshgrid(planes, supports), axis=-1).reshape(-1, 2)


def _without_slivers(
    graph: FaceGraph,
    planes: list[Plane],
    patch: IntArray,
    node_label: IntArray,
    part: IntArray,
    unit: float,
) -> IntArray:
    """(nodes,) parts of which nearly all lies close to one of the room's planes are that plane."""
    part = part.copy()
    face_part = part[patch]
    area = np.bincount(face_part, graph.area)
    for number, plane in enumerate(planes):
        own = np.flatnonzero(node_label == number)
        if len(own) == 0:
            continue
        near = np.abs(plane.distance(graph.centre)) < _SLIVER * unit
        share = np.bincount(face_part, graph.area * near, len(area)) / np.maximum(area, 1e-30)
        part[(share > _FLAT)[part]] = part[own[0]]
        face_part = part[patch]
    return part
