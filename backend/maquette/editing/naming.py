"""How well a noun names a thing of a scene: by its label and name, its kind, as a light, as a shape of no known use."""

from maquette.editing.grammar.thesaurus import GENERAL, fit
from maquette.editing.scene_view import SceneView

_STRUCTURE_NOUNS = {
    "floor": "floor",
    "ground": "floor",
    "wall": "wall",
    "ceiling": "ceiling",
    "surface": "surface",
}
_BOXY = frozenset(
    ("box", "cube", "block", "cuboid", "brick", "slab", "shape", "form")
)  # said of what nobody has a name for
_FIRST_WORDS = 0.7  # the thesaurus' fit of "desk" to a desk lamp: it is no desk


def how_well_named(view: SceneView, noun: str, key: str) -> float:
    """How well a noun names a thing of the scene: 1 its label or name, down to 0 not at all."""
    item = view.objects[key]
    label = item.label or (item.kind if item.kind != "object" else "")
    value = fit(noun, label, item.name, item.id)
    if noun in GENERAL and item.kind != "object":
        return 0.02 if item.kind in ("surface", "light") and value else 0.0
    if _STRUCTURE_NOUNS.get(noun) == item.kind:
        value = max(value, 0.95 if item.label in (None, noun) else 0.85)
    if item.label is None and item.kind == "object" and noun.rpartition(" ")[2] in _BOXY:
        value = max(value, 0.6)
    if value == _FIRST_WORDS:
        return 0.45
    is_light = noun == "light" and item.kind == "light"
    if is_light or (noun in ("light", "lamp") and 0 < value < 0.95):
        value = 0.9 if is_light or noun in label.split() else 0.55
    return value
