"""A scene of one surface becomes floor, walls and things, so that one can say what to do with them."""

import bpy

from .. import runtime
from ..maquette_session import ImportRequest
from ..scenes import current_collection, folder_of
from .import_photos import backend_can_work


class MAQUETTE_OT_take_apart(bpy.types.Operator):
    bl_idname = "maquette.take_apart"
    bl_label = "Take Apart"
    bl_description = (
        "Find floor, walls and things in this scene and make each an object; its surface is hidden"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if current_collection(context) is None:
            cls.poll_message_set("Open or import a scene first")
            return False
        session = runtime.session()
        if session.is_ready and not session.imports.shares_disk:
            cls.poll_message_set("The backend is on another computer: take it apart there")
            return False
        return backend_can_work(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        collection = current_collection(context)
        folder = folder_of(collection)
        if not (folder / "scene.json").is_file():
            self.report({"ERROR"}, f"{folder} is no longer there; import the photos again")
            return {"CANCELLED"}
        title = f"Things of {collection.name}"
        request = ImportRequest(
            kind="segment",
            title=title,
            photos=(str(folder.absolute()),),
            options={},
            build={"title": title},
            replaces=collection.session_uid,
        )
        runtime.submit(context.scene, request)
        self.report({"INFO"}, f"Taking {collection.name} apart")
        return {"FINISHED"}


CLASSES = (MAQUETTE_OT_take_apart,)
