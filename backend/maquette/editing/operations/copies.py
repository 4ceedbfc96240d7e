"""Duplicate, replace, add: new things."""

from dataclasses import replace

import numpy as np

from maquette.editing.boxes import Array
from maquette.editing.edit import Edit
from maquette.editing.goals import Goal, Task, goals_of
from maquette.editing.grounding import Cannot
from maquette.editing.operations.structure import remove
from maquette.editing.placing import solve
from maquette.editing.plan import Add, Duplicate, Ref, Relation, Replace
from maquette.editing.surfaces import surfaces_below
from maquette_protocol.document import (
    Bounds,
    Geometry,
    Light,
    LightType,
    Material,
    SceneCamera,
    SceneObject,
)

_MAX_COPIES = 200
_SIZES = {
    "box": (0.5, 0.5, 0.5),
    "sphere": (0.5, 0.5, 0.5),
    "cylinder": (0.4, 0.4, 0.5),
    "cone": (0.4, 0.4, 0.5),
    "plane": (1.0, 1.0, 0.0),
}
_POWERS: dict[str, tuple[LightType, float]] = {
    "light": ("POINT", 60.0),
    "sun": ("SUN", 3.0),
    "spot": ("SPOT", 100.0),
}


def duplicate(edit: Edit, operation: Duplicate) -> None:
    """Copies beside the original, or where relations hold; one on each where the place is several things."""
    sources = edit.find(operation.targets)
    if operation.count * len(sources) > _MAX_COPIES:
        raise Cannot(f"{operation.count * len(sources)} copies are too many.")
    created: list[str] = []
    for source in sources:
        if edit.view.is_fixed(source):
            raise Cannot(f"'{edit.view.name(source)}' is part of the room and cannot be copied.")
        wheres = _places(edit, operation, source)
        # "three for the three tables": one each
        count = 1 if operation.count == len(wheres) > 1 else operation.count
        for where in wheres:
            for number in range(count):
                created.append(_copied(edit, operation, source, where, number, created))
    edit.grounder.focus.created = tuple(created)
    edit.grounder.focus.originals = tuple(sources)
    edit.about(created)
    verb = "is" if len(created) == 1 else "are"
    edit.messages.append(
        f"Copied {edit.view.names(sources)}: {edit.view.names(created)} {verb} new."
    )


def _places(edit: Edit, operation: Duplicate, source: str) -> list[list[Goal]]:
    if not operation.relations:
        return [[]]
    goals = goals_of(edit, operation.relations, (), source)
    several = [
        r
        for r in operation.relations
        if r.kind in ("on", "in", "next_to", "at") and any(t.number == "many" for t in r.to)
    ]
    if not several:
        return [goals]
    wide = next(g for g in goals if g.kind == several[0].kind and len(g.others) > 0)
    return [
        [replace(g, others=(other,)) if g is wide else g for g in goals] for other in wide.others
    ]


def _copied(
    edit: Edit,
    operation: Duplicate,
    source: str,
    goals: list[Goal],
    number: int,
    created: list[str],
) -> str:
    key = copy_of(edit, source)
    if operation.is_mirrored:
        _mirror(edit, key)
    if operation.pattern == "stack":
        below = created[-1] if number else source
        goals = [Goal("on", (below,))]
    elif operation.direction is not None and not goals:
        _in_line(edit, operation, source, key, number)
        return key
    elif not goals:
        goals = [Goal("next_to", (source,))]
    if operation.direction is not None and goals:
        kind = {
            "left": "left_of",
            "right": "right_of",
            "toward": "in_front_of",
            "away": "behind",
        }.get(operation.direction, "right_of")
        side = [g for g in goals if g.kind in ("left_of", "right_of", "in_front_of", "behind")]
        if side or number:
            base = side[0].others[0] if side and side[0].others else source
            _in_line(
                edit, replace(operation, direction=operation.direction), base, key, number, kind
            )
            return key
    if operation.pattern == "line" and created and number:
        _continue_line(edit, source, key, created)
        return key
    _put(edit, key, goals, source, operation.candidate)
    return key


def _put(edit: Edit, key: str, goals: list[Goal], source: str, candidate: int = 0) -> None:
    if (
        not edit.view.body(key).pieces.half.size
        or not edit.before.objects.get(source)
        or (not edit.view.supports(source) and not any(g.kind in ("on", "in") for g in goals))
    ):
        edit.lifted.add(key)
    rest = [g for g in goals if g.kind not in ("facing",)]
    if edit.view.objects[key].light is not None and not len(edit.view.body(key).pieces):
        _beside_freely(edit, key, source)
        return
    if (
        not edit.view.supports(source)
        and not any(g.kind in ("on", "in") for g in goals)
        and _is_hung(edit, source)
    ):
        _beside_freely(edit, key, source)
        return
    task = Task(edit.view, key, [key], rest, before=edit.before)
    task.known = {}
    rotation, shift = solve(task, candidate)
    edit.transform([key], rotation, shift)


def _is_hung(edit: Edit, source: str) -> bool:
    return bool(len(edit.view.body(source).pieces))


def _beside_freely(edit: Edit, key: str, source: str) -> None:
    """What hangs or floats is copied at its height, along whatever axis is free."""
    box = edit.view.box(source)
    right, away = edit.view.viewer
    axes = [right, -right, away, -away]
    for number in range(1, 30):
        for axis in axes:
            width = box.extent(axis)[1] - box.extent(axis)[0]
            shift = axis * number * (width + 0.1)
            if not edit.view.collisions(edit.view.body(key).moved(shift).pieces, [key]):
                edit.shift([key], shift)
                return
    raise Cannot(f"There is no room beside '{edit.view.name(source)}'.")


def _in_line(
    edit: Edit, operation: Duplicate, source: str, key: str, number: int, kind: str = ""
) -> None:
    direction = edit.view.direction(operation.direction or "right")
    assert direction is not None
    box = edit.view.box(source)
    body = edit.view.body(key)
    own = float(np.abs(body.box.axes.T @ direction) @ body.box.half)
    reach = box.extent(direction)[1] - float(box.centre @ direction)
    space = operation.spacing if operation.spacing is not None else 0.1
    step = 2 * own + space
    for extra in (0.0,) if operation.spacing is not None else (0.0, 0.1, 0.2, 0.35, 0.5):
        distance = reach + own + space + extra + number * (step + extra)
        target = box.centre + direction * distance
        shift = target - body.box.centre
        shift[2] = edit.view.body(source).bottom - body.bottom
        moved = body.moved(shift)
        if not edit.view.collisions(moved.pieces, [key]) and (
            not edit.view.supports(source) or edit.view.supports_of(moved, [key])
        ):
            edit.shift([key], shift)
            if not edit.view.supports(source):
                edit.lifted.add(key)
            return
    raise Cannot(f"There is no room for the copy of '{edit.view.name(source)}' there.")


def _continue_line(edit: Edit, source: str, key: str, created: list[str]) -> None:
    first, last = source, created[-1]
    step = (
        edit.view.box(last).centre
        - edit.view.box(first if len(created) == 1 else created[-2]).centre
    )
    target = edit.view.box(last).centre + step
    edit.shift([key], target - edit.view.box(key).centre)


def _mirror(edit: Edit, key: str) -> None:
    """Across its own sides: as seen from the front, left becomes right."""
    matrix = np.array(edit.view.objects[key].world_from_object, float)
    centre = edit.view.box(key).centre
    flip = np.eye(4)
    flip[0, 0] = -1.0
    new = matrix @ flip
    edit.set(key, world_from_object=tuple(map(tuple, new.tolist())))
    edit.shift([key], centre - edit.view.box(key).centre)


def copy_of(edit: Edit, source: str) -> str:
    """A new object at the same place, sharing the mesh; its lights are copied with it."""
    item = edit.view.objects[source]
    key = edit.new_id(source)
    edit.put(
        {key: replace(item, id=key, name=edit.new_name(item.name), locked=False, visible=True)}
    )
    return key


def replace_by(edit: Edit, operation: Replace) -> None:
    """The old id goes, one new thing stands at its place."""
    targets = edit.find(operation.targets)
    source = None
    if operation.by is not None:
        edit.grounder.subject = tuple(targets)
        source = edit.grounder.resolve(
            replace(operation.by, number="any") if operation.by.number == "many" else operation.by
        )[0]
        edit.grounder.subject = ()
    elif not operation.primitive:
        raise Cannot("It isn't said what to replace it by.")
    targets = [key for key in targets if key != source]
    if not targets:
        raise Cannot("A thing cannot be replaced by itself.")
    created: list[str] = []
    names = edit.view.names(targets)
    for target in targets:
        edit.movable([target])
        place = edit.view.body(target)
        base = next(iter(surfaces_below(edit.view, [target])), None)
        key = (
            copy_of(edit, source)
            if source is not None
            else _primitive(edit, operation.primitive, place.box.size, target)
        )
        if source is None or not edit.before.supports(target):
            edit.lifted.add(key)
        remove(edit, [target])
        body = edit.view.body(key)
        shift = place.box.centre - body.box.centre
        shift[2] = (base.top if base else place.bottom) - body.bottom
        edit.shift([key], shift)
        created.append(key)
    edit.grounder.focus.created = tuple(created)
    edit.about(created)
    edit.messages.append(f"Replaced {names} by {edit.view.names(created)}.")


def _primitive(edit: Edit, what: str, size: Array, like: str | None = None) -> str:
    key = edit.new_id(what)
    if what not in edit.view.objects and what not in edit.before.objects:
        key = what
    x, y, z = (float(v) / 2 for v in size)
    item = SceneObject(
        id=key,
        name=edit.new_name(f"{what.title()}.000")
        if any(o.name == what.title() for o in edit.view.objects.values())
        else what.title(),
        label=what,
        bounds=Bounds(min=(-x, -y, 0.0), max=(x, y, 2 * z)),
        geometry=Geometry(primitive=what),
        material=Material(name=what, base_color=(0.6, 0.6, 0.6, 1.0)),
    )
    if like is not None:
        old = edit.view.objects[like]
        item = replace(item, material=old.material)
    edit.put({key: item})
    return key


def add(edit: Edit, operation: Add) -> None:
    """A primitive, a light or a camera."""
    if not 1 <= operation.count <= _MAX_COPIES:
        raise Cannot(f"{operation.count} new things are too many.")
    created: list[str] = []
    for _ in range(operation.count):
        if operation.what == "camera":
            created.append(_camera(edit, operation))
        elif operation.what in _POWERS:
            created.append(_light(edit, operation))
        else:
            created.append(_solid(edit, operation))
    edit.grounder.focus.created = tuple(created)
    edit.about([key for key in created if key in edit.view.objects])
    edit.messages.append(
        f"Added {operation.what if operation.what == 'camera' else edit.view.names(created)}."
    )


def _solid(edit: Edit, operation: Add) -> str:
    size = np.array(operation.size or _SIZES[operation.what], float)
    if np.any(size < 0) or size.max() <= 0 or size.max() > 1000:
        raise Cannot(f"A {operation.what} cannot have the size {size.tolist()}.")
    key = _primitive(edit, operation.what, size)
    item = edit.view.objects[key]
    if operation.name:
        item = replace(item, name=operation.name)
    if operation.color is not None and item.material is not None:
        item = replace(item, material=replace(item.material, base_color=(*operation.color, 1.0)))
    edit.put({key: item})
    relations = operation.relations or (
        (Relation(kind="on", to=(Ref(words="the floor", noun="floor"),)),)
        if edit.view.floors
        else ()
    )
    if not relations:
        edit.lifted.add(key)
        return key
    # born far off, so that it neither carries nor blocks anything before it is placed
    edit.shift([key], np.array([0, 0, 1e4]))
    task = Task(edit.view, key, [key], goals_of(edit, relations, (key,)), before=edit.before)
    rotation, shift = solve(task, operation.candidate)
    edit.transform([key], rotation, shift)
    return key


def _light(edit: Edit, operation: Add) -> str:
    kind, power = _POWERS[operation.what]
    key = (
        operation.what
        if operation.what not in edit.view.objects and operation.what not in edit.before.objects
        else edit.new_id(operation.what)
    )
    place = np.array([0.0, 0.0, 2.2])
    others = [
        key
        for r in operation.relations
        for ref in r.to
        if ref.pronoun != "viewer"
        for key in edit.grounder.resolve(ref)
    ]
    if others:
        box = edit.view.box(others[0])
        place = np.array([*box.centre[:2], box.top + 0.5])
    elif edit.view.floors:
        place = edit.view.box(edit.view.floors[0]).centre + np.array([0, 0, 2.2])
    matrix = np.eye(4)
    matrix[:3, 3] = place
    item = SceneObject(
        id=key,
        name=operation.name or operation.what.title(),
        label=operation.what,
        kind="light",
        world_from_object=tuple(map(tuple, matrix.tolist())),
        bounds=Bounds(min=(-0.05, -0.05, -0.05), max=(0.05, 0.05, 0.05)),
        light=Light(
            type=kind,
            power=operation.power if operation.power is not None else power,
            color=operation.color or (1.0, 1.0, 1.0),
        ),  # pyright: ignore[reportArgumentType]
    )
    edit.put({key: item})
    edit.lifted.add(key)
    return key


def _camera(edit: Edit, operation: Add) -> str:
    """Where the viewer is."""
    view = edit.view
    taken = view.cameras.keys() | view.objects.keys()
    key = next(f"cam_{n}" for n in range(1, 10_000) if f"cam_{n}" not in taken)
    if view.document.view is not None:
        camera = replace(view.cameras[view.document.view], id=key, image=None)
    else:
        x, y, z = (float(v) for v in view.eye)
        camera = SceneCamera(
            id=key, image=None, width=960, height=640,
            K=((900.0, 0.0, 480.0), (0.0, 900.0, 320.0), (0.0, 0.0, 1.0)),
            world_from_camera=((1.0, 0.0, 0.0, x), (0.0, 0.0, 1.0, y), (0.0, -1.0, 0.0, z), (0.0, 0.0, 0.0, 1.0)),
        )  # fmt: skip
    edit.put({}, cameras=(*view.document.cameras, camera))
    return key
