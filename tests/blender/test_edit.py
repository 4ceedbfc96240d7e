"""Saying what to change, in real Blender with a real backend: from the prompt to one undo step, on all data."""

import math
from pathlib import Path

import bpy
import pytest
from support_backend import Backend
from support_blender import part
from support_edit import (
    answered,
    apply,
    box,
    change,
    color_of,
    edits,
    everything,
    is_red,
    look_from_the_front,
    material,
    place,
    room,
    say,
    wait,
)

pytestmark = pytest.mark.usefixtures("connected")

# From the prompt to one undo step


def test_a_prompt_is_previewed_and_changes_nothing_until_it_is_applied() -> None:
    room()
    before = everything()
    reply = say("move the chair 1 m to the left")
    assert reply.message == "Moved 'Chair' 1 m to the left."
    assert [p.words for p in part("conversation").settings().parts] == ["Move the chair left"]
    assert part("editing.ghosts").shown
    assert everything() == before
    assert apply() == {"FINISHED"}
    assert place("Chair") == (-3, 0, 0)
    assert not part("editing.ghosts").shown
    assert edits().proposal is None


EDITS = [
    "move the chair 1 m to the left",
    "put the mug on the chair",
    "turn the table by 30 degrees",
    "make the chair twice as big",
    "make the chair red",
    "make the table see-through and shiny",
    "delete the table",
    "hide the chair",
    "duplicate the chair",
    "rename the chair to Throne",
    "group the chair and the lamp",
    "add a box on the table",
    "add a light above the table",
    "swap the chair and the lamp",
    "lock the chair",
    "add a camera",
    "replace the lamp by a copy of the chair",
    "make the chair red and delete the lamp and move the table 20 cm back",
]


@pytest.mark.parametrize("text", EDITS)
def test_one_undo_restores_everything_and_redo_brings_it_back(text: str) -> None:
    room()
    before = everything()
    change(text)
    after = everything()
    assert after != before
    bpy.ops.ed.undo()
    assert everything() == before
    bpy.ops.ed.redo()
    assert everything() == after


def test_parts_are_switched_off_and_amounts_changed_before_applying() -> None:
    room()
    say("move the chair 1 m left and make the lamp red")
    settings = part("conversation").settings()
    settings.amounts[0].length = 0.5
    answered()
    settings.parts[1].is_on = False
    answered()
    apply()
    assert place("Chair") == (-2.5, 0, 0)
    assert color_of(bpy.data.objects["Lamp"]) == (0.5, 0.5, 0.5)


def test_another_spot_is_on_the_same_thing() -> None:
    room()
    say("put the lamp on the table")
    first = edits().proposal.changes
    bpy.ops.maquette.another_spot(part=0)
    answered()
    second = edits().proposal.changes
    assert first != second
    apply()
    assert place("Lamp")[2] == pytest.approx(0.7, abs=0.005)


def test_numbers_are_changed_in_the_redo_panel() -> None:
    """What it does: undo, then the operator again with what it remembers and the new number."""
    room()
    say("move the chair 1 m to the left")
    apply()
    operator = edits()
    properties = {
        "edit": f"{operator.scene} {operator.num_applied}",
        "parts": [{"name": "", "words": "Move", "is_on": True, "spot": 0, "has_spots": False}],
        "amounts": [
            {
                "name": "",
                "part": 0,
                "field": "distance",
                "words": "Distance",
                "unit": "length",
                "length": 0.25,
                "angle": 0.0,
                "number": 0.0,
            }
        ],
    }
    bpy.ops.ed.undo()
    assert apply(**properties) == {"FINISHED"}
    assert place("Chair") == (-2.25, 0, 0)
    bpy.ops.ed.undo()
    assert place("Chair") == (-2, 0, 0)


def test_discarding_leaves_all_as_it_was_and_nothing_to_apply() -> None:
    room()
    before = everything()
    say("delete the table")
    bpy.ops.maquette.discard_edit()
    assert not part("editing.ghosts").shown
    assert everything() == before
    assert edits().proposal is None


def test_a_conversation_goes_on_over_applied_edits_and_undo() -> None:
    room()
    change("move the chair 1 m to the left")
    change("move it 1 m to the left")
    assert place("Chair") == (-4, 0, 0)
    reply = say("undo")
    assert reply.message == "Undone."
    assert place("Chair") == (-3, 0, 0)
    bpy.ops.ed.undo()  # by hand
    assert place("Chair") == (-2, 0, 0)
    reply = say("undo")
    assert reply.status == "refused"
    assert "nothing to undo" in reply.message
    say("redo")
    assert place("Chair") == (-3, 0, 0)


def test_undo_in_words_does_not_undo_what_was_done_by_hand() -> None:
    items = room()
    change("move the chair 1 m to the left")
    items["lamp"].location.x = 3
    bpy.ops.ed.undo_push(message="By hand")
    reply = say("undo")
    assert reply.status == "refused"
    assert place("Chair") == (-3, 0, 0)
    assert place("Lamp") == (3, 0, 0)


def test_a_scene_changed_by_hand_while_a_preview_is_shown_is_previewed_again() -> None:
    items = room()
    say("move the chair 1 m to the left")
    items["chair"].location.y = 1
    bpy.context.view_layer.update()
    assert apply() == {"CANCELLED"}
    assert place("Chair") == (-2, 1, 0)
    wait(lambda: not edits().is_busy, "the preview")
    part("runtime").tick()
    assert apply() == {"FINISHED"}
    assert place("Chair") == (-3, 1, 0)


def test_prompts_add_up_to_one_preview_and_one_undo_step() -> None:
    room()
    before = everything()
    say("move the chair 1 m to the left")
    say("make it red")
    assert len(edits().proposal.parts) == 2
    apply()
    assert place("Chair") == (-3, 0, 0)
    assert is_red(bpy.data.objects["Chair"])
    bpy.ops.ed.undo()
    assert everything() == before


def test_a_question_back_is_answered_by_a_button() -> None:
    room()["chair"].name = "Chair.001"
    box("Chair.002", (-2, 2, 0))
    reply = say("delete the chair")
    assert reply.status == "clarify", reply.message
    assert [c.words for c in reply.candidates] == ["Chair.001", "Chair.002"]
    assert {g.words for g in part("editing.ghosts").shown} == {"1", "2"}
    bpy.ops.maquette.choose_candidate(candidate=reply.candidates[1].id)
    answered()
    apply()
    assert "Chair.002" not in bpy.data.objects
    assert "Chair.001" in bpy.data.objects


def test_an_answer_is_shown_where_it_belongs_and_changes_nothing() -> None:
    room()
    before = everything()
    reply = say("how far is the chair from the lamp?")
    assert reply.status == "answered"
    assert any(reply.message == ghost.words for ghost in part("editing.ghosts").shown)
    assert everything() == before


def test_selecting_in_words_needs_no_apply() -> None:
    room()
    say("select the chair and the lamp")
    assert sorted(o.name for o in bpy.context.selected_objects) == ["Chair", "Lamp"]


def test_only_what_is_selected_is_changed_in_that_scope() -> None:
    items = room()
    other = box("Chair.001", (-2, 2, 0))
    material("Other", (0.5, 0.5, 0.5), other)
    items["chair"].select_set(True)
    part("conversation").settings().scope = "selection"
    try:
        change("make all chairs red")
    finally:
        part("conversation").settings().scope = "all"
    assert is_red(items["chair"])
    assert not is_red(other)


# Data as people have it


def test_a_color_changes_no_other_user_of_the_material_or_the_mesh() -> None:
    items = room()
    shared = material("Wood", (0.4, 0.2, 0.1))
    twin = box("Stool", (-2, 2, 0), mesh=items["chair"].data)
    items["chair"].data.materials[0] = shared
    items["lamp"].data.materials[0] = shared
    bpy.ops.ed.undo_push(message="Shared")
    change("make the chair red")
    assert is_red(items["chair"])
    assert color_of(twin) == color_of(items["lamp"]) == (0.4, 0.2, 0.1)
    assert twin.data == items["chair"].data


def test_a_material_of_its_own_is_changed_in_place() -> None:
    items = room()
    own = items["chair"].material_slots[0].material
    change("make the chair red")
    assert items["chair"].material_slots[0].material == own


def test_a_color_replaces_a_texture_and_darker_keeps_it() -> None:
    items = room()
    look = items["chair"].material_slots[0].material
    image = look.node_tree.nodes.new("ShaderNodeTexImage")
    shader = look.node_tree.nodes["Principled BSDF"]
    look.node_tree.links.new(image.outputs["Color"], shader.inputs["Base Color"])
    change("make the chair darker")
    assert shader.inputs["Base Color"].is_linked
    tint = shader.inputs["Base Color"].links[0].from_node
    assert tint.inputs[6].links[0].from_node == image
    assert tint.inputs[7].default_value[0] < 0.95
    change("make the chair red")
    assert not shader.inputs["Base Color"].is_linked
    assert is_red(items["chair"])
    # the solid view would show a picture that is still there
    assert not any(n.type == "TEX_IMAGE" for n in look.node_tree.nodes)
    bpy.ops.ed.undo()
    look = bpy.data.objects["Chair"].material_slots[0].material
    assert any(n.type == "TEX_IMAGE" for n in look.node_tree.nodes)


def test_a_copy_has_its_own_mesh_unless_it_is_to_be_linked() -> None:
    items = room()
    say("duplicate the chair")
    apply()
    made = next(o for o in bpy.data.objects if o.name.startswith("Chair."))
    assert made.data != items["chair"].data
    bpy.ops.ed.undo()
    say("duplicate the lamp")
    apply(links_copies=True)
    made = next(o for o in bpy.data.objects if o.name.startswith("Lamp."))
    assert made.data == bpy.data.objects["Lamp"].data


def test_children_go_along_and_keep_their_place_when_their_parent_is_deleted() -> None:
    items = room()
    parent = bpy.data.objects.new("Set", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location, parent.rotation_euler, parent.scale = (1, 2, 0), (0, 0, 0.7), (2, 2, 2)
    bpy.context.view_layer.update()
    world = items["chair"].matrix_world.copy()
    items["chair"].parent = parent
    items["chair"].matrix_world = world
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Parent")
    change("move the chair 1 m to the left")
    assert place("Chair") == (-3, 0, 0)
    assert items["chair"].parent == parent
    change("delete the Set")
    assert place("Chair") == (-3, 0, 0)


def test_an_unevenly_scaled_parent_is_said_not_sheared() -> None:
    items = room()
    parent = bpy.data.objects.new("Set", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.scale = (3, 1, 1)
    items["chair"].parent = parent
    bpy.context.view_layer.update()
    items["chair"].matrix_parent_inverse = parent.matrix_world.inverted()
    parent.scale = (1.5, 3, 1)
    items["chair"].location.y = 4
    bpy.context.view_layer.update()
    before = everything()
    reply = say("turn the chair by 40 degrees")
    assert reply.status == "refused"
    assert "scaled unevenly" in reply.message
    assert everything() == before


def test_uneven_scale_of_the_thing_itself_is_kept() -> None:
    items = room()
    items["chair"].scale = (1, 2, 0.5)
    bpy.context.view_layer.update()
    change("turn the chair by 30 degrees")
    assert items["chair"].scale[:] == pytest.approx((1, 2, 0.5), abs=1e-5)
    assert abs(items["chair"].rotation_euler.z) == pytest.approx(math.radians(30), abs=1e-5)


def test_modifiers_stay_and_their_result_is_what_counts() -> None:
    items = room()
    array = items["chair"].modifiers.new("Array", "ARRAY")
    array.count, array.relative_offset_displace = 3, (0, 0, 1)
    bpy.context.view_layer.update()
    reply = say("how tall is the chair?")
    assert "1.5" in reply.message
    change("move the chair 1 m to the left")
    assert items["chair"].modifiers[0].count == 3


def test_what_a_constraint_holds_is_not_moved_but_may_be_painted() -> None:
    items = room()
    held = items["chair"].constraints.new("COPY_LOCATION")
    held.target = items["lamp"]
    bpy.context.view_layer.update()
    reply = say("move the chair 1 m to the left")
    assert reply.status == "refused"
    assert "Copy Location" in reply.message
    change("make the chair red")
    assert is_red(items["chair"])


def test_what_is_animated_is_not_moved() -> None:
    items = room()
    items["chair"].keyframe_insert("location", frame=1)
    reply = say("move the chair 1 m to the left")
    assert reply.status == "refused"
    assert "animated" in reply.message


def test_locked_and_hidden_things() -> None:
    items = room()
    items["chair"].lock_location = (True, True, True)
    items["lamp"].hide_set(True)
    bpy.context.view_layer.update()
    reply = say("move the chair 1 m to the left")
    assert reply.status == "refused"
    assert "locked" in reply.message
    change("show the lamp")
    assert items["lamp"].visible_get()
    change("unlock the chair")
    change("move the chair 1 m to the left")
    assert place("Chair") == (-3, 0, 0)


def test_what_is_in_a_hidden_collection_is_said() -> None:
    items = room()
    folder = bpy.data.collections.new("Attic")
    bpy.context.scene.collection.children.link(folder)
    bpy.context.scene.collection.objects.unlink(items["lamp"])
    folder.objects.link(items["lamp"])
    folder.hide_viewport = True
    bpy.context.view_layer.update()
    reply = say("show the lamp")
    assert reply.status == "refused"
    assert "Attic" in reply.message


def test_an_instance_of_a_collection_is_moved_but_not_painted() -> None:
    room()
    folder = bpy.data.collections.new("Shrub")
    inside = box("Leaves", (0, 0, 0), 0.4)
    bpy.context.scene.collection.objects.unlink(inside)
    folder.objects.link(inside)
    shown = bpy.data.objects.new("Plant", None)
    shown.instance_type, shown.instance_collection = "COLLECTION", folder
    shown.location = (0, 2, 0)
    bpy.context.scene.collection.objects.link(shown)
    bpy.context.view_layer.update()
    change("put the plant on the table")
    assert place("Plant")[2] == pytest.approx(0.7, abs=0.005)
    reply = say("make the plant red")
    assert reply.status == "refused"
    assert "instance of the collection 'Shrub'" in reply.message


def test_what_is_linked_from_a_library_is_never_changed(tmp_path: Path) -> None:
    source = box("Statue", (0, 2, 0), 0.4)
    library = tmp_path / "things.blend"
    bpy.data.libraries.write(str(library), {source})
    bpy.data.objects.remove(source)
    room()
    with bpy.data.libraries.load(str(library), link=True) as (_, into):
        into.objects = ["Statue"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    bpy.context.view_layer.update()
    for text in ("move the statue 1 m to the left", "make the statue red", "delete the statue"):
        reply = say(text)
        assert reply.status == "refused", text
        assert "linked from things.blend" in reply.message
    change("duplicate the statue")
    made = next(o for o in bpy.data.objects if o.name.startswith("Statue") and not o.library)
    assert made.library is None


def test_lights_and_cameras() -> None:
    room()
    data = bpy.data.lights.new("Bulb", "POINT")
    data.energy = 100
    for name, x in (("Ceiling Light", 1.0), ("Other Light", -1.0)):
        item = bpy.data.objects.new(name, data)
        item.location = (x, 1, 2.4)
        bpy.context.scene.collection.objects.link(item)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0, -6, 1.5), (math.pi / 2, 0, 0)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="Lit")
    change("set the ceiling light to 250 W")
    assert bpy.data.objects["Ceiling Light"].data.energy == pytest.approx(250)
    assert bpy.data.objects["Other Light"].data.energy == pytest.approx(100)
    area = next(a for a in bpy.context.screen.areas if a.type == "VIEW_3D")
    area.spaces.active.region_3d.view_perspective = "CAMERA"
    change("move the camera 1 m up")
    assert place("Camera") == (0, -6, 2.5)
    lens = camera.data.lens
    change("zoom in")
    assert camera.data.lens > lens
    assert camera.rotation_euler[:] == pytest.approx((math.pi / 2, 0, 0), abs=1e-5)


def test_a_lamp_that_is_switched_on_again_has_the_power_that_it_had() -> None:
    room()
    item = bpy.data.objects.new("Bulb", bpy.data.lights.new("Bulb", "POINT"))
    item.data.energy, item.location = 123, (0, 1, 2)
    bpy.context.scene.collection.objects.link(item)
    change("turn the bulb off")
    assert item.data.energy == 0 or not item.visible_get()
    change("turn the bulb on")
    assert item.data.energy == pytest.approx(123)
    assert item.visible_get()


def test_a_thing_is_put_back_where_it_was_in_the_photos() -> None:
    items = room()
    camera = bpy.data.objects.new("Photo", bpy.data.cameras.new("Photo"))
    camera["maquette_photo"], camera["maquette_size"] = "a.jpg", (640, 480)
    bpy.context.scene.collection.objects.link(camera)
    change("move the chair 1 m to the left")
    change("move the chair 1 m back")
    part("conversation").forget()  # another session
    change("put the chair back where it was in the photo")
    assert place("Chair") == (-2, 0, 0)
    assert "maquette_in_photo" not in items["chair"]


def test_a_scene_in_centimetres_is_talked_about_in_metres() -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    box("Floor", (0, 0, -10), (800.0, 800.0, 10.0))
    box("Chair", (-100, 0, 0), 50.0)
    bpy.context.scene.unit_settings.system = "METRIC"
    look_from_the_front()
    bpy.context.view_layer.update()
    change("move the chair 1 m to the left")
    assert place("Chair") == (-200, 0, 0)
    assert bpy.data.objects["Chair"].scale[:] == pytest.approx((1, 1, 1))


def test_edits_wait_for_object_mode_and_need_no_mode_to_be_previewed() -> None:
    items = room()
    bpy.context.view_layer.objects.active = items["chair"]
    bpy.ops.object.mode_set(mode="EDIT")
    say("move the lamp 1 m back")
    assert not bpy.ops.maquette.apply_edit.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert apply() == {"FINISHED"}


def test_an_edited_mesh_is_told_anew() -> None:
    items = room()
    assert say("how tall is the chair?").message == "50 cm"
    for vertex in items["chair"].data.vertices:
        vertex.co.z *= 2
    items["chair"].data.update()
    bpy.context.view_layer.update()
    assert say("how tall is the chair?").message in ("1 m", "100 cm", "1.00 m")


# The backend comes and goes


def test_a_prompt_survives_a_killed_edit_process(edit_backend: Backend) -> None:
    import os
    import signal

    room()
    change("move the chair 1 m to the left")
    assert edit_backend.process is not None
    tasks = Path(f"/proc/{edit_backend.process.pid}/task")
    if not tasks.exists():
        pytest.skip("processes are looked up in /proc")
    children = [int(c) for t in tasks.iterdir() for c in (t / "children").read_text().split()]
    workers = [c for c in children if b"edit_worker" in Path(f"/proc/{c}/cmdline").read_bytes()]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)
    change("move the chair 1 m to the left")
    assert place("Chair") == (-4, 0, 0)


def test_another_file_begins_another_conversation() -> None:
    room()
    say("move the chair 1 m to the left")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert edits().proposal is None
    assert not bpy.ops.maquette.apply_edit.poll()
    room()
    change("move the chair 1 m to the left")
    assert place("Chair") == (-3, 0, 0)
