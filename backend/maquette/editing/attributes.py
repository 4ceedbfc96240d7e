"""Properties of things as people name them: colour, material, state, shape, size."""

import numpy as np

from maquette.editing.colors import (
    apparent_color,
    difference,
    difference_in_light,
    is_called,
    is_wooden,
)
from maquette.editing.plan import Attribute
from maquette.editing.scene_view import SceneView


def has(view: SceneView, key: str, attribute: Attribute) -> bool:
    """Whether a thing has a property."""
    return _has(view, key, attribute) != attribute.is_negated


def _has(view: SceneView, key: str, attribute: Attribute) -> bool:
    item, value = view.objects[key], attribute.value
    if attribute.kind == "color":
        if item.material is None:
            return item.light is not None and is_called(item.light.color, value)
        return is_called(apparent_color(item), value)
    if attribute.kind == "material":
        return _is_made_of(view, key, value)
    if attribute.kind == "state":
        return _is_in_state(view, key, value)
    if attribute.kind == "shape":
        return _is_shaped(view, key, value)
    return has_size(view, key, value)


def _is_made_of(view: SceneView, key: str, value: str) -> bool:
    item = view.objects[key]
    material = item.material
    if material is None:
        return False
    name = material.name.lower()
    tests = {
        "metal": material.metallic >= 0.5,
        "shiny": material.roughness <= 0.3,
        "matte": material.roughness >= 0.7,
        "transparent": material.base_color[3] < 0.95,
        "glass": material.base_color[3] < 0.7,
        "glowing": max(material.emission) > 0,
        "wood": is_wooden(apparent_color(item)) and material.metallic < 0.5,
    }
    return value in name or tests.get(value, False)


def _is_in_state(view: SceneView, key: str, value: str) -> bool:
    item = view.objects[key]
    if value == "stacked":
        same = [*view.supports(key), *view.standing_on(key)]
        return any(view.objects[other].label == item.label for other in same)
    return {
        "selected": key in view.document.selection,
        "hidden": not item.visible,
        "visible": item.visible,
        "locked": item.locked,
        "unlocked": not item.locked,
        "empty": not view.standing_on(key),
    }.get(value, False)


def _is_shaped(view: SceneView, key: str, value: str) -> bool:
    x, y, z = sorted(view.box(key).size)
    geometry = view.objects[key].geometry
    primitive = geometry.primitive if geometry else None
    if value in ("round", "cylinder", "sphere"):
        return primitive in ("sphere", "cylinder") or (value == "round" and abs(x - y) < 0.02 * y)
    if value == "square":
        return abs(x - y) < 0.05 * max(y, 1e-6) or abs(y - z) < 0.05 * max(z, 1e-6)
    return primitive in (None, "box")


def has_size(view: SceneView, key: str, value: str) -> bool:
    box = view.box(key)
    height = box.top - box.bottom
    flat = max(float(np.delete(box.size, box.vertical_axis).max()), 1e-6)
    if value == "flat":
        return height < 0.35 * flat
    same = [
        view.box(k).volume for k in view.ids if view.objects[k].label == view.objects[key].label
    ]
    middle = float(np.median(same))
    return {
        "big": box.volume >= middle, "small": box.volume <= middle, "tall": height > 1.2 * flat or height > 1.0,
        "short": height < 0.8, "wide": flat > height, "narrow": flat < 0.5, "long": flat > 0.5, "thin": flat < 0.3,
        "thick": flat > 0.1,
    }.get(value, True)  # fmt: skip


def odd_ones(view: SceneView, keys: list[str]) -> list[str]:
    """Those whose colour few others have."""
    items = {key: view.objects[key] for key in keys}
    colors = {key: apparent_color(item) for key, item in items.items() if item.material}
    alike = {
        key: sum(difference(color, other) < 0.06 for other in colors.values())
        for key, color in colors.items()
    }
    fewest = min(alike.values(), default=0)
    return (
        [key for key, n in alike.items() if n == fewest]
        if fewest < max(alike.values(), default=0)
        else []
    )


def nearest_color(view: SceneView, keys: list[str], name: str) -> list[str]:
    distances = [
        (difference_in_light(item, name), key)
        for key in keys
        if (item := view.objects[key]).material is not None
    ]
    best = min(distances, default=(1.0, ""))[0]
    return [key for value, key in distances if value <= best + 0.03] if best <= 0.16 else []
