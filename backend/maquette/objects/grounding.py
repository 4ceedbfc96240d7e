"""Everything rests on something: parts that do not are parts of a neighbour.

The second half of the partition's energy. A part is grounded where its lowest points lie on the floor or on a
support of another part, or where it hangs on a wall; a part that is not has infinite cost, and joins the neighbour
whose border costs least. So lamp heads, seats and handles come to the thing that they belong to. What the photos
show too little of to be a thing joins what is nearest.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.spatial import KDTree

from maquette.objects.skin import FaceGraph
from maquette.objects.structure import Plane
from maquette.objects.supports import Support
from maquette.types import BoolArray, FloatArray, IntArray

_CRUMB = 40.0  # square units that photos show squarely: less joins the best neighbour first of all
_LEAST_THING = 800.0  # square units: less is no thing
_LEAST_TRUST = 0.5  # of a thing's area that photos show squarely
_CONTACT = 9.0  # units between a thing's lowest points and what carries it
_AROUND, _UNCLEAR = 6.0, -3.5  # border of the square root of the area; hold
_SMALL = 5000.0  # square units
_ALIKE, _LOW = 6.0, 14.0  # CIELAB; units
_THIN, _MOSTLY = 10.0, 0.9  # units from a plane, and how much of a part is within
_HANGS = 3.0  # border with a wall, of the square root of its area
_OVER = 0.1  # of a thing's foot lies over what carries it
_SLENDER = 0.5  # width of a leg or a side panel, of its height
_BOARD = 45.0  # units from a table's top down to its legs
_LONG = 0.7  # border of the square root of the area
_FOOT = 60.0  # square units: what a thing stands on at least
_COST = 1e4  # of a border that is always cut


@dataclass
class _Part:
    """A part while parts are being joined."""

    faces: IntArray
    shown: float  # area that photos show squarely, square units
    is_room: bool
    near: dict[int, FloatArray] = field(
        default_factory=dict
    )  # part → (weight, length) of the border


def grounded_parts(
    graph: FaceGraph,
    planes: list[Plane],
    supports: list[Support],
    trust: FloatArray,
    patch: IntArray,
    node_label: IntArray,
    part: IntArray,
    pairs: IntArray,
    weight: FloatArray,
    length: FloatArray,
    unit: float,
) -> IntArray:
    """(nodes,) parts after joining.

    patch: (T,) node of each face; part: (nodes,) from the multicut; pairs, weight, length: (B, …) borders of nodes
    """
    parts = _parts(graph, trust, patch, node_label, len(planes), part, pairs, weight, length, unit)
    into = np.arange(len(parts))
    for number in np.argsort([p.shown for p in parts], kind="stable").tolist():
        own = parts[number]
        if not own.is_room and own.shown < _CRUMB and own.near:
            best = max(own.near, key=lambda k: _hold(own.near[k]))
            if own.near[best][0] > -_COST:
                _join(parts, into, number, best)
    places = Places(graph, planes, supports, unit)
    alive = [n for n in range(len(parts)) if into[n] == n and not parts[n].is_room]
    alive.sort(key=lambda n: parts[n].shown)
    while alive:
        number = alive.pop(0)
        own = parts[number]
        others = {k: v for k, v in own.near.items() if not parts[k].is_room}
        room = sum(float(v[1]) for k, v in own.near.items() if parts[k].is_room)
        hangs = room > _HANGS * own.shown**0.5
        is_thing = own.shown >= _LEAST_THING and places.is_grounded(own.faces, hangs)
        if not others or is_thing:
            continue
        best = max(others, key=lambda k: _hold(others[k]))
        _join(parts, into, number, best)
        if best not in alive:
            alive.append(best)
            alive.sort(key=lambda n: parts[n].shown)
    _join_enclosed(parts, into)
    _join_under_floating(graph, places, parts, into, unit)
    _join_thin(graph, planes, parts, into, unit)
    _join_legs(places, parts, into)
    _join_same(graph, places, parts, into)
    _join_alike(graph, parts, into, unit)
    root = _roots(into)
    final = root[part]
    return _without_rest(graph, parts, patch, final, unit)


def _is_clear(graph: FaceGraph, part: _Part, unit: float) -> bool:
    """Whether the photos show enough of a part, and squarely enough, for a thing."""
    area = float(graph.area[part.faces].sum()) / unit**2
    is_square = part.shown > min(_LEAST_TRUST * area, _SMALL)
    return part.shown >= _LEAST_THING and is_square


def _join_enclosed(parts: list[_Part], into: IntArray) -> None:
    """A part that one other surrounds, or a small one beside a large one, is of it where the border is no clear one."""
    alive = [n for n in range(len(parts)) if into[n] == n and not parts[n].is_room]
    for number in sorted(alive, key=lambda n: parts[n].shown):
        own = parts[number]
        around = [
            k
            for k, border in own.near.items()
            if not parts[k].is_room
            and parts[k].shown > own.shown
            and border[1] > _AROUND * own.shown**0.5
            and _hold(border) > _UNCLEAR
        ] or [
            k
            for k, border in own.near.items()
            if own.shown < _SMALL
            and not parts[k].is_room
            and parts[k].shown > 2 * own.shown
            and border[1] > own.shown**0.5
            and _hold(border) > _UNCLEAR
        ]
        if around:
            _join(parts, into, number, max(around, key=lambda k: _hold(own.near[k])))


def _join_under_floating(
    graph: FaceGraph, places: "Places", parts: list[_Part], into: IntArray, unit: float
) -> None:
    """A thing that seems to float stands on what is right below it, though the mesh lost what joins them."""
    alive = [
        n
        for n in range(len(parts))
        if into[n] == n and not parts[n].is_room and _is_clear(graph, parts[n], unit)
    ]
    for number in sorted(alive, key=lambda n: -parts[n].shown):
        own = parts[number]
        room = sum(float(v[1]) for k, v in own.near.items() if parts[k].is_room)
        if into[number] != number or places.is_grounded(own.faces, room > _HANGS * own.shown**0.5):
            continue
        hull = cv2.convexHull(graph.centre[own.faces, :2].astype(np.float32))
        middle = float(np.median(graph.centre[own.faces, 2]))
        for other in alive:
            under = parts[other]
            if other == number or into[other] != other or under.shown > own.shown:
                continue
            x, y, _ = graph.centre[under.faces].mean(axis=0)
            top = float(np.percentile(graph.centre[under.faces, 2], 95))
            if top < middle and cv2.pointPolygonTest(hull, (float(x), float(y)), False) > 0:
                _join(parts, into, other, number)


def _join_thin(
    graph: FaceGraph, planes: list[Plane], parts: list[_Part], into: IntArray, unit: float
) -> None:
    """What nowhere stands out from the room's planes is one of them; colour may part it again."""
    if not planes:
        return
    rooms = [n for n in range(len(parts)) if parts[n].is_room]
    for number in range(len(parts)):
        own = parts[number]
        if into[number] != number or own.is_room:
            continue
        distance = np.stack([np.abs(p.distance(graph.centre[own.faces])) for p in planes])
        area = graph.area[own.faces]
        if (area * (distance.min(axis=0) < _THIN * unit)).sum() < _MOSTLY * area.sum():
            continue
        plane = planes[int(np.argmax((area * (distance < _THIN * unit)).sum(axis=1)))]
        match = [n for n in rooms if n in own.near and _is_of(graph, plane, parts[n])]
        if match:
            _join(parts, into, number, match[0])


def _join_legs(places: "Places", parts: list[_Part], into: IntArray) -> None:
    """What is slender, stands under a table's top and reaches up to it is of the table."""
    for number in sorted(range(len(parts)), key=lambda n: parts[n].shown):
        own = parts[number]
        if into[number] != number or own.is_room:
            continue
        tables = [
            k
            for k in own.near
            if not parts[k].is_room
            and parts[k].shown > own.shown
            and places.is_leg_of(own.faces, parts[k].faces)
        ]
        if tables:
            _join(parts, into, number, max(tables, key=lambda k: own.near[k][1]))


def _join_same(graph: FaceGraph, places: "Places", parts: list[_Part], into: IntArray) -> None:
    """Two parts of one colour with a long border are one thing, unless one stands on the other."""
    for number in sorted(range(len(parts)), key=lambda n: parts[n].shown):
        own = parts[number]
        if into[number] != number or own.is_room:
            continue
        same = [
            k
            for k, border in own.near.items()
            if not parts[k].is_room
            and parts[k].shown > own.shown
            and border[1] > _LONG * own.shown**0.5
            and np.linalg.norm((_color(graph, own) - _color(graph, parts[k])) * [0.5, 1, 1])
            < _ALIKE
            and not places.rests_on(own.faces, parts[k].faces)
            and not places.rests_on(parts[k].faces, own.faces)
        ]
        if same:
            _join(parts, into, number, max(same, key=lambda k: own.near[k][1]))


def _join_alike(graph: FaceGraph, parts: list[_Part], into: IntArray, unit: float) -> None:
    """Small bumps of a plane of the room, or low ones on a thing, that have its colour are of it."""
    for number in range(len(parts)):
        own = parts[number]
        if into[number] != number or own.is_room or own.shown > _SMALL or not own.near:
            continue
        longest = max(own.near, key=lambda k: own.near[k][1])
        height = np.ptp(np.percentile(graph.centre[own.faces, 2], [2, 98]))
        if parts[longest].is_room or height < _LOW * unit:
            step = _color(graph, own) - _color(graph, parts[longest])
            if np.linalg.norm(step * [0.5, 1, 1]) < _ALIKE:
                _join(parts, into, number, longest)


def _color(graph: FaceGraph, part: _Part) -> FloatArray:
    """(3,) mean CIELAB colour."""
    weight = graph.area[part.faces] + 1e-12
    return np.average(graph.color[part.faces], axis=0, weights=weight)


def _is_of(graph: FaceGraph, plane: Plane, room: _Part) -> bool:
    """Whether a part of the room is that plane."""
    return bool(np.median(np.abs(plane.distance(graph.centre[room.faces]))) < plane.reach)


def _hold(border: FloatArray) -> float:
    """How much a border holds per length; very short ones tell little."""
    return float((border[0] + 1.0) / (border[1] + 4.0))


def _parts(
    graph: FaceGraph,
    trust: FloatArray,
    patch: IntArray,
    node_label: IntArray,
    num_planes: int,
    part: IntArray,
    pairs: IntArray,
    weight: FloatArray,
    length: FloatArray,
    unit: float,
) -> list[_Part]:
    count = int(part.max()) + 1
    face_part = part[patch]
    order = np.argsort(face_part, kind="stable")
    starts = np.searchsorted(face_part[order], np.arange(count + 1))
    shown = np.bincount(face_part, graph.area * trust, count) / unit**2
    room = np.zeros(count, bool)
    room[part[(node_label >= 0) & (node_label < num_planes)]] = True
    parts = [
        _Part(faces=order[starts[n] : starts[n + 1]], shown=float(shown[n]), is_room=bool(room[n]))
        for n in range(count)
    ]
    a, b = part[pairs[:, 0]], part[pairs[:, 1]]
    between = a != b
    low, high = np.minimum(a, b)[between], np.maximum(a, b)[between]
    keys, inverse = np.unique(low.astype(np.int64) * count + high, return_inverse=True)
    weights = np.bincount(inverse, np.maximum(weight[between], -_COST))
    lengths = np.bincount(inverse, length[between])
    for key, w, size in zip(keys.tolist(), weights, lengths, strict=True):
        one, other = divmod(key, count)
        parts[one].near[other] = np.array([w, size])
        parts[other].near[one] = np.array([w, size])
    return parts


def _join(parts: list[_Part], into: IntArray, number: int, other: int) -> None:
    """One part becomes part of another."""
    into[number] = other
    gone, kept = parts[number], parts[other]
    kept.faces = np.concatenate([kept.faces, gone.faces])
    kept.shown += gone.shown
    for third, border in gone.near.items():
        del parts[third].near[number]
        if third != other:
            total = kept.near.get(third, np.zeros(2)) + border
            kept.near[third] = parts[third].near[other] = total
    gone.near = {}


def _roots(into: IntArray) -> IntArray:
    root = into.copy()
    while not np.array_equal(root[root], root):
        root = root[root]
    return root


def _step(count: int) -> int:
    """Stride that leaves about 60."""
    return max(1, count // 60)


class Places:
    """Where something can stand or hang."""

    def __init__(
        self, graph: FaceGraph, planes: list[Plane], supports: list[Support], unit: float
    ) -> None:
        self._graph, self._planes, self._unit = graph, planes, unit
        self._supports = supports
        self._hulls = [
            cv2.convexHull(graph.centre[s.faces, :2].astype(np.float32)) for s in supports
        ]
        self._support_of = np.full(len(graph.centre), -1)
        for number, support in enumerate(supports):
            self._support_of[support.faces] = number

    def is_grounded(self, faces: IntArray, hangs: bool) -> bool:
        """Whether the faces' lowest points lie on the floor or on a support of others, or the faces hang on a wall.

        hangs: whether their border with the room is long enough for that
        """
        centre = self._graph.centre[faces]
        low = self._low(faces)
        reach = _CONTACT * self._unit
        for plane in self._planes:
            distance = plane.distance(centre)
            if plane.kind == "floor" and low < plane.offset + reach:
                return True
            if plane.kind == "wall" and np.percentile(distance, 5) < reach and hangs:
                return True
        own = set(self._owned(faces))
        return any(
            self._stands_on(faces, number)
            for number in range(len(self._supports))
            if number not in own
        )

    def rests_on(self, faces: IntArray, others: IntArray) -> bool:
        """Whether the faces' lowest points lie on a support that is part of the others."""
        return any(self._stands_on(faces, number) for number in self._owned(others))

    def is_leg_of(self, faces: IntArray, others: IntArray) -> bool:
        """Whether the faces are slender, stand below a support of the others, and reach up to it."""
        centre, area = self._graph.centre[faces], self._graph.area[faces]
        width, depth, height = np.ptp(np.percentile(centre, [2, 98], axis=0), axis=0)
        if min(width, depth) > _SLENDER * height:
            return False
        top = float(np.percentile(centre[:, 2], 98))
        for number in self._owned(others):
            below = self._supports[number].height - top
            if not -_CONTACT * self._unit < below < _BOARD * self._unit:
                continue
            inside = self._over(number, centre[:, :2])
            if np.average(inside, weights=area[:: _step(len(faces))]) > _MOSTLY:
                return True
        return False

    def _owned(self, faces: IntArray) -> list[int]:
        """The supports of which most faces are among these."""
        owned = np.bincount(self._support_of[faces] + 1, minlength=len(self._supports) + 1)[1:]
        return [k for k, s in enumerate(self._supports) if owned[k] > 0.5 * len(s.faces)]

    def _low(self, faces: IntArray) -> float:
        """Height below which there is just enough to stand on."""
        height = self._graph.centre[faces, 2]
        upwards = np.argsort(height)
        filled = np.cumsum(self._graph.area[faces][upwards]) > _FOOT * self._unit**2
        return float(height[upwards[np.argmax(filled)]])

    def _stands_on(self, faces: IntArray, number: int) -> bool:
        low, reach = self._low(faces), _CONTACT * self._unit
        if abs(low - self._supports[number].height) >= reach:
            return False
        centre = self._graph.centre[faces]
        return bool(np.mean(self._over(number, centre[centre[:, 2] < low + reach, :2])) > _OVER)

    def _over(self, number: int, places: FloatArray) -> BoolArray:
        """Which of about 60 of the places (N, 2) lie over a support, or at its edge."""
        hull, reach = self._hulls[number], _CONTACT * self._unit
        return np.array(
            [
                cv2.pointPolygonTest(hull, (float(x), float(y)), True) > -reach
                for x, y in places[:: _step(len(places))]
            ]
        )


def _without_rest(
    graph: FaceGraph, parts: list[_Part], patch: IntArray, node_part: IntArray, unit: float
) -> IntArray:
    """(nodes,) what is left without neighbours and is too small for a thing joins the part nearest in space."""
    is_kept = np.array([p.is_room or _is_clear(graph, p, unit) for p in parts])
    face_part = node_part[patch]
    rest: BoolArray = ~is_kept[face_part]
    if not rest.any() or rest.all():
        return node_part
    kept, crumbs = np.flatnonzero(~rest), np.flatnonzero(rest)
    nearest = kept[KDTree(graph.centre[kept]).query(graph.centre[crumbs])[1]]
    count = len(parts)
    pairs, votes = np.unique(
        patch[crumbs].astype(np.int64) * count + face_part[nearest], return_counts=True
    )
    out = node_part.copy()
    # ascending votes: the most wins
    order = np.argsort(votes, kind="stable")
    out[pairs[order] // count] = pairs[order] % count
    return out
