"""Masks of photos on the surface that the photos show: the same thing in several photos is one, and has a name.

Each mask marks the faces that its photo shows in it. Two masks of different photos are the same thing as far as they
agree on the faces that both photos show; the partition that agrees best is a multicut. Areas are of faces.
"""

from dataclasses import dataclass

import numpy as np

from maquette.types import BoolArray, FloatArray, IntArray
from maquette_kernels.graph_parts import multicut

_SAME = (
    0.5  # of the area that either marks and both see: then two masks are as likely one thing as not
)
_LEAST_SHARED = 0.2  # of the smaller mask must be seen by both photos for them to tell
_MOST = 0.5  # of the photos that show a face and the thing must mark it
_IS_THING = 0.5  # overlap by which a found thing is the one that a mask shows
_IS_PART = 0.8  # of a thing within a mask: it is a part of what the mask shows


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A mask in a photo, on the surface."""

    photo: int
    faces: IntArray  # (n,) faces that the mask shows, ascending
    word: str
    score: float  # 0..1


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that photos agree on."""

    faces: IntArray  # (n,)
    word: str
    confidence: float  # 0..1: mean score of the masks that say so, times their share


def faces_in_mask(triangle: IntArray, mask: BoolArray) -> IntArray:
    """Faces of which the mask shows more than half of what the photo shows. triangle: (H, W), -1 nothing."""
    shown = triangle >= 0
    faces, counts = np.unique(triangle[shown], return_counts=True)
    inside = np.zeros(int(faces.max()) + 1 if len(faces) else 0, np.int64)
    marked, marks = np.unique(triangle[shown & mask], return_counts=True)
    inside[marked] = marks
    return faces[2 * inside[faces] > counts]


def merged(sightings: list[Sighting], visible: BoolArray, area: FloatArray) -> list[Found]:
    """What the sightings show, one entry per thing. visible: (photos, T) faces that a photo shows; area: (T,)"""
    pairs, weights = [], []
    marks = [_mask(one.faces, len(area)) for one in sightings]
    for a in range(len(sightings)):
        for b in range(a):
            weight = _agreement(sightings[a], sightings[b], marks[a], marks[b], visible, area)
            if weight is not None:
                pairs.append((a, b))
                weights.append(weight)
    group = multicut(len(sightings), np.array(pairs, int).reshape(-1, 2), np.array(weights))
    found = []
    for number in range(int(group.max()) + 1 if len(group) else 0):
        members = [n for n in range(len(sightings)) if group[n] == number]
        votes = np.sum([marks[n] for n in members], axis=0)
        photos = [sightings[n].photo for n in members]
        shows = visible[photos].sum(axis=0)
        faces = np.flatnonzero((votes > 0) & (votes >= _MOST * shows))
        word, confidence = _name([sightings[n] for n in members])
        found.append(Found(faces=faces, word=word, confidence=confidence))
    return found


def _mask(faces: IntArray, count: int) -> BoolArray:
    mask = np.zeros(count, bool)
    mask[faces] = True
    return mask


def _agreement(
    one: Sighting,
    other: Sighting,
    marked: BoolArray,
    also: BoolArray,
    visible: BoolArray,
    area: FloatArray,
) -> float | None:
    """How much two masks attract each other, negative where they part; None where nothing tells."""
    if one.photo == other.photo:
        # two boxes of one photo around the same thing say it twice
        return _overlap(marked, also, area) - 0.8
    both = visible[one.photo] & visible[other.photo]
    shared = min(area[marked & both].sum(), area[also & both].sum())
    if shared <= _LEAST_SHARED * min(area[marked].sum(), area[also].sum()):
        return None
    return _overlap(marked & both, also & both, area) - _SAME


def _overlap(one: BoolArray, other: BoolArray, area: FloatArray) -> float:
    """Intersection over union."""
    return float(area[one & other].sum() / max(area[one | other].sum(), 1e-30))


def _name(members: list[Sighting]) -> tuple[str, float]:
    score: dict[str, list[float]] = {}
    for one in members:
        score.setdefault(one.word, []).append(one.score)
    word = max(sorted(score), key=lambda w: sum(score[w]))
    share = len(score[word]) / len(members)
    return word, float(np.mean(score[word])) * share


def parts_of_found(
    found: list[Found], owner: IntArray, seen_area: FloatArray, count: int
) -> list[tuple[list[int], Found]]:
    """(things, what they are): for each found thing the scene's things that are it, or are parts of it.

    owner: (T,) number of the thing that each face is of, -1 none; seen_area: (T,) area of what photos show
    """
    total = np.bincount(owner[owner >= 0], seen_area[owner >= 0], count)
    answer: list[tuple[list[int], Found]] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda f: -f.confidence):
        faces = one.faces[owner[one.faces] >= 0]
        inside = np.bincount(owner[faces], seen_area[faces], count)
        parts = [
            n
            for n in np.flatnonzero(inside >= _IS_PART * np.maximum(total, 1e-30)).tolist()
            if n not in taken and total[n] > 0
        ]
        most = int(inside.argmax()) if count else -1
        if not parts and most >= 0 and most not in taken:
            parts = [most]
        if not parts:
            continue
        joint = total[parts].sum() + seen_area[one.faces].sum() - inside[parts].sum()
        if inside[parts].sum() >= _IS_THING * joint:
            parts.sort(key=lambda n: -total[n])
            answer.append((parts, one))
            taken |= set(parts)
    return answer
