"""The rim of a thing's foot goes with the thing: a few pixels of its colour that fusion smeared onto its carrier."""

from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from maquette.objects.partition import Partition
from maquette.objects.skin import FaceGraph
from maquette.types import BoolArray, FloatArray, IntArray

_RIM = 7.0  # units: how far a fringe reaches
_AWAY = 24.0  # units: how far around it the carrier's own colour is looked up
_STEP = 10.0  # CIELAB: a fringe is at least so unlike its carrier
_NEAREST = 12  # faces whose median is the colour of a place


def with_fringes(
    graph: FaceGraph, found: Partition, carried: list[int | None], unit: float
) -> Partition:
    """The parts, where faces of a carrier close to a thing that look like the thing are of it.

    carried: per part the part that it rests on, None where there is none
    """
    part = found.part.copy()
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    for thing, carrier in enumerate(carried):
        if carrier is None:
            continue
        meets = (found.part[a] == thing) & (found.part[b] == carrier)
        meets |= (found.part[b] == thing) & (found.part[a] == carrier)
        if meets.any():
            part[_fringe(graph, found.part, thing, carrier, meets, unit)] = thing
    return replace(found, part=part)


def _fringe(
    graph: FaceGraph, part: IntArray, thing: int, carrier: int, meets: BoolArray, unit: float
) -> IntArray:
    """Faces of the carrier that hang together with the thing and look more like it."""
    border = np.unique(graph.pairs[meets])
    contact = KDTree(graph.centre[border])
    low, high = graph.centre[border].min(axis=0), graph.centre[border].max(axis=0)
    around = _AWAY * unit
    near = ((graph.centre > low - around) & (graph.centre < high + around)).all(axis=1)
    own = np.flatnonzero(near & (part == carrier))
    of_thing = np.flatnonzero(near & (part == thing))
    distance = np.asarray(contact.query(graph.centre[own])[0])
    rim, clear = own[distance < _RIM * unit], own[distance > _RIM * unit]
    if len(rim) == 0 or len(clear) < _NEAREST or len(of_thing) == 0:
        return np.zeros(0, np.int64)
    color = graph.color[rim]
    from_own = _apart(color, _color_at(graph, clear, rim))
    from_thing = _apart(color, _color_at(graph, of_thing, rim))
    alike = np.zeros(len(part), bool)
    alike[rim[(from_own > _STEP) & (from_thing < from_own)]] = True
    return _joined(graph, alike, part == thing)


def _color_at(graph: FaceGraph, faces: IntArray, places: IntArray) -> FloatArray:
    """(n, 3) median colour of the faces nearest to each place."""
    count = min(_NEAREST, len(faces))
    nearest = np.asarray(KDTree(graph.centre[faces]).query(graph.centre[places], k=count)[1])
    return np.median(graph.color[faces[nearest.reshape(len(places), count)]], axis=1)


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """(n,) how unlike two colours are; a shadow changes lightness, which counts half."""
    return np.linalg.norm((one - other) * [0.5, 1, 1], axis=1)


def _joined(graph: FaceGraph, alike: BoolArray, start: BoolArray) -> IntArray:
    """Faces of `alike` that are reached from `start` across edges."""
    a, b = graph.pairs[:, 0], graph.pairs[:, 1]
    reached = start.copy()
    while True:
        new = np.concatenate([b[reached[a] & alike[b]], a[reached[b] & alike[a]]])
        new = new[~reached[new]]
        if len(new) == 0:
            return np.flatnonzero(reached & alike)
        reached[new] = True
