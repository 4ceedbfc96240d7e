"""Materials: colours, presets, single properties. The texture stays unless a colour replaces it."""

from dataclasses import replace

from maquette.editing.colors import from_temperature, name_of
from maquette.editing.edit import Edit
from maquette.editing.grammar.colors import linear_from_oklab, oklab
from maquette.editing.grounding import Cannot
from maquette.editing.plan import Lamp, Material, Ref, Vector
from maquette_protocol.document import Material as SceneMaterial


def _has_material(edit: Edit, key: str) -> bool:
    item = edit.before.objects[key]
    return item.material is not None or (item.geometry is not None and item.light is None)


def _model(edit: Edit, like: Ref) -> str:
    """Whose looks are wanted; any of several that look alike ("the same colour as the other lockers")."""
    found = edit.grounder.resolve(like, accept=lambda key: _has_material(edit, key))
    materials = [edit.before.objects[key].material for key in found]
    colors = {m.base_color for m in materials if m is not None}
    if len(found) == 1 or len(colors) == 1:
        return next(key for key in found if edit.before.objects[key].material or len(found) == 1)
    raise edit.grounder.unclear(found, like)


def material(edit: Edit, operation: Material) -> None:
    keys = edit.find(operation.targets, accept=lambda key: _has_material(edit, key))
    like = None
    if operation.like is not None:
        edit.grounder.subject = tuple(keys)  # "as the other lockers"
        source = edit.before.objects[_model(edit, operation.like)]
        edit.grounder.subject = ()
        like = source.material
        if like is None:
            raise Cannot(f"'{source.name}' has no material to copy.")
    for key in keys:
        item = edit.view.objects[key]
        if item.locked:
            raise Cannot(f"'{edit.view.name(key)}' is locked; unlock it first.")
        if item.material is None and item.light is not None:
            _tint_light(edit, key, operation, like)
            continue
        old = item.material or SceneMaterial()
        edit.set(key, material=_changed(old, operation, like))
    edit.about(keys)
    edit.messages.append(_told(edit, keys, operation, like))


def _tint_light(edit: Edit, key: str, operation: Material, like: SceneMaterial | None) -> None:
    color = like.base_color[:3] if like else operation.color
    light = edit.view.objects[key].light
    if color is None or light is None:
        raise Cannot(f"'{edit.view.name(key)}' is a light; it has no material.")
    edit.set(key, light=replace(light, color=_full(color)))


def _full(color: tuple[float, ...]) -> Vector:
    brightest = max(max(color[:3]), 1e-6)
    red, green, blue = (value / brightest for value in color[:3])
    return (red, green, blue)


def _changed(old: SceneMaterial, operation: Material, like: SceneMaterial | None) -> SceneMaterial:
    color: tuple[float, ...] = old.base_color[:3]
    if like is not None:
        color = like.base_color[:3]
    if operation.color is not None:
        color = operation.color
    color = _shifted(color, operation)
    alpha = old.base_color[3] if operation.alpha is None else operation.alpha
    is_new_color = operation.color is not None or like is not None
    emission = old.emission
    if operation.emission is not None:
        glow = color if max(color) > 1e-3 else (1.0, 1.0, 1.0)
        emission = tuple(operation.emission * value for value in glow)
    elif is_new_color and max(old.emission) > 0:
        emission = tuple(max(old.emission) * value for value in color)
    roughness = old.roughness if operation.roughness is None else operation.roughness
    if operation.roughness_change is not None:
        roughness += operation.roughness_change
    return replace(
        old,
        name=operation.name
        or (f"{operation.color_name} {old.name.split()[-1]}" if operation.color_name else old.name),
        base_color=(*(min(max(v, 0.0), 1.0) for v in color), min(max(alpha, 0.0), 1.0)),
        metallic=old.metallic
        if operation.metallic is None
        else min(max(operation.metallic, 0.0), 1.0),
        roughness=min(max(roughness, 0.0), 1.0),
        emission=emission,
        texture=None if is_new_color and operation.lightness_change is None else old.texture,
    )


def _shifted(color: tuple[float, ...], operation: Material) -> tuple[float, ...]:
    changes = (operation.lightness_change, operation.saturation_change, operation.warmth_change)
    if all(change is None for change in changes):
        return color
    lightness, a, b = oklab(color)
    lightness = min(max(lightness + (operation.lightness_change or 0.0), 0.02), 0.99)
    factor = max(1.0 + (operation.saturation_change or 0.0), 0.0)
    warmth = operation.warmth_change or 0.0
    a, b = a * factor + 0.3 * warmth, b * factor + warmth
    wanted = linear_from_oklab((lightness, a, b))
    for _ in range(20):  # out of what can be shown: less colour, the same hue and lightness
        if abs(oklab(wanted)[0] - lightness) < 0.01:
            break
        a, b = a * 0.85, b * 0.85
        wanted = linear_from_oklab((lightness, a, b))
    return wanted


def _told(edit: Edit, keys: list[str], operation: Material, like: SceneMaterial | None) -> str:
    parts: list[str] = []
    if operation.color is not None:
        parts.append(operation.color_name or name_of(operation.color))
    if like is not None:
        parts.append(name_of(like.base_color))
    if operation.lightness_change:
        parts.append("lighter" if operation.lightness_change > 0 else "darker")
    if operation.name:
        parts.append(operation.name)
    for field in ("roughness", "metallic", "alpha", "emission"):
        value = getattr(operation, field)
        if value is not None and not operation.name:
            parts.append(f"{field} {value:g}")
    return f"Made {edit.view.names(keys)} {', '.join(parts) or 'as asked'}."


# lights -------------------------------------------------------------------------------------------


def lamp(edit: Edit, operation: Lamp) -> None:
    """Power, colour, on and off, aim; of the lights meant, or of the bulbs that the lamps hold."""
    found = edit.find(operation.targets, accept=lambda key: bool(_bulbs(edit, key)))
    keys = list(dict.fromkeys(bulb for key in found for bulb in _bulbs(edit, key)))
    if not keys:
        raise Cannot(f"{edit.view.names(found)} gives no light.")
    for key in keys:
        _lit(edit, key, operation)
    edit.about(found)
    edit.messages.append(_lamp_told(edit, keys, operation))


def _bulbs(edit: Edit, key: str) -> list[str]:
    """The thing itself where it is a light, else the lights that are part of it."""
    if edit.view.objects[key].light is not None:
        return [key]
    return [k for k in edit.view.children(key) if edit.view.objects[k].light is not None]


def _lit(edit: Edit, key: str, operation: Lamp) -> None:
    item = edit.view.objects[key]
    light = item.light
    assert light is not None
    if item.locked:
        raise Cannot(f"'{edit.view.name(key)}' is locked; unlock it first.")
    changes: dict[str, object] = {}
    power = light.power
    if operation.power is not None:
        power = operation.power
    if operation.factor is not None:
        power *= operation.factor
    if operation.is_on is False:
        changes["extra"] = {
            **light.extra,
            "power_on": power if power > 0 else light.extra.get("power_on", 60.0),
        }
        power = 0.0
    elif operation.is_on:
        kept = light.extra.get("power_on", 60.0)
        power = power if power > 0 else float(kept) if isinstance(kept, int | float) else 60.0
        if not item.visible:
            edit.set(key, visible=True)
    color = light.color
    if operation.temperature_k is not None:
        color = from_temperature(operation.temperature_k)
    if operation.color is not None:
        color = operation.color
    if (
        operation.color_name in ("warmer", "cooler", "warm", "cool")
        and operation.color is None
        and operation.temperature_k is None
    ):
        color = _warmed(light.color, 0.25 if operation.color_name.startswith("warm") else -0.25)
    if power < 0:
        raise Cannot("A light cannot have less than no power.")
    edit.set(key, light=replace(light, power=power, color=color, **changes))  # pyright: ignore[reportArgumentType]
    if operation.aim is not None:
        _aim(edit, key, operation)


def _warmed(color: tuple[float, ...], amount: float) -> Vector:
    red, green, blue = color[:3]
    if amount > 0:
        return (red, green * (1 - 0.3 * amount), blue * (1 - amount))
    return (red * (1 + amount), green * (1 + 0.3 * amount), min(blue * (1 - 0.2 * amount), 1.0))


def _aim(edit: Edit, key: str, operation: Lamp) -> None:
    import numpy as np

    assert operation.aim is not None
    target = (
        edit.view.eye
        if operation.aim.pronoun == "viewer"
        else edit.view.box(edit.grounder.one(operation.aim)).centre
    )
    matrix = np.array(edit.view.objects[key].world_from_object, float)
    z = matrix[:3, 3] - target
    z = z / max(float(np.linalg.norm(z)), 1e-9)
    x = np.cross(np.array([0, 0, 1.0]) if abs(z[2]) < 0.99 else np.array([0, 1.0, 0]), z)
    x = x / np.linalg.norm(x)
    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    matrix[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1) * scale
    edit.set(key, world_from_object=tuple(map(tuple, matrix.tolist())))


def _lamp_told(edit: Edit, keys: list[str], operation: Lamp) -> str:
    names = edit.view.names(keys)
    if operation.is_on is not None and operation.power is None and operation.factor is None:
        return f"Switched {names} {'on' if operation.is_on else 'off'}."
    if operation.color_name in ("warmer", "cooler", "warm", "cool") and operation.power is None:
        return f"Made the light of {names} {operation.color_name.removesuffix('er')}er."
    light = edit.view.objects[keys[0]].light
    assert light is not None
    return f"Set {names} to {light.power:.4g} W, {name_of(light.color)}."
