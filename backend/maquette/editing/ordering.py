"""What an order of things goes by: sizes along their own axes, places as the viewer sees them, lightness, distance."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from maquette.editing.attributes import has_size
from maquette.editing.boxes import gap
from maquette.editing.colors import apparent_color, oklch
from maquette.editing.plan import Attribute, Ref
from maquette.editing.scene_view import SceneView

_TIE = 0.002
_SIZE_WORDS = {
    "big": ("size", True), "small": ("size", False), "tall": ("height", True), "short": ("height", False),
    "wide": ("width", True), "narrow": ("width", False), "long": ("length", True), "thin": ("thickness", False),
    "thick": ("thickness", True),
}  # fmt: skip


def measured(view: SceneView, key: str, measure: str, others: Sequence[str] = ()) -> float:
    """What an order sorts by."""
    box = view.box(key)
    if measure == "distance":
        if others:
            return min(gap(box, view.box(other)) for other in others)
        return float(np.linalg.norm((box.centre - view.eye)[:2]))
    if measure in ("left", "right", "front", "back"):
        name = {"front": "toward", "back": "away"}.get(measure, measure)
        direction = view.direction(name)
        assert direction is not None
        return float(box.centre @ direction)
    if measure in ("top", "bottom"):
        return box.top if measure == "top" else -box.bottom
    if measure == "lightness":
        item = view.objects[key]
        return oklch(apparent_color(item))[0] if item.material else 0.0
    return size_along(view, key, measure)


def upper_group(values: list[tuple[float, str]], keys: list[str], count: int | None) -> list[str]:
    if count is not None and count < len(values):
        chosen = {key for _, key in values[:count]}
    else:
        steps = [abs(a[0] - b[0]) for a, b in pairwise(values)]
        split = int(np.argmax(steps)) + 1 if max(steps, default=0) > _TIE else len(values)
        chosen = {key for _, key in values[:split]}
    return [key for key in keys if key in chosen]


def in_part(view: SceneView, keys: list[str], part: str) -> list[str]:
    """Those "in the front row", "in the 2 row" (counted from the front), "in the back half" of where they all are."""
    which, _, kind = part.partition(" ")
    measure = which if which in ("left", "right", "back") else "front"
    values = sorted(((measured(view, key, measure), key) for key in keys), reverse=True)
    if kind == "half" and values:
        middle = (values[0][0] + values[-1][0]) / 2
        chosen = {key for value, key in values if value >= middle}
        return [key for key in keys if key in chosen]
    rows: list[list[str]] = []
    last = 0.0
    for value, key in values:
        reach = 0.5 * min(view.box(key).size[:2])
        if not rows or last - value > reach:
            rows.append([])
        rows[-1].append(key)
        last = value
    index = int(which) - 1 if which.isdigit() else (len(rows) - 1) // 2 if which == "middle" else 0
    chosen = set(rows[index]) if index < len(rows) else set()
    return [key for key in keys if key in chosen]


def size_along(view: SceneView, key: str, measure: str) -> float:
    """Height, width (across the front; without a front the longest horizontal side), depth, length; size: volume."""
    box = view.box(key)
    if measure in ("size", "volume", "order"):
        return box.volume
    if measure == "length":
        return (
            float(box.size.max())
            if view.front(key) is None
            else float(np.delete(box.size, box.vertical_axis).max())
        )
    return float(box.size[size_axis(view, key, measure)])


def size_axis(view: SceneView, key: str, measure: str) -> int:
    """Which own axis of a thing a size word means."""
    box = view.box(key)
    if measure == "thickness":
        return int(np.argmin(box.size))
    if measure == "height":
        return box.vertical_axis
    flat = [k for k in range(3) if k != box.vertical_axis]
    longest = max(flat, key=lambda k: box.size[k])
    if measure == "length":
        return longest
    front = view.front(key)
    if front is None:
        return longest if measure == "width" else next(k for k in flat if k != longest)
    depth = max(flat, key=lambda k: abs(float(box.axes[:, k] @ front)))
    return depth if measure == "depth" else next(k for k in flat if k != depth)


def of_size(view: SceneView, keys: list[str], attribute: Attribute, ref: Ref) -> list[str]:
    """ "the big one" of several is the clearly biggest; of one it may be anything."""
    if attribute.is_negated:
        largest = of_size(view, keys, replace(attribute, is_negated=False), ref)
        return [key for key in keys if key not in largest]
    if attribute.value == "flat":
        flat = [key for key in keys if has_size(view, key, "flat")]
        return flat or keys
    if len(keys) < 2:
        return keys
    measure, descends = _SIZE_WORDS.get(attribute.value, ("size", True))
    values = sorted(((measured(view, key, measure), key) for key in keys), reverse=descends)
    if ref.number == "many":
        return upper_group(values, keys, ref.count)
    first, second = values[0][0], values[1][0]
    if abs(first - second) > 0.08 * max(abs(first), abs(second)):
        return [values[0][1]]
    return [key for value, key in values if abs(value - first) <= 0.08 * max(abs(first), 1e-9)]


def on_side(view: SceneView, keys: list[str], side: str) -> list[str]:
    if len(keys) < 2:
        return keys
    if side in ("top", "upper"):
        value = max(view.box(key).bottom for key in keys)
        return [key for key in keys if view.box(key).bottom > value - 0.05]
    if side in ("bottom", "lower"):
        value = min(view.box(key).bottom for key in keys)
        return [key for key in keys if view.box(key).bottom < value + 0.05]
    return keys


def along_their_row(
    view: SceneView, keys: list[str], values: list[tuple[float, str]]
) -> list[tuple[float, str]]:
    """By where they are in the row that they form, where it runs away from the viewer."""
    centres = np.array([view.box(key).centre for key in keys])
    spread = np.ptp(centres @ view.viewer[0])
    offsets = centres - centres.mean(axis=0)
    main = np.linalg.svd(offsets)[2][0] if len(keys) > 2 else np.zeros(3)
    if spread > 0.3 * float(np.ptp(offsets @ main)):
        return values
    return sorted(zip((offsets @ main).tolist(), keys, strict=True))
