"""The viewer: moving, turning and zooming cameras. OpenCV axes: x right, y down, z forward."""

import re
from dataclasses import replace

import numpy as np

from maquette.editing.boxes import Array, turn
from maquette.editing.edit import Edit
from maquette.editing.grounding import Cannot
from maquette.editing.plan import Camera, Ref
from maquette.editing.scene_view import SceneView
from maquette.editing.wording import joined, length
from maquette_protocol.document import SceneCamera

_UP = np.array([0.0, 0.0, 1.0])
_EMPTY = frozenset(
    (
        "the",
        "a",
        "an",
        "camera",
        "cam",
        "view",
        "viewer",
        "viewpoint",
        "to",
        "through",
        "from",
        "of",
        "other",
        "current",
        "main",
        "photo",
        "image",
        "my",
    )
)


def camera(edit: Edit, operation: Camera) -> None:
    if operation.action == "look_through":
        _look_through(edit, operation)
        return
    chosen = _camera(edit, operation.targets)
    matrix = np.array(chosen.world_from_camera, float)
    if operation.action in ("zoom", "field_of_view"):
        edit.set_camera(_zoomed(chosen, operation))
    else:
        edit.set_camera(_with(chosen, _ACTIONS[operation.action](edit, operation, matrix, chosen)))
    edit.messages.append(
        f"Camera '{chosen.id}': {_SPOKEN.get(operation.action, operation.action)}{_amount(edit.view, operation)}."
    )


_SPOKEN = {
    "move": "moved", "pan": "panned", "tilt": "tilted", "roll": "rolled", "orbit": "orbited", "zoom": "zoomed",
    "aim": "aimed", "frame": "framed", "top": "looks down from above", "height": "height set",
    "field_of_view": "field of view set",
}  # fmt: skip


def _amount(view: SceneView, operation: Camera) -> str:
    way = f" {operation.direction}" if operation.direction else ""
    to = f" at {operation.to.words}" if operation.to is not None else ""
    if operation.amount is None:
        return f"{way}{to}"
    if operation.action in ("move", "height"):
        return f"{way} by {length(view, operation.amount)}{to}"
    unit = "" if operation.action == "zoom" else "°"
    return f"{way} by {operation.amount:g}{unit}{to}"


def _camera(edit: Edit, ref: Ref | None) -> SceneCamera:
    cameras = edit.view.cameras
    if not cameras:
        raise Cannot("This scene has no camera.")
    if ref is not None and ref.pronoun not in ("viewer", "it", "this"):
        named = _named(edit, ref)
        if named:
            return cameras[named]
    if edit.view.document.view is not None:
        return cameras[edit.view.document.view]
    if len(cameras) == 1:
        return next(iter(cameras.values()))
    raise Cannot(f"It isn't clear which camera is meant; there is {', '.join(cameras)}.")


def _named(edit: Edit, ref: Ref) -> str:
    cameras = edit.view.cameras
    for key in ref.ids:
        if key in cameras:
            return key
    words = set(re.findall(r"[a-z0-9]+", f"{ref.words} {ref.noun}".lower())) - _EMPTY
    numbers = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
    scores = {
        key: len(words & set(re.findall(r"[a-z]+|[0-9]+", f"{key} {item.image or ''}".lower())))
        + 3 * (key.lower() in f"{ref.words} {ref.noun}".lower())
        for key, item in cameras.items()
    }
    best = max(scores.values(), default=0)
    chosen = [key for key, score in scores.items() if score == best]
    if best and len(chosen) == 1:
        return chosen[0]
    for word in words & numbers.keys():
        keys = list(cameras)
        if -len(keys) <= numbers[word] < len(keys):
            return keys[numbers[word]]
    others = [key for key in cameras if key != edit.view.document.view]
    if (
        ref.pronoun == "other" or "other" in ref.words.split() or "next" in ref.words.split()
    ) and others:
        if len(others) == 1 or "next" in ref.words.split():
            return others[0]
        raise Cannot(f"There are several other cameras: {', '.join(others)}.")
    if words - {"it", "this", "that", "these"}:
        raise _no_such_camera(edit)
    return ""


def _look_through(edit: Edit, operation: Camera) -> None:
    if operation.targets is None:
        raise Cannot("It isn't said which camera to look through.")
    key = _named(edit, operation.targets)
    if not key:
        raise _no_such_camera(edit)
    edit.put({}, view=key)
    edit.messages.append(f"Looking through camera '{key}'.")


def _no_such_camera(edit: Edit) -> Cannot:
    there = joined([f"'{key}'" for key in edit.view.cameras], "and")
    what = f"there is {there}" if there else "the scene has none"
    return Cannot(f"There is no such camera here; {what}.")


def _with(chosen: SceneCamera, matrix: Array) -> SceneCamera:
    return replace(chosen, world_from_camera=tuple(map(tuple, matrix.tolist())))


def _level(forward: Array, matrix: Array) -> Array:
    flat = forward * np.array([1.0, 1.0, 0.0])
    length = float(np.linalg.norm(flat))
    return flat / length if length > 1e-3 else -matrix[:3, 1]


def _move(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    distance = 0.5 if operation.amount is None else operation.amount
    right, forward = matrix[:3, 0], matrix[:3, 2]
    if operation.to is not None and operation.to.pronoun != "viewer":
        aim = edit.view.box(edit.grounder.one(operation.to)).centre - matrix[:3, 3]
        length = max(float(np.linalg.norm(aim)), 1e-9)
        if operation.amount is None:
            distance = 0.4 * length
        sign = -1.0 if operation.direction in ("away", "backward") else 1.0
        offset = sign * distance * aim / length
    else:
        ways = {"left": -right, "right": right, "up": _UP, "down": -_UP, "forward": forward, "away": forward,
                "backward": -forward, "toward": -forward}  # fmt: skip
        offset = ways[operation.direction or "forward"] * distance
    matrix[:3, 3] += offset
    return matrix


def _pan(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    angle = 15.0 if operation.amount is None else operation.amount
    matrix[:3, :3] = turn(-angle if operation.direction == "right" else angle) @ matrix[:3, :3]
    return matrix


def _tilt(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    angle = 10.0 if operation.amount is None else operation.amount
    matrix[:3, :3] = (
        turn(-angle if operation.direction == "down" else angle, matrix[:3, 0]) @ matrix[:3, :3]
    )
    return matrix


def _roll(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    angle = 10.0 if operation.amount is None else operation.amount
    matrix[:3, :3] = (
        turn(angle if operation.direction == "right" else -angle, matrix[:3, 2]) @ matrix[:3, :3]
    )
    return matrix


def _target(edit: Edit, operation: Camera, matrix: Array) -> Array:
    if operation.to is not None and operation.to.pronoun != "viewer":
        found = edit.grounder.resolve(operation.to)
        if len(found) > 1 and operation.to.number == "one":
            raise edit.grounder.unclear(found, operation.to)
        edit.about(found)
        return np.mean([edit.view.box(key).centre for key in found], axis=0)
    centres = np.array(
        [edit.view.box(k).centre for k in edit.view.ids if not edit.view.is_fixed(k)] or [[0, 0, 0]]
    )
    return centres.mean(0)


def _orbit(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    centre = _target(edit, operation, matrix)
    angle = 30.0 if operation.amount is None else operation.amount
    rotation = turn(angle if operation.direction != "left" else -angle)
    matrix[:3, 3] = centre + rotation @ (matrix[:3, 3] - centre)
    matrix[:3, :3] = rotation @ matrix[:3, :3]
    return matrix


def _aimed(matrix: Array, target: Array) -> Array:
    forward = target - matrix[:3, 3]
    length = float(np.linalg.norm(forward))
    if length < 1e-6:
        raise Cannot("The camera is right at it already.")
    forward = forward / length
    right = np.cross(forward, _UP)
    if float(np.linalg.norm(right)) < 1e-6:
        right = matrix[:3, 0] - forward * float(matrix[:3, 0] @ forward)
    right = right / np.linalg.norm(right)
    matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    return matrix


def _aim(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    return _aimed(matrix, _target(edit, operation, matrix))


def _frame(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    """Aim, and step back or near until the thing fills two thirds of the picture."""
    target = _target(edit, operation, matrix)
    found = (
        edit.grounder.resolve(operation.to)
        if operation.to is not None and operation.to.pronoun != "viewer"
        else edit.view.ids
    )
    corners = np.concatenate([edit.view.box(k).corners for k in found])
    radius = float(np.linalg.norm(corners - target, axis=1).max())
    K = np.array(chosen.K, float)
    half = min(chosen.width / (2 * K[0, 0]), chosen.height / (2 * K[1, 1]))
    matrix = _aimed(matrix, target)
    matrix[:3, 3] = target - matrix[:3, 2] * max(radius / (0.66 * half), radius * 1.2, 0.1)
    matrix[2, 3] = max(matrix[2, 3], 0.05)
    return _aimed(matrix, target)


def _top(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    target = _target(edit, operation, matrix)
    corners = np.concatenate([edit.view.box(k).corners for k in edit.view.ids])
    reach = float(np.abs(corners[:, :2] - target[:2]).max())
    K = np.array(chosen.K, float)
    half = min(chosen.width / (2 * K[0, 0]), chosen.height / (2 * K[1, 1]))
    away = _level(matrix[:3, 2], matrix)
    forward = -_UP
    right = np.cross(forward, away)
    right = right / np.linalg.norm(right)
    matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    matrix[:3, 3] = np.array(
        [target[0], target[1], float(corners[:, 2].max()) + 1.1 * reach / half]
    )
    return matrix


def _height(edit: Edit, operation: Camera, matrix: Array, chosen: SceneCamera) -> Array:
    if operation.amount is None:
        raise Cannot("It isn't said how high the camera should be.")
    matrix[2, 3] = operation.amount
    return matrix


def _zoomed(chosen: SceneCamera, operation: Camera) -> SceneCamera:
    K = np.array(chosen.K, float)
    if operation.action == "zoom":
        factor = 1.25 if operation.amount is None else operation.amount
        if operation.direction in ("away", "backward") and (factor > 1):
            factor = 1 / factor
        if not 0.01 < factor < 100:
            raise Cannot(f"A zoom by {factor:g} is too much.")
    else:
        angle = operation.amount or 50.0
        if not 1 <= angle <= 170:
            raise Cannot(f"A field of view of {angle:g}° cannot be.")
        factor = chosen.width / 2 / np.tan(np.radians(angle / 2)) / K[0, 0]
    K[0, 0] *= factor
    K[1, 1] *= factor
    return replace(chosen, K=tuple(map(tuple, K.tolist())))


_ACTIONS = {
    "move": _move, "pan": _pan, "tilt": _tilt, "roll": _roll, "orbit": _orbit, "aim": _aim, "frame": _frame,
    "top": _top, "height": _height,
}  # fmt: skip
