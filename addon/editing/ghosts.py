"""What a proposal would do, and what an answer or a question is about, drawn over the viewport. No objects.

Blue: where something goes, or what changes. Green: what is new. Red: what goes away. Orange: what is asked about.
"""

from dataclasses import dataclass, field
from typing import Any

import blf
import bpy
import gpu
import numpy as np
import numpy.typing as npt
from bpy_extras.view3d_utils import location_3d_to_region_2d
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix, Vector

from maquette_protocol.edit_messages import Change, EditReply

from . import geometry, lenses
from .names import VIEWPORT
from .observer import is_talked_about, window

Floats = npt.NDArray[np.float32]
_BLUE, _GREEN, _RED, _ORANGE = (
    (0.25, 0.55, 1.0, 0.55),
    (0.3, 0.85, 0.4, 0.6),
    (1.0, 0.25, 0.2, 0.5),
    (1.0, 0.65, 0.15, 1.0),
)
_MOST_TRIANGLES = 200_000  # of one ghost; else its box is drawn
_MOST_THINGS = 500
_MOST_SHAPES = 60  # with more things, each is a box
_LIGHT = np.array([0.35, -0.5, 0.79], np.float32)
_EDGES = (
    (0, 1),
    (1, 3),
    (3, 2),
    (2, 0),
    (4, 5),
    (5, 7),
    (7, 6),
    (6, 4),
    (0, 4),
    (1, 5),
    (2, 6),
    (3, 7),
)


@dataclass
class Ghost:
    """One thing to draw: shaded triangles, lines around it, words at it. All in world."""

    color: tuple[float, float, float, float]
    triangles: Floats | None = None  # (3T, 3)
    lines: Floats | None = None  # (2L, 3)
    words: str = ""
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    batches: list[Any] = field(default_factory=list)


shown: list[Ghost] = []
_handlers: list[Any] = []


def show(proposal: EditReply | None, reply: EditReply | None, observer: Any) -> None:
    """Draw these from now on."""
    clear()
    if proposal is not None:
        _show_proposal(proposal, observer)
    if reply is not None and reply.status == "clarify":
        ids = [candidate.id for candidate in reply.candidates if candidate.id] or list(reply.ids)
        _show_things(ids, [str(n + 1) for n in range(len(ids))], observer)
    elif reply is not None and reply.status == "answered":
        _show_answer(reply, observer)


def clear() -> None:
    """Draw nothing."""
    shown.clear()


def highlight(key: str, observer: Any) -> None:
    """Only this one of the things that are asked about."""
    _show_things([key], [""], observer)


# what is drawn ------------------------------------------------------------------------------------


def _show_proposal(proposal: EditReply, observer: Any) -> None:
    layer = window().view_layer
    keys = {c.id for c in proposal.changes} | {c.source for c in proposal.changes}
    found = observer.ids.find_all(keys, layer)
    is_few = len(proposal.changes) <= _MOST_SHAPES
    graph = bpy.context.evaluated_depsgraph_get() if is_few else None
    for change in proposal.changes[:_MOST_THINGS]:
        if change.id == VIEWPORT:
            continue
        item = found.get(change.id) or found.get(change.source)
        shown.extend(_ghosts_of(change, item, graph, observer.unit()))


def _ghosts_of(
    change: Change, item: bpy.types.Object | None, graph: bpy.types.Depsgraph | None, unit: float
) -> list[Ghost]:
    if change.action == "delete":
        return [_solid(item, item.matrix_world, graph, _RED)] if item is not None else []
    world = _world(change, unit)
    if change.action == "create":
        ghost = _solid(item, world, graph, _GREEN) if item is not None else _box_of(change, world)
        return [ghost]
    if item is None:
        return []
    if {"world_from_object", "world_from_camera"} & set(change.fields):
        start = _outline(item, item.matrix_world, (*_BLUE[:3], 0.8))
        return [start, _solid(item, world, graph, _color_of(change))]
    if "visible" in change.fields:
        return [_solid(item, world, graph, _GREEN if change.item["visible"] else _RED)]
    return [_solid(item, world, graph, _color_of(change))]


def _color_of(change: Change) -> tuple[float, float, float, float]:
    """The one that it is to have, where that changes."""
    if "material" not in change.fields or not change.item.get("material"):
        return _BLUE
    red, green, blue = (
        min(max(v, 0.0), 1.0) ** (1 / 2.2) for v in change.item["material"]["base_color"][:3]
    )
    return (red, green, blue, 0.85)


def _world(change: Change, unit: float) -> Matrix:
    if "world_from_camera" in change.item:
        return lenses.blender_matrix(change.item["world_from_camera"], unit)
    matrix = Matrix(change.item["world_from_object"])
    for row in range(3):
        for column in range(4):
            matrix[row][column] /= unit
    return matrix


def _solid(item: bpy.types.Object, world: Matrix, graph: bpy.types.Depsgraph, color: Any) -> Ghost:
    """Its own shape at another place; a box for what has very many triangles, a cross for what has none."""
    if graph is None or (item.type not in geometry.SOLID and not geometry.is_instance(item)):
        return _outline(item, world, color)
    vertices, triangles = geometry.triangles_of(item, graph)
    if not 0 < len(triangles) <= _MOST_TRIANGLES:
        return _outline(item, world, color)
    return Ghost(color=color, triangles=_placed(vertices, world)[triangles].reshape(-1, 3))


def _box_of(change: Change, world: Matrix) -> Ghost:
    bounds = change.item.get("bounds")
    if not bounds:
        return Ghost(color=_GREEN, lines=_lines([-0.1] * 3, [0.1] * 3, world))
    return Ghost(color=(*_GREEN[:3], 1.0), lines=_lines(bounds["min"], bounds["max"], world))


def _outline(item: bpy.types.Object, world: Matrix, color: Any) -> Ghost:
    bounds = geometry.bounds_of(item)
    low, high = bounds if bounds is not None else ([-0.1] * 3, [0.1] * 3)
    return Ghost(color=(*color[:3], 1.0), lines=_lines(low, high, world))


def _show_things(keys: list[str], words: list[str], observer: Any) -> None:
    found = observer.ids.find_all(set(keys), window().view_layer)
    for key, word in zip(keys, words, strict=True):
        if key in found:
            ghost = _outline(found[key], found[key].matrix_world, _ORANGE)
            ghost.words, ghost.at = word, tuple(_top_of(found[key]))
            shown.append(ghost)


def _show_answer(reply: EditReply, observer: Any) -> None:
    keys = list(reply.ids)
    _show_things(keys, [""] * len(keys), observer)
    found = observer.ids.find_all(set(keys), window().view_layer)
    things = [found[key] for key in keys if key in found]
    if len(things) == 2:
        ends = _ends_between(things[0], things[1], is_gap="gap" in reply.message)
        shown.append(
            Ghost(color=_ORANGE, lines=ends, words=reply.message, at=tuple(ends.mean(0).tolist()))
        )
    elif len(things) == 1:
        top = _top_of(things[0])
        shown.append(Ghost(color=_ORANGE, words=reply.message, at=tuple(top)))


def _ends_between(a: bpy.types.Object, b: bpy.types.Object, *, is_gap: bool) -> Floats:
    """The line that a distance is measured along: between centers, or where their bounds are nearest. (2, 3) world"""
    low_a, high_a = _extent(a)
    low_b, high_b = _extent(b)
    if not is_gap:
        return np.stack([(low_a + high_a) / 2, (low_b + high_b) / 2])
    shared = (np.maximum(low_a, low_b) + np.minimum(high_a, high_b)) / 2
    ends = np.stack([shared, shared])
    for axis in range(3):
        if high_a[axis] < low_b[axis]:
            ends[:, axis] = high_a[axis], low_b[axis]
        elif high_b[axis] < low_a[axis]:
            ends[:, axis] = low_a[axis], high_b[axis]
    return ends.astype(np.float32)


def _extent(item: bpy.types.Object) -> tuple[Floats, Floats]:
    """Lowest and highest corner of its bounds in world."""
    low, high = geometry.bounds_of(item) or ([0.0] * 3, [0.0] * 3)
    corners = _placed(_corners(low, high), item.matrix_world)
    return corners.min(0), corners.max(0)


def _top_of(item: bpy.types.Object) -> Vector:
    low, high = _extent(item)
    return Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2]))


def _corners(low: Any, high: Any) -> Floats:
    return np.array(
        [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]]
         for i in (0, 1) for j in (0, 1) for k in (0, 1)], np.float32,
    )  # fmt: skip


def _lines(low: Any, high: Any, world: Matrix) -> Floats:
    return _placed(_corners(low, high), world)[np.array(_EDGES)].reshape(-1, 3)


def _placed(vertices: Floats, world: Matrix) -> Floats:
    matrix = np.array(world, np.float32)
    return (vertices @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)


# drawing ------------------------------------------------------------------------------------------


def _draw() -> None:
    if not shown or not is_talked_about(bpy.context.scene):
        return
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("LESS_EQUAL")
    gpu.state.depth_mask_set(True)
    for ghost in shown:
        if not ghost.batches:
            ghost.batches = _batches_of(ghost)
        for shader, batch, is_line in ghost.batches:
            shader.bind()
            if is_line:
                gpu.state.depth_test_set("NONE")
                shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
                shader.uniform_float("lineWidth", 2.5)
                shader.uniform_float("color", ghost.color)
            else:
                gpu.state.depth_test_set("LESS_EQUAL")
            batch.draw(shader)
    gpu.state.depth_test_set("NONE")
    gpu.state.depth_mask_set(False)
    gpu.state.blend_set("NONE")


def _batches_of(ghost: Ghost) -> list[Any]:
    made: list[Any] = []
    if ghost.triangles is not None:
        shader = gpu.shader.from_builtin("SMOOTH_COLOR")
        grown = _grown(ghost.triangles)
        content = {"pos": grown, "color": _shades(ghost.triangles, ghost.color)}
        made.append((shader, batch_for_shader(shader, "TRIS", content), False))
    if ghost.lines is not None:
        shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
        made.append((shader, batch_for_shader(shader, "LINES", {"pos": ghost.lines}), True))
    return made


def _grown(corners: Floats) -> Floats:
    """A little larger, so that a ghost at the place of its thing is in front of it."""
    centre = (corners.min(0) + corners.max(0)) / 2
    return np.ascontiguousarray(centre + (corners - centre) * 1.004, np.float32)


def _shades(corners: Floats, color: Any) -> Floats:
    """Per corner: brighter where the face looks to the light, so that the shape can be read."""
    faces = corners.reshape(-1, 3, 3)
    normals = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    length = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    shade = 0.55 + 0.45 * np.abs((normals / length) @ _LIGHT)
    rgba = np.empty((len(corners), 4), np.float32)
    rgba[:, :3] = np.repeat(shade, 3)[:, None] * np.array(color[:3], np.float32)
    rgba[:, 3] = color[3]
    return rgba


def _draw_words() -> None:
    if not any(g.words for g in shown) or not is_talked_about(bpy.context.scene):
        return
    region, view = bpy.context.region, bpy.context.space_data.region_3d
    scale = bpy.context.preferences.system.ui_scale
    for ghost in shown:
        at = location_3d_to_region_2d(region, view, Vector(ghost.at)) if ghost.words else None
        if at is not None:
            _draw_label(ghost.words, at.x, at.y + 12 * scale, scale)


def _draw_label(words: str, x: float, y: float, scale: float) -> None:
    font = 0
    blf.size(font, 15 * scale)
    width, height = blf.dimensions(font, words)
    left, pad = x - width / 2, 6 * scale
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    corners = [
        (left - pad, y - pad),
        (left + width + pad, y - pad),
        (left + width + pad, y + height + pad),
        (left - pad, y + height + pad),
    ]
    batch = batch_for_shader(shader, "TRIS", {"pos": corners}, indices=[(0, 1, 2), (0, 2, 3)])
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("color", (0.05, 0.05, 0.05, 0.8))
    batch.draw(shader)
    blf.color(font, 1.0, 0.8, 0.4, 1.0)
    blf.position(font, left, y, 0)
    blf.draw(font, words)
    gpu.state.blend_set("NONE")


def register() -> None:
    if not bpy.app.background:
        space = bpy.types.SpaceView3D
        _handlers.append(space.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW"))
        _handlers.append(space.draw_handler_add(_draw_words, (), "WINDOW", "POST_PIXEL"))


def unregister() -> None:
    for handler in _handlers:
        bpy.types.SpaceView3D.draw_handler_remove(handler, "WINDOW")
    _handlers.clear()
    clear()
