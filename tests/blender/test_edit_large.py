"""Edits in a scene of 2,000 objects: only what changed is told, and the main thread is held in small slices."""

from typing import Any

import bpy
import pytest
from support_blender import part
from support_edit import apply, box, edits, look_from_the_front, material, place, say

NUM_OBJECTS = 2000


class Told:
    """What the conversation was told, piece by piece."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.objects: list[str] = []
        self.meshes: list[str] = []
        self.num_pieces = 0
        self.num_turns = 0  # of the reader between two looks at the clock
        kind = part("editing.observer").Observer
        pieces = kind.pieces

        def watched(observer: Any, *, anew: bool) -> Any:
            for piece in pieces(observer, anew=anew):
                self.num_turns += 1
                if piece is not None:
                    self.num_pieces += 1
                    self.objects += [item["id"] for item in piece.objects]
                    self.meshes += [mesh.mesh for mesh in piece.meshes]
                yield piece

        monkeypatch.setattr(kind, "pieces", watched)

    def clear(self) -> None:
        self.objects.clear()
        self.meshes.clear()
        self.num_pieces = self.num_turns = 0


def many_objects() -> None:
    """A floor with 1,998 crates that share ten meshes, and a chair."""
    bpy.context.scene.unit_settings.system = "METRIC"
    box("Floor", (0, 0, -0.1), (60.0, 60.0, 0.1))
    kinds = [box(f"Kind {n}", (-20 + 2 * n, -25, 0), 0.4).data for n in range(10)]
    look = material("Wood", (0.4, 0.2, 0.1))
    for mesh in kinds:
        mesh.materials.append(look)
    for number in range(NUM_OBJECTS - 12):
        x, y = number % 50, number // 50
        box(f"Crate.{number:04d}", (x - 25.0, y - 18.0, 0), mesh=kinds[number % 10])
    box("Chair", (0, -24, 0), 0.5)
    look_from_the_front()
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Many")


@pytest.mark.usefixtures("connected")
def test_of_many_objects_only_those_are_told_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    many_objects()
    told = Told(monkeypatch)
    assert say("how tall is the chair?").message == "50 cm"
    assert len(told.objects) == NUM_OBJECTS
    assert len(told.meshes) == 12, "meshes that are shared are told once"
    assert told.num_turns > 30, "it must look at the clock in between"

    told.clear()
    say("move the chair 1 m to the left")
    assert (told.objects, told.meshes, told.num_pieces) == ([], [], 1)
    apply()
    assert place("Chair") == (-1, -24, 0)

    bpy.data.objects["Crate.0100"].location.z += 0.001
    bpy.data.objects["Crate.0200"].hide_set(True)
    told.clear()
    say("move the chair 1 m to the left")
    assert sorted(told.objects) == ["Chair", "Crate.0100", "Crate.0200"]
    assert told.meshes == []
    assert edits().proposal is not None


@pytest.mark.usefixtures("connected")
def test_a_large_mesh_is_told_in_several_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=64, ring_count=32, radius=0.5, location=(0, 0, 2))
    bpy.context.object.name = "Ball"
    look_from_the_front()
    monkeypatch.setattr(part("editing.observer"), "_ROWS", 2048)
    told = Told(monkeypatch)
    assert say("how tall is the ball?").message in ("1 m", "100 cm")
    assert len(told.meshes) > 2
    assert len(set(told.meshes)) == 1
    assert told.num_pieces > 2
