"""Things merged, split and labelled by hand in Blender: one undo step each, and what was known of them stays."""

from pathlib import Path

import bmesh
import bpy
import numpy as np
import pytest
from support_blender import CUBE, CUBE_TRIANGLES, all_data, write_scene


def world_places(item: bpy.types.Object) -> np.ndarray:
    bpy.context.view_layer.update()
    return np.array([item.matrix_world @ v.co for v in item.data.vertices])


def only(*items: bpy.types.Object) -> None:
    """Select these, the first one active."""
    for item in bpy.context.view_layer.objects:
        item.select_set(item in items)
    bpy.context.view_layer.objects.active = items[0]


@pytest.fixture
def things(tmp_path: Path) -> list[bpy.types.Object]:
    """A chair's seat and back, and a lamp that is a child of the back."""
    objects, arrays = [], {}
    for number, (name, kind) in enumerate(
        [("Seat", "object"), ("Back", "object"), ("Lamp", "object")]
    ):
        turned = [[0, -1, 0, 2 * number], [1, 0, 0, 0], [0, 0, 1, number], [0, 0, 0, 1]]
        key = f"object_{number + 1}"
        arrays[f"{key}.vertices"], arrays[f"{key}.triangles"] = CUBE, CUBE_TRIANGLES
        arrays[f"{key}.seen"] = np.full(8, number / 2, np.float32)
        objects.append(
            {
                "id": key,
                "name": name,
                "kind": kind,
                "geometry": {"mesh": key},
                "world_from_object": turned,
            }
        )
    objects[0]["label"] = "chair"
    objects[2]["parent"] = "object_2"
    folder = write_scene(tmp_path / "things", {"objects": objects}, arrays)
    bpy.ops.maquette.open_scene("EXEC_DEFAULT", True, filepath=str(folder))
    return [bpy.data.objects[name] for name in ("Seat", "Back", "Lamp")]


def test_merged_things_are_where_they_were_and_keep_the_active_ones_label(things: list) -> None:
    seat, back, lamp = things
    expected = np.vstack([world_places(seat), world_places(back)])
    at_lamp = world_places(lamp)
    only(seat, back)
    before = all_data()
    assert bpy.ops.maquette.merge_things("EXEC_DEFAULT", True) == {"FINISHED"}
    assert "Back" not in bpy.data.objects
    got = world_places(seat)
    np.testing.assert_allclose(np.sort(got, axis=0), np.sort(expected, axis=0), atol=1e-5)
    assert (seat["maquette_id"], seat["maquette_label"]) == ("object_1", "chair")
    assert {round(v.value, 2) for v in seat.data.attributes["seen"].data} == {0.0, 0.5}
    np.testing.assert_allclose(world_places(lamp), at_lamp, atol=1e-5)
    assert lamp.parent == seat
    bpy.ops.ed.undo()
    assert all_data() == before


def test_selected_faces_become_a_thing_with_its_origin_at_its_base(things: list) -> None:
    seat = things[0]
    before, everything = all_data(), world_places(seat)
    only(seat)
    bpy.ops.object.mode_set(mode="EDIT")
    edited = bmesh.from_edit_mesh(seat.data)
    for face in edited.faces:
        face.select_set(all(corner.co.z > 0.5 for corner in face.verts))
    edited.select_flush_mode()
    bmesh.update_edit_mesh(seat.data)
    bpy.ops.ed.undo_push(message="Chosen")
    assert bpy.ops.maquette.split_thing("EXEC_DEFAULT", True) == {"FINISHED"}
    part = bpy.context.active_object
    assert part != seat
    assert (part["maquette_id"], part["maquette_kind"]) == ("object_4", "object")
    assert "maquette_label" not in part, "what it is, nobody said"
    assert seat["maquette_label"] == "chair"
    top = everything[everything[:, 2] > 0.5]
    np.testing.assert_allclose(np.sort(world_places(part), axis=0), np.sort(top, axis=0), atol=1e-5)
    np.testing.assert_allclose(part.matrix_world.translation, (-0.5, 0.5, 1.0), atol=1e-5)
    assert len(part.data.polygons) == 2
    assert len(seat.data.polygons) == 10
    assert part.users_collection == seat.users_collection
    bpy.ops.ed.undo()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert all_data() == before


def test_all_faces_are_no_part(things: list) -> None:
    only(things[0])
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    with pytest.raises(RuntimeError, match="not all of them"):
        bpy.ops.maquette.split_thing()


def test_a_label_is_also_the_name_and_is_undone_at_once(things: list) -> None:
    only(things[1])
    before = all_data()
    assert bpy.ops.maquette.label_thing("EXEC_DEFAULT", True, label="  floor  lamp ") == {
        "FINISHED"
    }
    assert (things[1].name, things[1]["maquette_label"]) == ("Floor lamp", "floor lamp")
    bpy.ops.ed.undo()
    assert all_data() == before
    assert "maquette_label" not in bpy.data.objects["Back"]


def test_buttons_that_cannot_be_pressed_say_so(things: list) -> None:
    only(things[0])
    assert not bpy.ops.maquette.merge_things.poll()
    assert not bpy.ops.maquette.split_thing.poll()
    only(*things[:2])
    assert bpy.ops.maquette.merge_things.poll()
