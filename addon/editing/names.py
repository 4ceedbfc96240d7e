"""Ids that objects keep over renaming and undo, and what a thing is, told by its name."""

import re

import bpy

_NUMBER = re.compile(r"[\s._-]*\d+[a-z]?$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STRUCTURE = {
    "floor": "floor",
    "ground": "floor",
    "wall": "wall",
    "walls": "wall",
    "ceiling": "ceiling",
}
# things that have a front: modelled to face -Y, as Blender's front view has it
_WITH_FRONT = frozenset(
    (
        *("chair", "armchair", "sofa", "couch", "bench", "bed", "desk", "screen", "monitor", "tv", "television"),
        *("laptop", "wardrobe", "cupboard", "cabinet", "bookcase", "bookshelf", "shelf", "dresser", "drawer"),
        *("nightstand", "fridge", "oven", "stove", "sink", "toilet", "piano", "car", "person", "man", "woman"),
        *("speaker", "clock", "picture", "painting", "mirror", "door", "window"),
    )
)  # fmt: skip
VIEWPORT = "viewport"  # the id of the view that the user has, where it is no camera's


class Ids:
    """One id per object: its first name, made unique."""

    def __init__(self) -> None:
        self._of: dict[int, str] = {}  # session_uid → id
        self._uids: dict[str, int] = {}

    def id_of(self, item: bpy.types.Object) -> str:
        """Known, or new."""
        uid = item.session_uid
        if uid not in self._of:
            base, number = item.name, 2
            key = base
            while key in self._uids or key == VIEWPORT:
                key, number = f"{base}_{number}", number + 1
            self.assign(key, item)
        return self._of[uid]

    def assign(self, key: str, item: bpy.types.Object) -> None:
        """From now on this id means that object."""
        old = self._uids.get(key)
        if old is not None:
            self._of.pop(old, None)
        self._of[item.session_uid], self._uids[key] = key, item.session_uid

    def forget(self, key: str) -> None:
        """The id is free again."""
        self._of.pop(self._uids.pop(key, 0), None)

    def find(self, key: str, layer: bpy.types.ViewLayer) -> bpy.types.Object | None:
        """The object, where it still is."""
        uid = self._uids.get(key)
        if uid is None:
            return None
        named = layer.objects.get(key)
        if named is not None and named.session_uid == uid:
            return named
        return next((item for item in layer.objects if item.session_uid == uid), None)

    def find_all(self, keys: set[str], layer: bpy.types.ViewLayer) -> dict[str, bpy.types.Object]:
        """Those that still are."""
        wanted = {self._uids[key]: key for key in keys if key in self._uids}
        return {
            wanted[item.session_uid]: item for item in layer.objects if item.session_uid in wanted
        }


def label_of(item: bpy.types.Object) -> str:
    """What it is: as it was labelled, else its name without numbers: "Office_Chair.001" → "office chair"."""
    given = item.get("maquette_label")
    if isinstance(given, str) and given:
        return given
    words = _NUMBER.sub("", item.name) or item.name
    return " ".join(re.split(r"[\s._-]+", _CAMEL.sub(" ", words).strip())).lower()


def kind_of(item: bpy.types.Object, label: str) -> str:
    """As the scene document has it."""
    if item.type == "LIGHT":
        return "light"
    given = item.get("maquette_kind")
    if given in ("object", "floor", "wall", "ceiling", "surface"):
        return str(given)
    words = label.split()
    last = words[-1] if words else ""
    return _STRUCTURE.get(last, "object") if item.type == "MESH" else "object"


def front_of(item: bpy.types.Object, label: str) -> list[float] | None:
    """In object space; None where nothing tells it."""
    given = item.get("maquette_front")
    if given is not None and len(given) == 3:
        return [float(value) for value in given]
    words = label.split()
    return [0.0, -1.0, 0.0] if words and words[-1] in _WITH_FRONT else None
