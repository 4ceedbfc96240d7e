"""Prompts about a rendered scene, made from its truth, and the verdict on what a prompt did to the reconstructed one.

The words are what one can say without labels: color, size, what a thing stands on, place. A case is made only where the
truth leaves one thing that fits, and a move only where the truth has room for it. Truth: metres, Z up.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maquette.editing.conversation import Conversation
from maquette.editing.reply import Reply
from maquette.scene import Scene
from maquette_protocol.document import SceneDocument

_SEPARATED = 0.5  # IoU from which a thing counts as separated
_TOLERANCE = 0.05  # of the scene's size
_STILL_M = 0.01  # what may have moved is still
_NEXT_TO = 0.5  # in units of the scene, between bounds


@dataclass(frozen=True)
class Case:
    """One prompt: what it should do to which true thing. `shift` is in metres, the text in the scene's units."""

    prompt: str
    effect: str  # remove, move, on, next, turn
    thing: str
    target: str | None = None
    shift: tuple[float, float, float] = (0, 0, 0)


@dataclass(frozen=True)
class Verdict:
    """What came of a case; `failure` is empty where it is right."""

    case: Case
    status: str
    message: str
    failure: str
    is_false_apply: bool


@dataclass(frozen=True)
class Frame:
    """From the scene's frame to the true one: x_true = scale * rotation @ x + shift."""

    scale: float
    rotation: np.ndarray
    shift: np.ndarray

    def point(self, x: np.ndarray) -> np.ndarray:
        return self.scale * self.rotation @ x + self.shift

    def vector(self, x: np.ndarray) -> np.ndarray:
        return self.scale * self.rotation @ x


class Wording:
    """The true things of a scene and what they can be called."""

    def __init__(self, truth: Path) -> None:
        document = json.loads((truth / "objects.json").read_text())
        self.all = {entry["id"]: entry for entry in document["objects"]}
        self.things = [
            o for o in self.all.values() if o["kind"] == "object" and o["visible_in_photos"] >= 3
        ]
        self.carriers = {o["rests_on"] for o in self.all.values()}
        low = np.min([o["world_min"] for o in self.things], axis=0)
        high = np.max([o["world_max"] for o in self.things], axis=0)
        self.size = float(np.linalg.norm(high - low))

    def names(self, thing: dict[str, Any]) -> list[str]:
        """What the thing alone can be called."""
        found = []
        alike = [o for o in self.things if o["color"] == thing["color"]]
        below = self.all.get(thing["rests_on"] or "", {"kind": ""})
        beside = [o for o in self.things if o["rests_on"] == thing["rests_on"]]
        if len(alike) == 1:
            found.append(f"the {thing['color']} thing")
        place = {"floor": "on the floor", "wall": "on the wall"}.get(below["kind"])
        if place is None and below["kind"] == "object" and self._one_of_color(below):
            place = f"on the {below['color']} thing"
        if place is not None:
            if sum(o["rests_on"] == thing["rests_on"] for o in alike) == 1:
                found.append(f"the {thing['color']} thing {place}")
            for word, measure, sign in (
                ("biggest", _volume, 1),
                ("smallest", _volume, -1),
                ("tallest", _height, 1),
            ):
                if len(beside) > 1 and _stands_out(thing, beside, measure, sign):
                    found.append(f"the {word} thing {place}")
        for word, measure in (("tallest", _height), ("biggest", _volume)):
            if _stands_out(thing, self.things, measure, 1):
                found.append(f"the {word} object")
        return found

    def _one_of_color(self, thing: dict[str, Any]) -> bool:
        return sum(o["color"] == thing["color"] for o in self.things) == 1

    def has_room(self, thing: dict[str, Any], shift: np.ndarray) -> bool:
        """Whether the thing may slide there: it stays over its carrier and meets nothing (bounds, 2 cm of air)."""
        low, high = np.array(thing["world_min"]) + shift, np.array(thing["world_max"]) + shift
        below = self.all[thing["rests_on"]]
        if (low[:2] < np.array(below["world_min"])[:2] + 0.05).any() or (
            high[:2] > np.array(below["world_max"])[:2] - 0.05
        ).any():
            return False
        swept_low = np.minimum(low, thing["world_min"]) - np.array([0.02, 0.02, -0.01])
        swept_high = np.maximum(high, thing["world_max"]) + np.array([0.02, 0.02, 0])
        return not any(
            (swept_low < o["world_max"]).all() and (swept_high > o["world_min"]).all()
            for o in self.all.values()
            if o["id"] not in (thing["id"], below["id"])
        )


def _volume(thing: dict[str, Any]) -> float:
    return float(np.prod(np.subtract(thing["bounds"]["max"], thing["bounds"]["min"])))


def _height(thing: dict[str, Any]) -> float:
    return float(thing["world_max"][2] - thing["world_min"][2])


def _stands_out(
    thing: dict[str, Any], among: list[dict[str, Any]], measure: Any, sign: int
) -> bool:
    """Whether it is first by a quarter."""
    others = [measure(o) for o in among if o["id"] != thing["id"]]
    return bool(others) and (
        measure(thing) > 1.25 * max(others) if sign > 0 else measure(thing) < 0.8 * min(others)
    )


def make_cases(
    truth: Wording, axes: dict[str, np.ndarray], scale: float, seed: int, count: int
) -> list[Case]:
    """Cases of all effects in turn, each about a thing of its own while there are enough.

    axes: word -> unit vector (3,) in the true frame, as the viewer sees it; scale: metres per unit of the scene.
    """
    draw = np.random.default_rng(seed)
    makers = (_remove, _move, _remove, _put_on, _move, _next_to, _turn)
    cases: list[Case] = []
    used: set[str] = set()
    for number in range(40 * count):
        if len(cases) == count:
            break
        order = [truth.things[k] for k in draw.permutation(len(truth.things))]
        fresh = [o for o in order if o["id"] not in used]
        for thing in fresh or order:
            maker = makers[(len(cases) + number // 8) % len(makers)]
            names = truth.names(thing)
            name = str(draw.choice(names)) if names else ""
            case = maker(truth, thing, name, axes, scale, draw) if names else None
            if case and case.prompt not in {other.prompt for other in cases}:
                cases.append(case)
                used.add(thing["id"])
                break
    return cases


def _remove(
    truth: Wording, thing: dict[str, Any], name: str, axes: Any, scale: float, draw: Any
) -> Case | None:
    verb = draw.choice(["remove", "delete", "get rid of"])
    return None if thing["id"] in truth.carriers else Case(f"{verb} {name}", "remove", thing["id"])


def _move(
    truth: Wording,
    thing: dict[str, Any],
    name: str,
    axes: dict[str, np.ndarray],
    scale: float,
    draw: Any,
) -> Case | None:
    if truth.all[thing["rests_on"]]["kind"] == "wall":
        return None
    for word in draw.permutation(list(axes)):
        for metres in (0.5, 0.3, 0.15):
            shift = metres * axes[word]
            if truth.has_room(thing, shift):
                text = f"move {name} {metres / scale:.3f} {word}"
                return Case(text, "move", thing["id"], None, tuple(shift.tolist()))
    return None


def _put_on(
    truth: Wording, thing: dict[str, Any], name: str, axes: Any, scale: float, draw: Any
) -> Case | None:
    if (
        thing["id"] in truth.carriers
        or truth.all[thing["rests_on"]]["kind"] == "wall"
        or _height(thing) > 0.4
    ):
        return None
    for target in truth.things:
        flat = target["label"] in ("table", "cabinet", "crate", "box")
        room = np.subtract(target["world_max"], target["world_min"])[:2].min()
        wide = np.subtract(thing["world_max"], thing["world_min"])[:2].max()
        names = truth.names(target)
        is_other = target["id"] not in (thing["id"], thing["rests_on"])
        if flat and is_other and names and room > 1.3 * wide and target["id"] not in truth.carriers:
            return Case(f"put {name} on {names[0]}", "on", thing["id"], target["id"])
    return None


def _next_to(
    truth: Wording, thing: dict[str, Any], name: str, axes: Any, scale: float, draw: Any
) -> Case | None:
    if thing["id"] in truth.carriers or truth.all[thing["rests_on"]]["kind"] == "wall":
        return None
    for k in draw.permutation(len(truth.things)):
        target = truth.things[k]
        names = truth.names(target)
        if names and target["id"] != thing["id"] and target["rests_on"] == thing["rests_on"]:
            return Case(f"put {name} next to {names[0]}", "next", thing["id"], target["id"])
    return None


def _turn(
    truth: Wording, thing: dict[str, Any], name: str, axes: Any, scale: float, draw: Any
) -> Case | None:
    sides = np.subtract(thing["world_max"], thing["world_min"])[:2]
    if (
        truth.all[thing["rests_on"]]["kind"] == "wall"
        or abs(sides[0] - sides[1]) > 0.05
        or thing["id"] in truth.carriers
    ):
        return None
    return Case(f"turn {name} by 90 degrees", "turn", thing["id"])


def judge(
    scene: Scene, case: Case, truth: Wording, frame: Frame, matches: dict[str, tuple[str, float]]
) -> Verdict:
    """Say the prompt to the scene, alone, and compare what it did with the truth.

    matches: true id -> (id in the scene, IoU); what is matched by less than half is not the thing.
    """
    matches = {key: match for key, match in matches.items() if match[1] >= _SEPARATED}
    talk = Conversation(scene.document, scene.arrays)
    reply = talk.say(case.prompt)
    failure = _failure(reply, scene.document, talk.document, case, truth, frame, matches)
    if failure and case.thing not in matches:
        failure = "not separated"
    return Verdict(
        case, reply.status, reply.message, failure, bool(failure) and reply.status == "applied"
    )


def _failure(
    reply: Reply, before: SceneDocument, after: SceneDocument, case: Case, truth: Wording, frame: Frame,
    matches: dict[str, tuple[str, float]],
) -> str:  # fmt: skip
    """Empty where the effect is the right one on the right thing and nothing else moved."""
    own = matches.get(case.thing, ("", 0.0))[0]
    if reply.status != "applied":
        is_named = own and f"'{_name(before, own)}'" in reply.message
        return "refused" if is_named and reply.status == "refused" else "not found"
    moved = _moved(before, after, frame)
    riders = _riders(before, own)
    if own not in moved:
        return "wrong thing"
    if any(
        key != own and key not in riders
        for key, step in moved.items()
        if np.abs(step).max() > _STILL_M
    ):
        return "wrong thing"
    if case.effect == "remove":
        return "" if own in reply.deleted and reply.deleted == [own] else "wrong thing"
    if own in reply.deleted:
        return "wrong place"
    tolerance = _TOLERANCE * truth.size
    thing, step = truth.all[case.thing], _step(before, after, own, frame)
    if case.effect == "move":
        near = min(tolerance, 0.5 * float(np.linalg.norm(case.shift)))
        return "" if np.linalg.norm(step - case.shift) <= near else "wrong place"
    if case.effect == "turn":
        turned = abs(_yaw_deg(before, after, own)) % 180
        return "" if abs(turned - 90) < 5 and np.linalg.norm(step) <= tolerance else "wrong place"
    assert case.target is not None
    target = truth.all[case.target]
    low, high = np.array(thing["world_min"]) + step, np.array(thing["world_max"]) + step
    to_low, to_high = np.array(target["world_min"]), np.array(target["world_max"])
    if case.effect == "on":
        centre = ((low + high) / 2)[:2]
        is_over = (centre > to_low[:2] - tolerance).all() and (
            centre < to_high[:2] + tolerance
        ).all()
        return "" if is_over and abs(low[2] - to_high[2]) <= tolerance else "wrong place"
    gap = np.linalg.norm(np.maximum(0, np.maximum(to_low - high, low - to_high)))
    return (
        ""
        if gap <= _NEXT_TO * frame.scale + tolerance and abs(low[2] - to_low[2]) <= tolerance
        else "wrong place"
    )


def _name(document: SceneDocument, key: str) -> str:
    return next(item.name for item in document.objects if item.id == key)


def _centre(document: SceneDocument, key: str, frame: Frame) -> np.ndarray:
    item = next(o for o in document.objects if o.id == key)
    assert item.bounds is not None
    middle = (np.array(item.bounds.min) + np.array(item.bounds.max)) / 2
    matrix = np.array(item.world_from_object)
    return frame.point(matrix[:3, :3] @ middle + matrix[:3, 3])


def _step(before: SceneDocument, after: SceneDocument, key: str, frame: Frame) -> np.ndarray:
    return _centre(after, key, frame) - _centre(before, key, frame)


def _moved(before: SceneDocument, after: SceneDocument, frame: Frame) -> dict[str, np.ndarray]:
    """What is elsewhere, otherwise turned or gone, by how far (gone: infinitely)."""
    later = {item.id: item for item in after.objects}
    found = {}
    for item in before.objects:
        if item.bounds is None:
            continue
        if item.id not in later:
            found[item.id] = np.full(3, np.inf)
        elif later[item.id].world_from_object != item.world_from_object:
            found[item.id] = _step(before, after, item.id, frame)
    return found


def _riders(document: SceneDocument, key: str) -> set[str]:
    """What stands on a thing, on that, and so on: it goes along, and drops where its carrier is gone."""
    found: set[str] = set()
    front = {key}
    while front:
        front = {
            o.id for o in document.objects if o.extra.get("rests_on") in front or o.parent in front
        } - found
        found |= front
    return found


def _yaw_deg(before: SceneDocument, after: SceneDocument, key: str) -> float:
    old, new = (
        np.array(next(o for o in document.objects if o.id == key).world_from_object)[:3, :3]
        for document in (before, after)
    )
    turn = new @ old.T
    return float(np.degrees(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1])))
