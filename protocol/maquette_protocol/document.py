"""The scene document: scene.json, version 1, read strictly and written back with whatever else it held.

Frames: right-handed, Z up; matrices are 4x4, row-major, on column vectors; cameras OpenCV. Lengths are metres where
`units.metric`, else scene units. Colours are linear. A malformed document is refused with the JSON path.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar, get_args

from maquette_protocol.errors import DocumentError

FORMAT, VERSION = "maquette-scene", 1
Kind = Literal["object", "floor", "wall", "ceiling", "surface", "light"]
LightType = Literal["POINT", "SUN", "SPOT", "AREA"]
Matrix = tuple[tuple[float, ...], ...]
Vector = tuple[float, ...]
Extra = dict[str, Any]  # keys that this version does not know, kept on rewriting
IDENTITY: Matrix = ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 1.0, 0), (0, 0, 0, 1.0))
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """An axis-aligned box in object space."""

    min: Vector
    max: Vector
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Either a primitive that fills the bounds, or the name of a mesh in the arrays."""

    primitive: str | None = None
    mesh: str | None = None
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Material:
    """glTF 2.0 metallic-roughness; colours linear."""

    name: str = "material"
    base_color: Vector = (0.8, 0.8, 0.8, 1.0)
    metallic: float = 0.0
    roughness: float = 0.5
    emission: Vector = (0.0, 0.0, 0.0)
    texture: str | None = None  # path below the scene folder
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Light:
    """A lamp; power in watts (sun: watts per square metre), as Blender."""

    type: LightType
    power: float
    color: Vector = (1.0, 1.0, 1.0)
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SceneCamera:
    """A pinhole camera and its photo."""

    id: str
    image: str | None
    width: int
    height: int
    K: Matrix
    world_from_camera: Matrix
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SceneObject:
    """One thing in the scene."""

    id: str
    name: str
    label: str | None = None
    kind: Kind = "object"
    world_from_object: Matrix = IDENTITY
    bounds: Bounds | None = None
    front: Vector | None = None
    geometry: Geometry | None = None
    material: Material | None = None
    light: Light | None = None
    parent: str | None = None
    visible: bool = True
    locked: bool = False
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SceneDocument:
    """The whole of scene.json."""

    is_metric: bool = False
    cameras: tuple[SceneCamera, ...] = ()
    view: str | None = None
    selection: tuple[str, ...] = ()
    objects: tuple[SceneObject, ...] = ()
    extra: Extra = field(default_factory=dict)
    units_extra: Extra = field(default_factory=dict)


def parse_document(text: str) -> SceneDocument:
    """The document of a JSON text. Raises DocumentError with the JSON path and the reason."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"$: not JSON ({error})", hint="Is this a scene.json?") from error
    return document_from_json(data)


def document_from_json(data: Any) -> SceneDocument:
    """The document of parsed JSON. Raises DocumentError."""
    known = _Fields(data, "$")
    if known.take("format", _text) != FORMAT:
        raise known.error("format", f"expected {FORMAT!r}")
    version = known.take("version", _integer)
    if version != VERSION:
        raise known.error("version", f"this Maquette reads version {VERSION}")
    units = _Fields(known.take("units", _mapping, {}), "$.units")
    is_metric = units.take("metric", _boolean, False)
    document = SceneDocument(
        is_metric=is_metric,
        cameras=known.take("cameras", _list_of(_camera), ()),
        view=known.take("view", _optional(_text), None),
        selection=known.take("selection", _list_of(_text), ()),
        objects=known.take("objects", _list_of(_object), ()),
        extra=known.rest(),
        units_extra=units.rest(),
    )
    _check_references(document)
    return document


def document_to_json(document: SceneDocument) -> dict[str, Any]:
    """Plain JSON values, known keys first."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "units": {"metric": document.is_metric, **document.units_extra},
        "cameras": [_plain(camera) for camera in document.cameras],
        "view": document.view,
        "selection": list(document.selection),
        "objects": [_plain(item) for item in document.objects],
        **document.extra,
    }


def format_document(document: SceneDocument) -> str:
    """The JSON text that `parse_document` reads back equal."""
    return json.dumps(document_to_json(document), indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Geometry):
        chosen = {"mesh": value.mesh} if value.mesh is not None else {"primitive": value.primitive}
        return {**chosen, **value.extra}
    if hasattr(value, "__dataclass_fields__"):
        known = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name != "extra"}
        return {**known, **value.extra}
    if isinstance(value, tuple):
        return [item if isinstance(item, float | str) else _plain(item) for item in value]
    return value


def _check_references(document: SceneDocument) -> None:
    seen: set[str] = set()
    for kind, items in (("cameras", document.cameras), ("objects", document.objects)):
        for number, item in enumerate(items):
            if item.id in seen:
                raise DocumentError(f"$.{kind}[{number}].id: {item.id!r} is taken already")
            seen.add(item.id)
    objects = {item.id: item for item in document.objects}
    for number, item in enumerate(document.objects):
        if item.parent is not None and item.parent not in objects:
            raise DocumentError(f"$.objects[{number}].parent: there is no object {item.parent!r}")
    for number, item in enumerate(document.objects):
        ancestors = {item.id}
        parent = item.parent
        while parent is not None:
            if parent in ancestors:
                raise DocumentError(f"$.objects[{number}].parent: {item.id!r} is its own ancestor")
            ancestors.add(parent)
            parent = objects[parent].parent
    if document.view is not None and document.view not in {c.id for c in document.cameras}:
        raise DocumentError(f"$.view: there is no camera {document.view!r}")


class _Fields:
    """A JSON object being taken apart; what is left in the end is `extra`."""

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, dict):
            raise DocumentError(f"{path}: expected an object, got {_shown(data)}")
        self._left, self._path = dict(data), path

    def take(self, key: str, parse: Callable[[Any, str], Any], *default: Any) -> Any:
        """The parsed value of a key; the default where it is absent, else an error."""
        if key not in self._left:
            if default:
                return default[0]
            raise self.error(key, "missing")
        return parse(self._left.pop(key), f"{self._path}.{key}")

    def rest(self) -> Extra:
        return self._left

    def error(self, key: str, reason: str) -> DocumentError:
        return DocumentError(f"{self._path}.{key}: {reason}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _mapping(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DocumentError(f"{path}: expected an object, got {_shown(value)}")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"{path}: expected text, got {_shown(value)}")
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise DocumentError(f"{path}: expected true or false, got {_shown(value)}")
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DocumentError(f"{path}: expected a whole number, got {_shown(value)}")
    return value


def _positive(value: Any, path: str) -> int:
    number = _integer(value, path)
    if not 0 < number <= 1_000_000:
        raise DocumentError(f"{path}: expected a size in pixels, got {number}")
    return number


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DocumentError(f"{path}: expected a number, got {_shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise DocumentError(f"{path}: expected a finite number, got {_shown(value)}")
    return number


def _optional(parse: Callable[[Any, str], Item]) -> Callable[[Any, str], Item | None]:
    return lambda value, path: None if value is None else parse(value, path)


def _list_of(parse: Callable[[Any, str], Item]) -> Callable[[Any, str], tuple[Item, ...]]:
    def parse_list(value: Any, path: str) -> tuple[Item, ...]:
        if not isinstance(value, list):
            raise DocumentError(f"{path}: expected a list, got {_shown(value)}")
        return tuple(parse(item, f"{path}[{number}]") for number, item in enumerate(value))

    return parse_list


def _vector(*lengths: int) -> Callable[[Any, str], Vector]:
    def parse(value: Any, path: str) -> Vector:
        vector = _list_of(_number)(value, path)
        if len(vector) not in lengths:
            wanted = " or ".join(map(str, lengths))
            raise DocumentError(f"{path}: expected {wanted} numbers, got {len(vector)}")
        return vector

    return parse


def _matrix(size: int) -> Callable[[Any, str], Matrix]:
    def parse(value: Any, path: str) -> Matrix:
        rows = _list_of(_vector(size))(value, path)
        if len(rows) != size:
            raise DocumentError(f"{path}: expected {size} rows, got {len(rows)}")
        return rows

    return parse


def _choice(choices: tuple[str, ...]) -> Callable[[Any, str], Any]:
    def parse(value: Any, path: str) -> str:
        if value not in choices:
            raise DocumentError(
                f"{path}: expected one of {', '.join(choices)}, got {_shown(value)}"
            )
        return str(value)

    return parse


def _camera(data: Any, path: str) -> SceneCamera:
    known = _Fields(data, path)
    return SceneCamera(
        id=known.take("id", _text),
        image=known.take("image", _optional(_text), None),
        width=known.take("width", _positive),
        height=known.take("height", _positive),
        K=known.take("K", _matrix(3)),
        world_from_camera=known.take("world_from_camera", _matrix(4)),
        extra=known.rest(),
    )


def _object(data: Any, path: str) -> SceneObject:
    known = _Fields(data, path)
    identifier = known.take("id", _text)
    return SceneObject(
        id=identifier,
        name=known.take("name", _text, identifier),
        label=known.take("label", _optional(_text), None),
        kind=known.take("kind", _choice(get_args(Kind)), "object"),
        world_from_object=known.take("world_from_object", _matrix(4), IDENTITY),
        bounds=known.take("bounds", _optional(_bounds), None),
        front=known.take("front", _optional(_vector(3)), None),
        geometry=known.take("geometry", _optional(_geometry), None),
        material=known.take("material", _optional(_material), None),
        light=known.take("light", _optional(_light), None),
        parent=known.take("parent", _optional(_text), None),
        visible=known.take("visible", _boolean, True),
        locked=known.take("locked", _boolean, False),
        extra=known.rest(),
    )


def _bounds(data: Any, path: str) -> Bounds:
    known = _Fields(data, path)
    low, high = known.take("min", _vector(3)), known.take("max", _vector(3))
    if any(a > b for a, b in zip(low, high, strict=True)):
        raise DocumentError(f"{path}: min {list(low)} is beyond max {list(high)}")
    return Bounds(min=low, max=high, extra=known.rest())


def _geometry(data: Any, path: str) -> Geometry:
    known = _Fields(data, path)
    mesh = known.take("mesh", _optional(_text), None)
    primitive = known.take("primitive", _optional(_text), None)
    if (mesh is None) == (primitive is None):
        raise DocumentError(f"{path}: expected either a mesh or a primitive")
    return Geometry(mesh=mesh, primitive=primitive, extra=known.rest())


def _material(data: Any, path: str) -> Material:
    known = _Fields(data, path)
    color = known.take("base_color", _vector(3, 4), (0.8, 0.8, 0.8, 1.0))
    return Material(
        name=known.take("name", _text, "material"),
        base_color=color if len(color) == 4 else (*color, 1.0),
        metallic=known.take("metallic", _number, 0.0),
        roughness=known.take("roughness", _number, 0.5),
        emission=known.take("emission", _vector(3), (0.0, 0.0, 0.0)),
        texture=known.take("texture", _optional(_text), None),
        extra=known.rest(),
    )


def _light(data: Any, path: str) -> Light:
    known = _Fields(data, path)
    return Light(
        type=known.take("type", _choice(get_args(LightType))),
        power=known.take("power", _number),
        color=known.take("color", _vector(3), (1.0, 1.0, 1.0)),
        extra=known.rest(),
    )
