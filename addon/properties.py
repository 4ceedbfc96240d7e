"""What the user chose, kept with the scene, and the ids of the imports that this scene waits for."""

from pathlib import Path

import bpy

from . import engines
from .engines import VIDEO_ENDINGS

_PHOTO_ENDINGS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".tif",
    ".tiff",
    ".heic",
    ".heif",
)
ENDINGS = _PHOTO_ENDINGS + VIDEO_ENDINGS


class MAQUETTE_PG_photo(bpy.types.PropertyGroup):
    filepath: bpy.props.StringProperty(name="File", subtype="FILE_PATH")


class MAQUETTE_PG_job(bpy.types.PropertyGroup):
    """An import under way: saved with the file, so that it is found again."""

    job: bpy.props.StringProperty()
    title: bpy.props.StringProperty()
    build: bpy.props.StringProperty()  # JSON of ImportRequest.build


class MAQUETTE_PG_known_point(bpy.types.PropertyGroup):
    photo: bpy.props.StringProperty(name="Photo", description="A photo of the list")
    pixel: bpy.props.IntVectorProperty(
        name="Pixel",
        description="Column and row of the point, counted from the photo's top left",
        size=2,
        min=0,
    )


class MAQUETTE_PG_settings(bpy.types.PropertyGroup):
    """Settings of the panel."""

    photos: bpy.props.CollectionProperty(type=MAQUETTE_PG_photo)
    active_photo: bpy.props.IntProperty(name="Active Photo")
    jobs: bpy.props.CollectionProperty(type=MAQUETTE_PG_job)
    num_edits: bpy.props.IntProperty()  # applied in words: undo takes it back with the edit
    engine: bpy.props.EnumProperty(
        name="Engine", description="What finds the cameras and the depth", items=engines.ITEMS
    )
    quality: bpy.props.EnumProperty(
        name="Quality",
        description="How much time to spend",
        items=(
            ("draft", "Draft", "About 1 minute for 20 photos on 8 cores"),
            ("normal", "Normal", "About 4 minutes for 20 photos on 8 cores"),
            ("high", "High", "About 20 minutes for 20 photos on 8 cores"),
        ),
        default="normal",
    )
    masks: bpy.props.StringProperty(
        name="Masks",
        description="Folder with one mask per photo, of the same name; what is black is left out",
        subtype="DIR_PATH",
    )
    with_points: bpy.props.BoolProperty(
        name="Points", description="Create the points that the cameras were found by", default=False
    )
    max_triangles: bpy.props.IntProperty(
        name="Mesh Budget",
        description="Most triangles that the surface may have, by a Decimate modifier; 0 keeps all",
        min=0,
        soft_max=2_000_000,
        step=10_000,
        default=0,
    )
    use_known: bpy.props.BoolProperty(
        name="Known Distance",
        description="Give the scene its real size by one distance that you know",
        default=False,
    )
    known_between: bpy.props.EnumProperty(
        name="Between",
        description="What the distance is measured between",
        items=(
            ("cameras", "Two Cameras", "The places where two photos were taken"),
            ("points", "Two Points", "Two points of the scene, each seen in a photo"),
        ),
    )
    known_first: bpy.props.PointerProperty(type=MAQUETTE_PG_known_point)
    known_second: bpy.props.PointerProperty(type=MAQUETTE_PG_known_point)
    known_distance: bpy.props.FloatProperty(
        name="This Distance Is",
        description="The real distance",
        subtype="DISTANCE",
        unit="LENGTH",
        min=0.0001,
        default=1.0,
        precision=3,
    )


# functions, not methods: Blender 4.2 crashes at its end over a property group that has methods


def photo_paths(settings: MAQUETTE_PG_settings) -> tuple[str, ...]:
    """Absolute paths of the list, in its order."""
    return tuple(bpy.path.abspath(photo.filepath) for photo in settings.photos)


def add_photos(settings: MAQUETTE_PG_settings, paths: tuple[str, ...]) -> int:
    """Put those at the end of the list that are not in it; how many."""
    known = set(photo_paths(settings))
    new = [path for path in dict.fromkeys(paths) if path not in known]
    for path in new:
        photo = settings.photos.add()
        photo.name, photo.filepath = Path(path).name, path
    return len(new)


CLASSES = (
    MAQUETTE_PG_photo,
    MAQUETTE_PG_job,
    MAQUETTE_PG_known_point,
    MAQUETTE_PG_settings,
)


def register() -> None:
    bpy.types.Scene.maquette = bpy.props.PointerProperty(type=MAQUETTE_PG_settings)


def unregister() -> None:
    del bpy.types.Scene.maquette
