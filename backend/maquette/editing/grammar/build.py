"""From a target and its slots to operations."""

from dataclasses import replace
from typing import Any

from maquette.editing.grammar.arrange import along_of, sort_of
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
    Relation,
    Resize,
    Rotate,
    Scale,
    Visibility,
)

_GROWTH = {
    "enlarge": 1,
    "shrink": -1,
    "lengthen": 1,
    "widen": 1,
    "heighten": 1,
    "shorten": -1,
    "narrow": -1,
    "thicken": 1,
}
_VERB_AXES = {
    "lengthen": "length",
    "widen": "width",
    "heighten": "height",
    "shorten": "length",
    "narrow": "width",
    "thicken": "depth",
}
_VERB_FACTORS = {"double": 2.0, "halve": 0.5, "triple": 3.0, "quadruple": 4.0}
_VERB_LOOKS: dict[str, dict[str, Any]] = {
    "lighten": {"lightness_change": 0.1},
    "darken": {"lightness_change": -0.1},
    "desaturate": {"saturation_change": -0.25},
    "saturate": {"saturation_change": 0.25},
    "polish": {"roughness": 0.1},
}
_POSES = {"lying": "lying", "upright": "upright", "upside_down": "upside_down"}


class Unclear(Exception):  # noqa: N818  (no error, a question)
    """What is missing cannot be guessed."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.clarification = Clarification(question=question)


def operations(context: Context, verb: str, target: Ref, slots: Slots) -> list[Operation]:
    """All that one clause asks of its target; empty where nothing was said."""
    target = replace(target, excluding=target.excluding + tuple(slots.excluding))
    if (
        verb in ("move", "raise", "lower", "place", "")
        and slots.number is not None
        and slots.length is None
        and not slots.is_to
    ) and (verb or slots.travels):
        slots.length = Length(slots.number, has_unit=False)
    if slots.pattern.get("group") or slots.pattern.get("parent"):
        return [Group(targets=target, under=slots.pattern.get("parent"))]
    result: list[Operation] = []
    if slots.is_gone or verb == "delete":
        return [Delete(targets=target)]
    if slots.pattern.get("kind") and (verb != "duplicate"):
        return [_arranged(target, slots), *_looks(context, verb, target, slots)]
    result += _shown(target, slots)
    result += _moved(verb, target, slots)
    result += _turned(verb, target, slots)
    result += _sized(verb, target, slots)
    result += _looks(context, verb, target, slots)
    return result


def is_light(context: Context, target: Ref) -> bool:
    """Whether the words mean lights only."""
    return context.nouns.is_kind(target.noun, "light")


def _shown(target: Ref, slots: Slots) -> list[Operation]:
    result: list[Operation] = []
    if slots.visible is not None:
        result.append(Visibility(targets=target, is_visible=slots.visible))
    if slots.is_locked is not None:
        result.append(Lock(targets=target, is_locked=slots.is_locked))
    return result


def _arranged(target: Ref, slots: Slots) -> Arrange:
    pattern = slots.pattern
    kind = pattern["kind"]
    reference, relation = pattern.get("reference"), None
    for found, _ in slots.relations:
        if found.to:
            reference, relation = found.to[0], found.kind
    if relation == "with":
        relation = None
    return Arrange(
        targets=target,
        pattern=kind,
        along=along_of(slots),
        reference=reference,
        relation=relation,
        spacing=pattern.get("spacing"),
        radius=pattern.get("radius"),
        edge=pattern.get("edge", ""),
        sort=sort_of(slots),
        rows=pattern.get("rows"),
        columns=pattern.get("columns"),
        is_even=bool(pattern.get("is_even")),
    )


# Place and movement ------------------------------------------------------------------------------------


def _moved(verb: str, target: Ref, slots: Slots) -> list[Operation]:
    if verb in ("raise", "lower") and not slots.travels and not slots.relations:
        length = slots.length or (
            Length(slots.to_length) if slots.to_length is not None else Length(1, is_bit=True)
        )
        direction = "up" if verb == "raise" else "down"
        if slots.sizes or slots.percent is not None:
            return []
        return [Move(targets=target, direction=direction, distance=length.metres, is_lift=True)]
    relations, moved_refs = placed_relations(slots)
    target = replace(target, relations=target.relations + moved_refs)
    result: list[Operation] = []
    if relations:
        if slots.travels and _only_repeats(slots.travels, relations):
            slots.travels = []
        result.append(
            Place(targets=target, relations=relations, is_upright=slots.pose == "upright")
        )
    travels = _travels(slots, keeps=not relations)
    if (
        not travels
        and slots.length is not None
        and not relations
        and verb in ("move", "place", "raise", "lower")
    ):
        raise Unclear(f"In which direction should {target.words} move?")
    for travel in travels:
        length = travel.length or slots.length
        result.append(
            Move(
                targets=target,
                direction=travel.direction,
                distance=length.metres if length else None,
                offset=travel.offset,
                to=travel.to,
                frame=travel.frame,  # pyright: ignore[reportArgumentType]
                is_lift=travel.direction in ("up", "down") or verb == "raise",
            )
        )
    return result


def about(target: Ref, relation: Relation) -> Relation:
    """ "put the sofa against the wall behind it": it is the sofa."""
    if target.pronoun:
        return relation
    return replace(relation, to=tuple(_itself(to, target) for to in relation.to))


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
    if not found:
        return (), ()
    first_goal = next((i for i, (_, is_goal) in enumerate(found) if is_goal), None)
    split = first_goal if first_goal is not None else 0
    supports = [i for i, (r, _) in enumerate(found) if r.kind in ("on", "in", "at")]
    if (
        first_goal is None
        and len(supports) > 1
        and found[supports[0]][0].kind == found[supports[-1]][0].kind
    ):
        split = supports[-1]
    goals = tuple(r for r, _ in found[split:])
    return goals, tuple(r for r, _ in found[:split])


def _only_repeats(travels: list[Travel], relations: tuple[Relation, ...]) -> bool:
    """ "back", "over", "down" beside a place say nothing of their own."""
    return all(
        t.length is None and (t.is_weak or t.direction in ("up", "down", "away", "toward"))
        for t in travels
    )


def _travels(slots: Slots, *, keeps: bool) -> list[Travel]:
    """Directions, without those that another one says better ("back, away from me", "out towards the door, i.e. …")."""
    travels = list(slots.travels)
    strong = [t for t in travels if not t.is_weak]
    if strong and len(strong) < len(travels):
        lengths = [t.length for t in travels if t.length is not None]
        travels = [replace(t, length=t.length or (lengths[0] if lengths else None)) for t in strong]
    depth = [t for t in travels if t.direction in ("toward", "away")]
    if len(depth) > 1:
        last = depth[-1]
        length = last.length or next((t.length for t in depth if t.length), None)
        travels = [t for t in travels if t not in depth[:-1]]
        travels[travels.index(last)] = replace(last, length=length)
    seen: list[Travel] = []
    for travel in travels:
        same = [
            t
            for t in seen
            if t.direction == travel.direction and t.offset is None and travel.offset is None
        ]
        if same and travel.length is None:
            continue
        seen.append(travel)
    return seen


# Turning -----------------------------------------------------------------------------------------------


def _turned(verb: str, target: Ref, slots: Slots) -> list[Operation]:
    result: list[Operation] = []
    if slots.pose:
        if slots.pose != "upright" or not slots.relations:
            result.append(Rotate(targets=target, angle_deg=0.0, pose=_POSES[slots.pose]))  # pyright: ignore[reportArgumentType]
        return result
    if slots.face is not None:
        to, direction, is_away, parallel = slots.face
        return [
            Face(targets=target, to=to, direction=direction, is_away=is_away, parallel_to=parallel)
        ]
    angle = slots.angle
    if angle is None and verb in ("rotate", "tip"):
        if slots.number is not None and not slots.is_to:
            angle = slots.number
        elif slots.length is not None and not slots.length.has_unit:
            angle = slots.length.amount
    if verb == "tip" and not slots.lamp and not slots.material:
        pose = "upside_down" if slots.particle == "upside_down" else "lying"
        if angle is None:
            return [Rotate(targets=target, angle_deg=0.0, pose=pose)]
        return [Rotate(targets=target, angle_deg=angle, axis="sideways")]
    if verb == "upright":
        return [Rotate(targets=target, angle_deg=0.0, pose="upright")]
    if angle is None and verb == "rotate" and (slots.particle == "around" or slots.spin):
        angle = 180.0 if slots.particle == "around" else 90.0
    if angle is None:
        return result
    sign = slots.spin or 1
    return [Rotate(targets=target, angle_deg=sign * angle, axis=slots.axis)]  # pyright: ignore[reportArgumentType, reportReturnType]


# Size ---------------------------------------------------------------------------------------------------


def _sized(verb: str, target: Ref, slots: Slots) -> list[Operation]:
    if (slots.lamp.get("factor") is not None or slots.pattern.get("is_light")) and not slots.sizes:
        return []
    growth = _GROWTH.get(verb, 0)
    axis = _VERB_AXES.get(verb, "")
    overall = _overall_factor(verb, slots, growth)
    result: list[Operation] = []
    sizes = [
        s
        for s in slots.sizes
        if not (s.is_comparative and (overall or slots.to_length is not None))
    ]
    comparative = next((s for s in slots.sizes if s.is_comparative), None)
    if comparative and not axis and comparative.axis != "size":
        axis = comparative.axis
    for size in sizes:
        result.append(_one_size(target, size, slots))
    if overall is not None:
        result.append(_scaled(target, overall, axis))
    length = slots.to_length
    if (
        length is None
        and slots.length is not None
        and comparative is not None
        and slots.length.metres is not None
    ):
        length = slots.length.metres
        result = []
    if length is not None and (growth or verb in ("scale", "make", "") or comparative):
        default = {"enlarge": "height", "shrink": "height"}.get(verb, "size")
        result = [  # pyright: ignore[reportAssignmentType]
            Resize(targets=target, axis=axis or default, length=length, keeps_proportions=not axis)  # pyright: ignore[reportArgumentType]
        ]  # pyright: ignore[reportArgumentType]
    elif growth and slots.length is not None and slots.length.metres is not None and not result:
        change = growth * slots.length.metres
        result = [  # pyright: ignore[reportAssignmentType]
            Resize(targets=target, axis=axis or "size", change=change, keeps_proportions=not axis)  # pyright: ignore[reportArgumentType]
        ]  # pyright: ignore[reportArgumentType]
    if not result and (growth or verb in _VERB_FACTORS) and not slots.relations:
        factor = _VERB_FACTORS.get(verb) or (1.25 if growth > 0 else 0.8)
        result = [_scaled(target, factor, axis)]
    return result


def _scaled(target: Ref, factor: float, axis: str) -> Scale:
    return Scale(targets=target, factor=factor, axis="" if axis == "size" else axis)  # pyright: ignore[reportArgumentType]


def _one_size(target: Ref, size: Size, slots: Slots) -> Operation:
    if size.factor is not None:
        return _scaled(target, size.factor, size.axis)
    return Resize(
        targets=target,
        axis=size.axis,  # pyright: ignore[reportArgumentType]
        length=size.length,
        change=size.change,
        like=size.like,
        keeps_proportions=slots.keeps_proportions,
    )


def _overall_factor(verb: str, slots: Slots, growth: int) -> float | None:
    """ "to 80 %", "by 20 %", "by a third", "by a factor of 1.4"; the verb tells which way."""
    if slots.percent is not None:
        if slots.is_to or (not growth and verb in ("scale", "make", "") and slots.percent != 0):
            return slots.percent
        return 1 + (growth or 1) * slots.percent
    if slots.factor is not None and (verb not in ("move", "place", "duplicate", "rotate")):
        if slots.is_to or not growth:
            return slots.factor
        if growth < 0:
            return 1 - slots.factor if slots.factor < 1 else 1 / slots.factor
        return 1 + slots.factor if slots.factor < 1 else slots.factor
    if slots.number is not None and verb in ("scale", "enlarge", "shrink"):
        return slots.number
    return None


# Looks --------------------------------------------------------------------------------------------------


def _looks(context: Context, verb: str, target: Ref, slots: Slots) -> list[Operation]:
    looks = dict(slots.material)
    if verb in _VERB_LOOKS and not looks and not slots.lamp:
        looks = dict(_VERB_LOOKS[verb])
    lamp = {key: value for key, value in slots.lamp.items() if key not in ("is_brightness", "more")}
    light = is_light(context, target)
    if (
        light
        and slots.percent is not None
        and "factor" not in lamp
        and verb in ("enlarge", "shrink", "dim", "brighten")
    ):
        sign = 1 if verb in ("enlarge", "brighten") else -1
        lamp["factor"] = slots.percent if slots.is_to else 1 + sign * slots.percent
    if light and "color" in looks:
        lamp["color"], lamp["color_name"] = looks.pop("color"), looks.pop("color_name")
    if light and "lightness_change" in looks:
        lamp["factor"] = 1.25 if looks.pop("lightness_change") > 0 else 0.8
    if light and "warmth_change" in looks:
        lamp["temperature_k"] = 2700.0 if looks.pop("warmth_change") > 0 else 6500.0
    if (
        not light
        and set(lamp) == {"factor"}
        and slots.lamp.get("is_brightness")
        and not _may_be_lit(target)
    ):
        looks["lightness_change"] = 0.1 if lamp.pop("factor") > 1 else -0.1
    result: list[Operation] = []
    if lamp:
        result.append(Lamp(targets=target, **lamp))
    if looks:
        result.append(Material(targets=target, **looks))
    return result


def _may_be_lit(target: Ref) -> bool:
    return bool(target.pronoun) or any(
        w in target.noun for w in ("lamp", "light", "lantern", "sun", "bulb", "spot", "candle")
    )


def copies(target: Ref, slots: Slots, count: int = 1) -> Duplicate:
    """Copies of the target, where the slots say."""
    relations, moved = placed_relations(slots)
    target = replace(target, relations=target.relations + moved)
    relations = tuple(about(target, r) for r in relations)
    kind = slots.pattern.get("kind", "")
    pattern = {
        "row": "line",
        "line": "line",
        "circle": "circle",
        "stack": "stack",
        "distribute": "line",
    }.get(kind, "")
    travel = slots.travels[0] if slots.travels else None
    length = (travel.length if travel else None) or slots.length
    direction = along_of(slots) or (travel.direction if travel else None)
    spacing = slots.pattern.get("spacing") or (length.metres if length else None)
    return Duplicate(
        targets=target,
        count=slots.times or count,
        relations=relations,
        pattern=pattern,  # pyright: ignore[reportArgumentType]
        direction=direction,
        spacing=spacing,
    )
