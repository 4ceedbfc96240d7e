"""From a target and its slots to operations."""

import math
from dataclasses import replace
from typing import Any, Literal, cast

from maquette.editing.grammar.context import Context
from maquette.editing.grammar.quantities import Length
from maquette.editing.grammar.slots import Size, Slots, Travel
from maquette.editing.plan import (
    Arrange,
    Clarification,
    Delete,
    Duplicate,
    Face,
    Group,
    Lamp,
    Lock,
    Material,
    Move,
    Operation,
    Place,
    Ref,
    Refusal,
    Relation,
    Resize,
    Rotate,
    Scale,
    Visibility,
)

GROWTH = {
    "enlarge": 1, "shrink": -1, "lengthen": 1, "widen": 1, "heighten": 1, "shorten": -1, "narrow": -1, "thicken": 1,
}  # fmt: skip
VERB_FACTORS = {"double": 2.0, "halve": 0.5, "triple": 3.0, "quadruple": 4.0}
_VERB_AXES = {
    "lengthen": "length", "widen": "width", "heighten": "height", "shorten": "length", "narrow": "width",
    "thicken": "thickness",
}  # fmt: skip
_VERB_LOOKS: dict[str, dict[str, Any]] = {
    "lighten": {"lightness_change": 0.1}, "darken": {"lightness_change": -0.1},
    "desaturate": {"saturation_change": -0.25},
    "saturate": {"saturation_change": 0.25}, "polish": {"roughness": 0.1},
}  # fmt: skip
_VERB_POSES = {"lay": "lying", "upend": "upside_down", "upright": "upright"}
_MOVES = frozenset({"move", "place", "raise", "lower", "hang"})
_TIP_DEG = 15.0  # "tilt it a bit"
_LIT = ("lamp", "light", "lantern", "sun", "bulb", "spot", "candle", "tube")
Axis = Literal["height", "width", "depth", "length"]


class Unclear(Exception):  # noqa: N818  (no error, a question)
    """What is missing cannot be guessed, or cannot be had."""

    def __init__(self, question: str = "", refusal: str = "") -> None:
        super().__init__(question or refusal)
        self.answer: Clarification | Refusal = (
            Refusal(reason=refusal) if refusal else Clarification(question=question)
        )


def visible(target: Ref, *, is_visible: bool) -> Visibility:
    """ "only the sofa visible": nothing else is."""
    is_only = is_visible and target.words.lower().startswith(("only ", "just ", "nothing but "))
    return Visibility(targets=target, is_visible=is_visible, is_isolate=is_only)


def operations(context: Context, target: Ref, slots: Slots) -> list[Operation]:
    """All that one clause asks of its target; empty where nothing was said."""
    target = replace(target, excluding=target.excluding + tuple(slots.excluding))
    is_bare = slots.number is not None and slots.length is None and not slots.is_to
    if is_bare and slots.number is not None and (slots.verb in _MOVES or slots.travels):
        slots.length, slots.number = Length(slots.number, has_unit=False), None
    _share_of_look(slots)
    if slots.is_group or slots.parent is not None:
        return [Group(targets=target, under=slots.parent, name=slots.name)]
    if slots.verb == "delete" and _says_more(slots):
        raise Unclear(f"Should {target.words.strip()} be deleted, or changed?")
    if slots.is_gone or slots.verb == "delete":
        return [Delete(targets=target)]
    if slots.layout.kind and slots.verb != "duplicate":
        return [_arranged(target, slots), *_looks(context, target, slots)]
    return [
        *_shown(target, slots),
        *_moved(target, slots),
        *_turned(target, slots),
        *_sized(target, slots),
        *_looks(context, target, slots),
    ]


def _says_more(slots: Slots) -> bool:
    """ "delete the mug 10 cm to the left": how far, how big, which way, what it looks like is nothing for what goes."""
    goes = slots.length is not None or any(way.length is not None for way in slots.travels)
    grows = bool(slots.sizes) or slots.factor is not None or slots.percent is not None
    return goes or grows or slots.angle is not None or bool(slots.material)


def _share_of_look(slots: Slots) -> None:
    """ "see-through, 40 percent", "darker: 20 %": a share of the looks, not of the size."""
    look, share = slots.material, slots.percent
    if share is None or slots.sizes or slots.verb in GROWTH or slots.verb == "scale":
        return
    for name in ("lightness_change", "saturation_change"):
        if name in look:
            look[name] = math.copysign(share, look[name])
            slots.percent = None
            return
    if look.get("alpha", 1.0) < 1:
        look["alpha"] = 1 - share
        slots.percent = None


def is_light(context: Context, target: Ref) -> bool:
    """Whether the words mean lights only."""
    return context.nouns.is_kind(target.noun, "light")


def may_be_lit(target: Ref) -> bool:
    """Whether the words may mean something that gives light."""
    return bool(target.pronoun) or any(word in target.noun for word in _LIT)


def _shown(target: Ref, slots: Slots) -> list[Operation]:
    result: list[Operation] = []
    if slots.is_visible is not None:
        result.append(visible(target, is_visible=slots.is_visible))
    if slots.is_locked is not None:
        result.append(Lock(targets=target, is_locked=slots.is_locked))
    return result


def _arranged(target: Ref, slots: Slots) -> Arrange:
    layout = slots.layout
    reference, relation = layout.reference, None
    for found, _ in slots.relations:
        if not found.to and layout.kind != "circle":
            raise Unclear(
                refusal="Things can be arranged beside or on something, but not in a corner at once."
            )
        if found.to:
            reference, relation = found.to[0], found.kind
    for travel in slots.travels:
        layout.along = layout.along or travel.direction
    along = layout.along if layout.along in ("left", "right", "toward", "away") else None
    return Arrange(
        targets=target,
        pattern=cast(Any, layout.kind),
        along=along,
        reference=reference,
        relation=None if relation == "with" else relation,
        spacing=layout.spacing,
        radius=layout.radius,
        edge=cast(Any, layout.edge),
        sort=layout.sort,
        rows=layout.rows,
        columns=layout.columns,
        is_even=layout.is_even,
    )


# Place and movement ------------------------------------------------------------------------------------


def _refuse_each(target: Ref, relations: tuple[Relation, ...]) -> None:
    """ "put one mug on each desk": one thing cannot be in several places."""
    for relation in relations:
        each = relation.to and relation.to[0].words.lower().startswith(("each ", "every "))
        if each and relation.kind in ("on", "in", "under") and target.number != "many":
            raise Unclear(
                refusal=f"One thing cannot be {relation.kind} several; ask for copies of it there."
            )


def _moved(target: Ref, slots: Slots) -> list[Operation]:
    verb = slots.verb
    if verb == "tip":
        return []  # "10 degrees backwards": which way it leans
    if verb in ("raise", "lower") and not slots.travels and not slots.relations:
        if slots.sizes or slots.percent is not None:
            return []
        length = slots.length or (
            Length(slots.to_length) if slots.to_length is not None else Length(1, is_bit=True)
        )
        direction = "up" if verb == "raise" else "down"
        return [Move(targets=target, direction=direction, distance=length.metres, is_lift=True)]
    relations, told = placed_relations(slots)
    is_all = target.number == "many" and not target.noun and not target.pronoun
    if is_all and not told and len(relations) == 2 and relations[0].kind in ("on", "in"):
        # "everything in the crate on the floor": all there is would be no target
        relations, told = relations[1:], relations[:1]
    target = replace(target, relations=target.relations + told)
    result: list[Operation] = []
    travels = _travels(slots)
    if relations:
        relations, travels = _gap(relations, travels)
        if _only_repeats(travels):
            travels = []
        upright = slots.pose == "upright" or verb == "upright"
        _refuse_each(target, relations)
        result.append(Place(targets=target, relations=relations, is_upright=upright))
    elif slots.sizes and (verb == "scale" or verb in GROWTH) and _only_repeats(travels):
        travels = []  # "scale it up until it is as tall as the crate"
    elif not travels and slots.length is not None and verb in _MOVES and not slots.sizes:
        raise Unclear(f"In which direction should {target.words} move?")
    for travel in travels:
        length = travel.length or (slots.length if len(travels) == 1 or not slots.travels else None)
        result.append(
            Move(
                targets=target,
                direction=travel.direction,
                distance=length.metres if length else None,
                offset=travel.offset,
                to=_beside(travel.to, target),
                frame=travel.frame,
                is_lift=travel.direction in ("up", "down") or verb == "raise",
            )
        )
    return result


def _gap(
    relations: tuple[Relation, ...], travels: list[Travel]
) -> tuple[tuple[Relation, ...], list[Travel]]:
    """ "to the left of the toilet, 10 cm away": how far from it."""
    first = relations[0]
    beside = first.kind in ("left_of", "right_of", "in_front_of", "behind", "next_to", "near")
    if len(travels) != 1 or not beside or first.distance is not None:
        return relations, travels
    travel = travels[0]
    if travel.direction != "away" or travel.length is None or travel.to not in (None, *first.to):
        return relations, travels
    return (replace(first, distance=travel.length.metres), *relations[1:]), []


def about(target: Ref, relation: Relation) -> Relation:
    """ "put the sofa against the wall behind it": it is the sofa."""
    if target.pronoun:
        return relation
    return replace(relation, to=tuple(_itself(to, target) for to in relation.to))


def _beside(to: Ref | None, target: Ref) -> Ref | None:
    """ "(the bin 30 cm closer) to the wall behind it": it is the bin."""
    if to is None or not to.relations:
        return to
    return replace(to, relations=tuple(about(target, r) for r in to.relations))


def _itself(ref: Ref, target: Ref) -> Ref:
    if ref.pronoun in ("it", "them") and not ref.noun:
        return target
    return replace(ref, relations=tuple(about(target, r) for r in ref.relations))


def placed_relations(slots: Slots) -> tuple[tuple[Relation, ...], tuple[Relation, ...]]:
    """Which of the relations are where it shall go, and which only tell which thing is meant.

    "move the books on the table to the shelf": with a "to", what comes before tells which. Of two supports, the last
    is where it goes.
    """
    found = slots.relations
    first_goal = next((i for i, (_, is_goal) in enumerate(found) if is_goal), None)
    supports = [i for i, (r, _) in enumerate(found) if r.kind in ("on", "in", "at")]
    split = first_goal or 0
    same = len(supports) > 1 and found[supports[0]][0].kind == found[supports[-1]][0].kind
    if first_goal is None and same:
        split = supports[-1]
    return tuple(r for r, _ in found[split:]), tuple(r for r, _ in found[:split])


def _only_repeats(travels: list[Travel]) -> bool:
    """ "back", "over", "down" beside a place say nothing of their own."""
    return all(
        t.length is None and (t.is_weak or t.direction in ("up", "down", "away", "toward"))
        for t in travels
    )


def _travels(slots: Slots) -> list[Travel]:
    """The ways, without those that another one says better: "back, away from me", "out towards the door, i.e. …"."""
    travels = list(slots.travels)
    if len(travels) > 1:
        strong = [t for t in travels if not t.is_weak or t.length is not None]
        travels = strong or travels[:1]
    result: list[Travel] = []
    for travel in travels:
        same = next((i for i, other in enumerate(result) if _says_the_same(other, travel)), None)
        if same is None:
            result.append(travel)
        else:
            length = travel.length or result[same].length
            result[same] = replace(travel, length=length)
    said = slots.length
    if len(result) == 1 and said is not None and not said.is_bit:
        vague = result[0].length is None or result[0].length.is_bit
        result[0] = (
            replace(result[0], length=said) if vague else result[0]
        )  # "a bit lower, by 10 cm"
    if len(result) == 1 and result[0].length is None:
        lengths = [t.length for t in slots.travels if t.length is not None]
        result[0] = replace(result[0], length=lengths[0] if lengths else None)
    return result


def _says_the_same(first: Travel, second: Travel) -> bool:
    """One of them without an amount of its own, or both with the same, along the same line of sight."""
    if first.offset is not None or second.offset is not None:
        return False
    is_depth = {first.direction, second.direction} <= {"toward", "away"}
    if not is_depth and first.direction != second.direction:
        return False
    return first.length is None or second.length is None or first.length == second.length


# Turning -----------------------------------------------------------------------------------------------


def _turned(target: Ref, slots: Slots) -> list[Operation]:
    if slots.pose:
        if slots.pose == "upright" and slots.relations:
            return []  # the place stands it up
        return [Rotate(targets=target, angle_deg=0.0, pose=cast(Any, slots.pose))]
    if slots.facing is not None:
        facing = slots.facing
        told = [*(relation for relation, _ in slots.relations), *target.relations]
        landmarks = [relation.to[0] for relation in told if relation.to]
        if facing.to and facing.to.pronoun in ("it", "them") and not facing.to.noun and landmarks:
            facing.to = landmarks[0]  # "around the table, all facing it"
        return [
            Face(
                targets=target,
                to=facing.to,
                direction=facing.direction,
                is_away=facing.is_away,
                parallel_to=facing.is_parallel,
            )
        ]
    return _rotated(target, slots)


def _rotated(target: Ref, slots: Slots) -> list[Operation]:
    verb, angle = slots.verb, slots.angle
    turns = verb in ("rotate", "tip", "turn_around", "upend")
    if angle is None and turns and not slots.is_to:
        if slots.number is not None:
            angle = slots.number
        elif slots.length is not None and slots.length.is_bit:
            angle = _TIP_DEG * slots.length.amount
        elif slots.length is not None and not slots.length.has_unit:
            angle = slots.length.amount
        elif slots.factor is not None and slots.factor < 1:
            angle = 360.0 * slots.factor  # "rotate it by a quarter"
    if angle is None and verb in _VERB_POSES and (slots.is_flat or not slots.relations):
        return [Rotate(targets=target, angle_deg=0.0, pose=cast(Any, _VERB_POSES[verb]))]
    if verb == "tip" and angle is None and not slots.lamp and not slots.material:
        return [Rotate(targets=target, angle_deg=_TIP_DEG, axis="sideways")]
    if angle is None and verb == "turn_around":
        angle = 180.0
    if angle is None and verb == "rotate" and slots.spin:
        angle = 90.0
    if angle is None:
        return []
    axis = "sideways" if verb == "tip" and slots.axis == "up" else slots.axis
    if verb == "tip" and slots.travels:
        way = slots.travels[0].direction
        axis = "forward" if way in ("left", "right") else axis
        angle = -angle if way in ("away", "backward", "left") else angle
    return [Rotate(targets=target, angle_deg=(slots.spin or 1) * angle, axis=cast(Any, axis))]


# Size ---------------------------------------------------------------------------------------------------


def _sized(target: Ref, slots: Slots) -> list[Operation]:
    if (slots.lamp.get("factor") is not None or slots.is_light) and not slots.sizes:
        return []
    verb = slots.verb
    growth = GROWTH.get(verb, 0)
    comparative = next((s for s in slots.sizes if s.is_comparative), None)
    axis = _VERB_AXES.get(verb, "")
    if comparative is not None and comparative.axis != "size":
        axis = axis or comparative.axis
    overall = _overall_factor(slots, growth)
    length = slots.to_length
    if length is None and comparative is not None and slots.length is not None:
        length = slots.length.metres  # "shorter pen: only 10 cm"
    if length is not None and (growth or verb in ("scale", "make", "") or comparative):
        side = axis or ("height" if growth else "size")
        return [
            Resize(targets=target, axis=cast(Any, side), length=length, keeps_proportions=not axis)
        ]
    if growth and slots.length is not None and slots.length.metres is not None:
        change = growth * slots.length.metres
        return [
            Resize(
                targets=target,
                axis=cast(Any, axis or "size"),
                change=change,
                keeps_proportions=not axis,
            )
        ]
    result: list[Operation] = [
        _one_size(target, size, slots)
        for size in slots.sizes
        if not (size.is_comparative and overall is not None)
    ]
    if overall is not None:
        result.append(scaled(target, overall, axis))
    if (
        not result
        and (growth or verb in VERB_FACTORS)
        and not slots.relations
        and not slots.travels
    ):
        factor = VERB_FACTORS.get(verb) or (1.25 if growth > 0 else 0.8)
        result = [scaled(target, factor, axis)]
    return result


def scaled(target: Ref, factor: float, axis: str) -> Scale:
    """By a factor; the axis "size" is all axes."""
    return Scale(targets=target, factor=factor, axis=cast(Any, "" if axis == "size" else axis))


def _one_size(target: Ref, size: Size, slots: Slots) -> Operation:
    if size.factor is not None:
        return scaled(target, size.factor, size.axis)
    return Resize(
        targets=target,
        axis=cast(Any, size.axis),
        length=size.length,
        change=size.change,
        like=size.like,
        keeps_proportions=slots.keeps_proportions,
    )


def _overall_factor(slots: Slots, growth: int) -> float | None:
    """ "to 80 %", "by 20 %", "by a third", "by a factor of 1.4"; the verb tells which way."""
    verb = slots.verb
    if slots.percent is not None:
        if slots.is_to or (not growth and verb in ("scale", "make", "") and slots.percent != 0):
            return slots.percent
        return 1 + (growth or 1) * slots.percent
    if slots.factor is not None and verb not in ("move", "place", "duplicate", "rotate", "tip"):
        if slots.is_to or not growth:
            return slots.factor
        if growth < 0:
            return 1 - slots.factor if slots.factor < 1 else 1 / slots.factor
        return 1 + slots.factor if slots.factor < 1 else slots.factor
    if slots.number is not None and verb in ("scale", "enlarge", "shrink") and slots.number > 0:
        if growth < 0 and slots.number > 1 and not slots.is_to:
            return 1 / slots.number
        return slots.number
    return None


# Looks --------------------------------------------------------------------------------------------------


def _looks(context: Context, target: Ref, slots: Slots) -> list[Operation]:
    looks = dict(slots.material)
    lamp = dict(slots.lamp)
    if "factor" in lamp and slots.factor is not None and slots.is_light:
        lamp["factor"] = slots.factor  # "stronger, like double"
    if slots.verb in _VERB_LOOKS and not looks and not lamp:
        looks = dict(_VERB_LOOKS[slots.verb])
        if slots.percent is not None and slots.verb in ("lighten", "darken"):
            looks["lightness_change"] = slots.percent * (1 if slots.verb == "lighten" else -1)
    if "alpha_change" in looks:
        looks["alpha"] = 0.5 if looks.pop("alpha_change") < 0 else 0.9
    if is_light(context, target):
        _lit(looks, lamp, slots)
    elif "warmth_change" in looks and may_be_lit(target) and not target.pronoun:
        lamp["temperature_k"] = 2700.0 if looks.pop("warmth_change") > 0 else 6500.0
    elif set(lamp) == {"factor"} and slots.is_brightness and not may_be_lit(target):
        looks["lightness_change"] = 0.1 if lamp.pop("factor") > 1 else -0.1
    result: list[Operation] = []
    if lamp:
        result.append(Lamp(targets=target, **lamp))
    if looks:
        result.append(Material(targets=target, **looks))
    return result


def _lit(looks: dict[str, Any], lamp: dict[str, Any], slots: Slots) -> None:
    """What is said of a light's looks is meant of its light."""
    if slots.percent is not None and "factor" not in lamp:
        sign = {"enlarge": 1, "brighten": 1, "shrink": -1, "dim": -1}.get(slots.verb)
        if sign is not None:
            lamp["factor"] = slots.percent if slots.is_to else 1 + sign * slots.percent
        elif slots.verb in ("", "make", "place") and not slots.sizes:
            lamp["factor"] = slots.percent  # "ceiling light at 60 %"
    if "color" in looks:
        lamp["color"], lamp["color_name"] = looks.pop("color"), looks.pop("color_name")
    if "lightness_change" in looks:
        lamp["factor"] = 1.25 if looks.pop("lightness_change") > 0 else 0.8
    if "warmth_change" in looks:
        lamp["temperature_k"] = 2700.0 if looks.pop("warmth_change") > 0 else 6500.0
    if looks.get("emission") == 1.0:
        del looks["emission"]
        if not lamp:
            lamp["is_on"] = True


# Copies -------------------------------------------------------------------------------------------------


def copies(target: Ref, slots: Slots, count: int = 1) -> Duplicate:
    """Copies of the target, where the slots say."""
    relations, told = placed_relations(slots)
    target = replace(target, relations=target.relations + told)
    patterns = {
        "row": "line",
        "line": "line",
        "circle": "circle",
        "stack": "stack",
        "distribute": "line",
    }
    pattern = patterns.get(slots.layout.kind, "")
    travel = slots.travels[0] if slots.travels else None
    length = (travel.length if travel else None) or slots.length
    direction = slots.layout.along or (travel.direction if travel else None)
    return Duplicate(
        targets=target,
        count=slots.times or count,
        relations=tuple(about(target, r) for r in relations),
        pattern=cast(Any, pattern),
        direction=direction,
        spacing=slots.layout.spacing or (length.metres if length else None),
    )
