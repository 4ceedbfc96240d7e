"""The panel's list of photos: add, paste, remove, clear."""

import contextlib
from pathlib import Path
from urllib.parse import unquote, urlparse

import bpy

from .. import runtime
from ..properties import ENDINGS, add_photos
from ..request import photos_in


class _PhotoFiles:
    """What a file browser, or a drop, hands over."""

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_movie: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def chosen(self) -> tuple[str, ...]:
        """The photos: the files chosen, or all in the folder where none was."""
        names = [file.name for file in self.files if file.name]
        if not names:
            return photos_in(Path(self.directory)) if self.directory else ()
        paths = (Path(self.directory, name) for name in names)
        return tuple(photo for path in paths for photo in photos_in(path))


class MAQUETTE_OT_add_photos(_PhotoFiles, bpy.types.Operator):
    bl_idname = "maquette.add_photos"
    bl_label = "Add Photos"
    bl_description = "Choose photos, or a folder with all its photos, or a video"
    bl_options = {"REGISTER", "UNDO"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return add_to_list(self, context, self.chosen())


class MAQUETTE_OT_paste_photos(bpy.types.Operator):
    bl_idname = "maquette.paste_photos"
    bl_label = "Paste Photos"
    bl_description = "Add the files whose paths, or the picture that, the clipboard holds"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        paths = paths_in_text(context.window_manager.clipboard)
        if not paths:
            paths = _pasted_picture()
        if not paths:
            self.report(
                {"ERROR"},
                "The clipboard holds no photos. Copy photo files in your file manager first",
            )
            return {"CANCELLED"}
        return add_to_list(self, context, paths)


class MAQUETTE_OT_remove_photo(bpy.types.Operator):
    bl_idname = "maquette.remove_photo"
    bl_label = "Remove Photo"
    bl_description = "Take the selected photo off the list; the file stays"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.maquette.photos)

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = context.scene.maquette
        settings.photos.remove(settings.active_photo)
        settings.active_photo = max(min(settings.active_photo, len(settings.photos) - 1), 0)
        return {"FINISHED"}


class MAQUETTE_OT_clear_photos(bpy.types.Operator):
    bl_idname = "maquette.clear_photos"
    bl_label = "Clear Photos"
    bl_description = "Empty the list; the files stay"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.maquette.photos)

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.maquette.photos.clear()
        return {"FINISHED"}


def add_to_list(
    operator: bpy.types.Operator, context: bpy.types.Context, paths: tuple[str, ...]
) -> set[str]:
    """Put photos into the scene's list, and say how many were new."""
    if not paths:
        operator.report(
            {"ERROR"}, "No photos there. Photos are " + ", ".join(e[1:] for e in ENDINGS)
        )
        return {"CANCELLED"}
    count = add_photos(context.scene.maquette, paths)
    known = len(paths) - count
    rest = f", {known} were in the list already" if known else ""
    operator.report({"INFO"}, f"{count} photos added{rest}")
    return {"FINISHED"}


def paths_in_text(text: str) -> tuple[str, ...]:
    """The photos that a text names: one path or file address per line, as file managers copy them."""
    found: list[str] = []
    for line in text.splitlines():
        line = line.strip().strip('"')
        if line.startswith("file://"):
            line = unquote(urlparse(line).path)
        with contextlib.suppress(OSError, ValueError):
            if Path(line).is_absolute() and Path(line).exists():
                found += photos_in(Path(line))
    return tuple(found)


def _pasted_picture() -> tuple[str, ...]:
    """The clipboard's picture as a file; none where Blender cannot read it on this system."""
    paste = bpy.ops.image.clipboard_paste
    before = set(bpy.data.images.keys())
    try:
        if not paste.poll() or paste() != {"FINISHED"}:
            return ()
    except RuntimeError:
        return ()
    saved: list[str] = []
    for name in set(bpy.data.images.keys()) - before:
        image = bpy.data.images[name]
        folder = runtime.session().data / "pasted"
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in folder.iterdir()) + 1
        path = folder / f"Pasted {number}.png"
        image.save(filepath=str(path))
        bpy.data.images.remove(image)
        saved.append(str(path))
    return tuple(saved)


CLASSES = (
    MAQUETTE_OT_add_photos,
    MAQUETTE_OT_paste_photos,
    MAQUETTE_OT_remove_photo,
    MAQUETTE_OT_clear_photos,
)
