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
from scipy.spatial import KDTree

from maquette.objects.skin import FaceGraph, Skin
from maquette.objects.structure import Plane, plane_faces, smooth_normals
from maquette.objects.supports import Support, joined_supports
from maquette.types import BoolArray, FloatArray, IntArray
from maquette_kernels.graph_parts import multicut, oversegment

_CONCAVE, _COLOR, _ON_TOP = 3.0, 0.8, 4.0
_NEVER = 1e4  # weight of a border that is always cut
_WINDOW = 6.0  # units: width over which a crease is measured
_UNSEEN = 0.05  # what surface that no photo shows counts
_FLAT = 0.85  # of a part's area within that distance
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
    part = _without_slivers(
        graph, planes, patch, node_label, multicut(len(node_label), pairs, weight), unit
    )
    node_part = _grounded(
        graph, planes, patch, node_label, part, pairs, weight, crossing[border], border, unit
    )
    node_part = _without_crumbs(graph, trust, patch, node_label, len(planes), node_part, unit)
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
        graph.pairs[same], difference[same], graph.area / unit**2, 40.0, 12.0
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
    concave = _logistic(-((crease[a] + crease[b]) / 2 + 20) / 6)
    changes = _logistic((differs - 25) / 6)
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


def _grounded(
    graph: FaceGraph,
    planes: list[Plane],
    patch: IntArray,
    node_label: IntArray,
    part: IntArray,
    pairs: IntArray,
    weight: FloatArray,
    crossing: BoolArray,
    border: IntArray,
    unit: float,
) -> IntArray:
    """(nodes,) parts after those that rest on nothing have joined a neighbour, smallest first."""
    count = int(part.max()) + 1
    part = part.copy()
    is_room = np.zeros(count, bool)
    is_room[part[(node_label >= 0) & (node_label < len(planes))]] = True
    area = np.bincount(part[patch], graph.area, count)
    length = graph.length[border] / unit
    z = graph.centre[:, 2]
    z_a, z_b = z[graph.pairs[border, 0]], z[graph.pairs[border, 1]]
    into = np.arange(count)
    # between parts: how much holds, how long the border is, how much of it one rests on the other
    near: list[dict[int, FloatArray]] = [{} for _ in range(count)]
    pa, pb = part[pairs[:, 0]], part[pairs[:, 1]]
    for i in np.flatnonzero(pa != pb):
        x, y = int(pa[i]), int(pb[i])
        rests_x = crossing[i] and z_a[i] > z_b[i]
        rests_y = crossing[i] and z_b[i] > z_a[i]
        for p, q, rests in ((x, y, rests_x), (y, x, rests_y)):
            row = near[p].setdefault(q, np.zeros(3))
            row += (max(weight[i], -_NEVER), length[i], length[i] * rests)
    floor = {
        int(p)
        for p in part[
            [
                n
                for n in range(len(node_label))
                if 0 <= node_label[n] < len(planes) and planes[node_label[n]].kind == "floor"
            ]
        ]
    }

    def rests(p: int) -> bool:
        for q, (_, total, on_top) in near[p].items():
            if q in floor and total > _LEAST_CONTACT:
                return True
            if on_top > _LEAST_CONTACT:
                return True
        return False

    changed = True
    while changed:
        changed = False
        for p in np.argsort(area):
            p = int(p)
            if into[p] != p or is_room[p] or not near[p]:
                continue
            big = area[p] > _LEAST_THING * unit**2
            if big and rests(p):
                continue
            others = {q: v for q, v in near[p].items() if not is_room[q]}
            if not others and big:
                continue
            pool = others if others else near[p]
            q = max(pool, key=lambda k: pool[k][0] / pool[k][1] + 0.02 * pool[k][1])
            _merge(near, into, area, p, q)
            changed = True
    for p in range(count):
        root = p
        while into[root] != root:
            root = int(into[root])
        into[p] = root
    return into[part]


def _without_crumbs(
    graph: FaceGraph,
    trust: FloatArray,
    patch: IntArray,
    node_label: IntArray,
    num_planes: int,
    node_part: IntArray,
    unit: float,
) -> IntArray:
    """(nodes,) parts of which the photos show too little join the part that is nearest to them."""
    part = node_part[patch]
    shown = np.bincount(part, graph.area * trust, int(node_part.max()) + 1)
    is_kept = shown >= _LEAST_THING * unit**2
    is_kept[node_part[(node_label >= 0) & (node_label < num_planes)]] = True
    crumbs = np.flatnonzero(~is_kept[part])
    if len(crumbs) == 0 or not is_kept[part].any():
        return node_part
    kept = np.flatnonzero(is_kept[part])
    nearest = kept[KDTree(graph.centre[kept]).query(graph.centre[crumbs])[1]]
    votes = coo_matrix(
        (graph.area[crumbs], (patch[crumbs], part[nearest])), (len(node_part), len(shown))
    ).tocsr()
    out = node_part.copy()
    nodes = np.unique(patch[crumbs])
    out[nodes] = np.asarray(votes[nodes].argmax(axis=1)).ravel()
    return out


_LEAST_CONTACT = 8.0  # units of border on what it rests on
_LEAST_THING = 120.0  # square units: smaller parts are crumbs


def _merge(
    near: list[dict[int, FloatArray]], into: IntArray, area: FloatArray, p: int, q: int
) -> None:
    """Part p joins q."""
    into[p] = q
    area[q] += area[p]
    for r, row in near[p].items():
        back = near[r].pop(p)
        if r == q:
            continue
        near[q][r] = near[q].get(r, np.zeros(3)) + row
        near[r][q] = near[r].get(q, np.zeros(3)) + back
    near[p] = {}
