"""What is too much is made less: "the doormat is too dark" asks for a lighter one, if nothing else is asked."""

from typing import Any, cast

from maquette.editing.grammar import quantities
from maquette.editing.grammar.build import is_light, may_be_lit, scaled
from maquette.editing.grammar.context import LIGHTS, Context
from maquette.editing.plan import Lamp, Material, Operation, Ref, Resize

_SIDES = {"tall": "height", "high": "height", "short": "height", "wide": "width", "narrow": "width", "long": "length",
          "thick": "thickness", "thin": "thickness", "big": "", "large": "", "small": "", "little": ""}  # fmt: skip
_TOO_LITTLE = frozenset({"short", "narrow", "thin", "small", "little"})


def remedy(context: Context) -> list[Operation]:
    """What the last complaint asks for; empty where that cannot be told."""
    if context.complaint is None:
        return []
    ref, text = context.complaint
    said = text.lower().split()
    if not {"too", "to", "enough"} & set(said):
        return []
    if ref.pronoun and context.is_about_room:
        ref = LIGHTS
    for word in said:
        found = _for(context, ref, word, is_lack="enough" in said)
        if found is not None:
            return [found]
    return []


def by_amount(context: Context) -> list[Operation] | None:
    """ "(the cupboard is too tall,) 20 cm less would be fine"."""
    cursor = context.cursor
    if context.complaint is None:
        return None
    ref, text = context.complaint
    axes = [word for word in text.lower().split() if word in _SIDES]
    start = cursor.at
    cursor.take("take|cut|trim|shave|chop|saw")
    length = quantities.length(cursor, needs_unit=True)
    percent = quantities.percent(cursor) if length is None else None
    if (
        not axes
        or (length is None and percent is None)
        or not cursor.take(
            "less|more|off|shorter|smaller|lower|narrower|taller|higher|wider|bigger"
        )
    ):
        cursor.at = start
        return None
    cursor.take("of it|it|from it")
    cursor.take(
        "<would|should|will|might> <be|do> [fine|enough|good|better|ok|nice|great|perfect|it]|please"
    )
    grows = axes[0] in _TOO_LITTLE
    context.complaint = None
    if percent is not None:
        return [scaled(ref, 1 + percent if grows else 1 - percent, _SIDES[axes[0]])]
    if length is None or length.metres is None:
        return None
    change = length.metres if grows else -length.metres
    axis = cast(Any, _SIDES[axes[0]] or "size")
    return [Resize(targets=ref, axis=axis, change=change)]


def _for(context: Context, ref: Ref, word: str, *, is_lack: bool) -> Operation | None:
    if word in _SIDES:
        grows = (word in _TOO_LITTLE) != is_lack
        return scaled(ref, 1.25 if grows else 0.8, _SIDES[word])
    if word in ("bright", "light", "dark", "dim", "strong", "weak"):
        darker = (word in ("bright", "light", "strong")) != is_lack
        if is_light(context, ref) or (may_be_lit(ref) and not ref.pronoun):
            return Lamp(targets=ref, factor=0.8 if darker else 1.25)
        return Material(targets=ref, lightness_change=-0.1 if darker else 0.1)
    if word in ("shiny", "glossy", "dull"):
        return Material(
            targets=ref, roughness_change=0.25 if (word != "dull") != is_lack else -0.25
        )
    return None
