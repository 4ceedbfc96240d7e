"""A scene of one surface is taken apart by the backend, and its things are talked about."""

from pathlib import Path

import bpy
import pytest
from support_blender import all_data, part
from support_edit import change, is_red, wait

pytestmark = [pytest.mark.usefixtures("connected"), pytest.mark.timeout(600)]


def test_the_things_of_a_scene_are_objects_that_one_can_talk_about(demo: Path) -> None:
    bpy.ops.maquette.open_scene("EXEC_DEFAULT", True, filepath=str(demo))
    before = all_data()
    surface = next(o for o in bpy.data.objects if o.get("maquette_kind") == "surface")
    assert bpy.ops.maquette.take_apart() == {"FINISHED"}
    job = list(part("runtime").session().imports.jobs.values())[-1]
    wait(lambda: job.is_over, "the things", 300)
    assert job.phase == "built", (job.message, job.hint)
    kinds = [o.get("maquette_kind") for o in bpy.data.objects]
    assert kinds.count("object") > 5
    assert "floor" in kinds
    assert not surface.visible_get()

    thing = max(
        (o for o in bpy.data.objects if o.get("maquette_kind") == "object"),
        key=lambda o: o.dimensions.length,
    )
    for item in bpy.context.selected_objects:
        item.select_set(False)
    thing.select_set(True)
    bpy.ops.ed.undo_push(message="Chosen")
    change("call it Desk")
    assert thing.name == "Desk"
    shared = thing.material_slots[0].material
    change("make the desk red")
    assert is_red(thing)
    others = [o for o in bpy.data.objects if o.get("maquette_kind") and o not in (thing, surface)]
    assert {o.material_slots[0].material for o in others} == {shared}, "one picture for all"

    for _ in range(4):
        bpy.ops.ed.undo()
    assert all_data() == before
    assert bpy.data.objects["Surface"].visible_get()
