"""The scene that a client shows, as it tells it step by step: plain items and meshes until a prompt needs the whole.

What a client sends is checked here: references that lead nowhere are dropped, meshes must be whole.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from maquette.editing.scene_view import SceneView
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import (
    FORMAT,
    VERSION,
    SceneCamera,
    SceneDocument,
    SceneObject,
    document_from_json,
)
from maquette_protocol.edit_messages import UpdateScene
from maquette_protocol.errors import InputError, NoSceneError

MAX_ITEMS = 50_000
MAX_MESH_BYTES = 2 * 2**30
Item = SceneObject | SceneCamera


class ShownScene:
    """`take` collects; `settled` makes a view of it."""

    def __init__(self) -> None:
        self.revision = 0
        self.arrays: Arrays = {}
        self._is_metric = False
        self._view = ""
        self._selection: tuple[str, ...] = ()
        self._objects: dict[str, SceneObject | None] = {}  # new, changed, or gone (None)
        self._cameras: dict[str, SceneCamera | None] = {}
        self._parts: dict[str, list[tuple[Any, Any]]] = {}
        self._mesh_bytes = 0
        self.has_new_meshes = False  # since the meshes nobody needs were dropped

    def take(self, step: UpdateScene) -> None:
        """Note one step. Raises NoSceneError where it builds on another state, InputError, DocumentError."""
        if step.base != self.revision:
            raise NoSceneError(
                f"The scene is known at {self.revision}, not {step.base}.",
                hint="Tell it again from the beginning.",
            )
        objects, cameras = _items(step)
        self._take_meshes(step)
        self._is_metric, self._view, self._selection = step.is_metric, step.view, step.selection
        self._objects.update({key: None for key in step.removed})
        self._cameras.update({key: None for key in step.removed})
        self._objects.update({item.id: item for item in objects})
        self._cameras.update({item.id: item for item in cameras})
        self.revision = step.revision

    @property
    def has_news(self) -> bool:
        """Whether something was told since it was settled."""
        return bool(self._objects or self._cameras or self._parts)

    def _take_meshes(self, step: UpdateScene) -> None:
        vertices = step.arrays.get("vertices", np.zeros((0, 3), np.float32))
        triangles = step.arrays.get("triangles", np.zeros((0, 3), np.int32))
        row = first = 0
        for part in step.meshes:
            rows = vertices[row : row + part.num_vertices].copy()
            corners = triangles[first : first + part.num_triangles].copy()
            if len(rows) != part.num_vertices or len(corners) != part.num_triangles:
                raise InputError(f"The mesh {part.mesh!r} has fewer rows than it says.")
            if not np.isfinite(rows).all():
                raise InputError(f"The mesh {part.mesh!r} has vertices that are nowhere.")
            row, first = row + len(rows), first + len(corners)
            if part.is_first:
                self._parts[part.mesh] = []
            self._parts.setdefault(part.mesh, []).append((rows, corners))
            self._mesh_bytes += rows.nbytes + corners.nbytes
        if self._mesh_bytes > MAX_MESH_BYTES:
            raise InputError(
                f"The meshes are more than {MAX_MESH_BYTES // 2**20} MiB.",
                hint="Choose a smaller scope.",
            )

    def settled(self, view: SceneView | None) -> SceneView:
        """The next view: `view` with all that was told since. Raises InputError."""
        self._settle_meshes()
        objects, cameras = self._objects, self._cameras
        self._objects, self._cameras = {}, {}
        known = dict(view.objects) if view is not None else {}
        known.update({k: item for k, item in objects.items() if item is not None})
        for key, item in objects.items():
            if item is None:
                known.pop(key, None)
        seen = {**view.cameras} if view is not None else {}
        seen.update({k: item for k, item in cameras.items() if item is not None})
        for key, item in cameras.items():
            if item is None:
                seen.pop(key, None)
        if len(known) + len(seen) > MAX_ITEMS:
            raise InputError(f"The scene has more than {MAX_ITEMS} objects.")
        changes = {
            "is_metric": self._is_metric,
            "cameras": tuple(seen.values()),
            "view": self._view if self._view in seen else None,
            "selection": tuple(key for key in self._selection if key in known),
        }
        orphans = {k: replace(known[k], parent=None) for k in _without_parent(known)}
        if view is None:
            document = SceneDocument(objects=tuple({**known, **orphans}.values()), **changes)
            return SceneView(document, self.arrays)
        told = {k: known.get(k) for k in objects if k in known or k in view.objects}
        return view.changed({**told, **orphans}, **changes)

    def _settle_meshes(self) -> None:
        for mesh, parts in self._parts.items():
            vertices = np.concatenate([rows for rows, _ in parts])
            triangles = np.concatenate([corners for _, corners in parts])
            if len(triangles) and not 0 <= triangles.min() <= triangles.max() < len(vertices):
                raise InputError(f"The mesh {mesh!r} has triangles without vertices.")
            self.arrays[f"{mesh}.vertices"] = vertices
            self.arrays[f"{mesh}.triangles"] = triangles
        self.has_new_meshes = self.has_new_meshes or bool(self._parts)
        self._parts = {}

    def drop_meshes(self, used: Iterable[str]) -> None:
        """Forget all other meshes."""
        kept = set(used)
        self.has_new_meshes = False
        for name in [name for name in self.arrays if name.rpartition(".")[0] not in kept]:
            self._mesh_bytes -= self.arrays.pop(name).nbytes


def _items(step: UpdateScene) -> tuple[tuple[SceneObject, ...], tuple[SceneCamera, ...]]:
    """The document's items; parents may come in another step, so they are put back after the check."""
    parents: dict[str, str] = {}
    objects: list[Any] = []
    for item in step.objects:
        if isinstance(item, dict) and isinstance(item.get("parent"), str):
            parents[str(item.get("id"))] = item["parent"]
            item = {**item, "parent": None}
        objects.append(item)
    document = document_from_json(
        {"format": FORMAT, "version": VERSION, "objects": objects, "cameras": list(step.cameras)}
    )
    found = tuple(
        replace(item, parent=parents[item.id]) if item.id in parents else item
        for item in document.objects
    )
    return found, document.cameras


def _without_parent(objects: dict[str, SceneObject]) -> list[str]:
    """Whose parent is not there, or is below itself."""
    found: list[str] = []
    for key, item in objects.items():
        seen = {key}
        parent = item.parent
        while parent is not None and parent in objects and parent not in seen:
            seen.add(parent)
            parent = objects[parent].parent
        if parent is not None and (item.parent not in objects or parent == key):
            found.append(key)
    return found
