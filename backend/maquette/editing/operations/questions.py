"""Questions: a text, a value and the ids meant. Nothing is changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from maquette.editing import relations, wording
from maquette.editing.attributes import has
from maquette.editing.boxes import gap
from maquette.editing.colors import color_name, name_of
from maquette.editing.edit import Answer, Edit
from maquette.editing.goals import Task, goals_of
from maquette.editing.grounding import Cannot, NoneFits
from maquette.editing.ordering import size_along
from maquette.editing.placing import solve
from maquette.editing.plan import Question, Ref, Relation
from maquette.editing.wording import length

_UNITS = {"m": 1.0, "cm": 100.0, "mm": 1000.0, "km": 0.001, "in": 1 / 0.0254, "inch": 1 / 0.0254, "inches": 1 / 0.0254,
          "ft": 1 / 0.3048, "foot": 1 / 0.3048, "feet": 1 / 0.3048, "yd": 1 / 0.9144}  # fmt: skip


def question(edit: Edit, asked: Question) -> None:
    # "delete the stool, how many are left?" is asked of the scene as it has become
    before, edit.grounder.view = edit.grounder.view, edit.view
    try:
        answer = _KINDS[asked.kind](edit, asked)
    finally:
        edit.grounder.view = before
    edit.answer = answer
    if answer.ids:
        edit.about(answer.ids)


def _need(asked: Question) -> Ref:
    if asked.targets is None:
        raise Cannot("It isn't clear what the question is about.")
    return asked.targets


def _all(edit: Edit, ref: Ref) -> list[str]:
    """All that the words fit; with an order, its first; of several orders, as `resolve`."""
    if ref.pronoun or ref.order is not None:
        return list(edit.grounder.resolve(ref))
    return list(edit.grounder.fitting(ref))


def _single(edit: Edit, ref: Ref) -> list[str]:
    return list(edit.grounder.resolve(ref))


def _length(edit: Edit, value: float, unit: str) -> tuple[str, float]:
    if not unit:
        known = "" if edit.view.document.is_metric else " (the scene's scale is not known)"
        return length(edit.view, value) + known, round(value, 6)
    value = value * _UNITS.get(unit, 1.0)
    return f"{value:.4g} {unit}", round(value, 6)


def _count(edit: Edit, asked: Question) -> Answer:
    try:
        keys = _all(edit, _need(asked))
    except Cannot:
        keys = []
    counted = f"{len(keys)}: {edit.view.names(keys)}" if keys else "0"
    if asked.amount is not None:
        said = _exceeds(asked, len(keys))
        return Answer(f"{'Yes' if said else 'No'}, {counted}", said, tuple(keys))
    return Answer(counted, len(keys), tuple(keys))


def _exceeds(asked: Question, value: float, tolerance: float = 0.0) -> bool:
    """Whether a value is more, less or the same as the amount asked about."""
    amount = asked.amount or 0.0
    if asked.comparison == "equal":
        return abs(value - amount) <= tolerance
    return value > amount if asked.comparison == "more" else value < amount


def _which(edit: Edit, asked: Question) -> Answer:
    try:
        keys = _all(edit, _need(asked))
    except NoneFits:
        return Answer("Nothing.", None, ())
    if asked.relation is not None:
        others = [k for ref in asked.relation.to for k in edit.grounder.fitting(ref)]
        keys = [
            k
            for k in keys
            if edit.grounder.is_related(k, asked.relation, others) != asked.relation.is_negated
        ]
    if not keys:
        return Answer("Nothing.", None, ())
    return Answer(edit.view.names(keys), None, tuple(keys))


def _listed(edit: Edit, asked: Question) -> Answer:
    return _which(edit, asked)


def _where(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    texts = [f"'{edit.view.name(key)}' {_place(edit, key)}" for key in keys]
    return Answer(
        "; ".join(texts), [round(float(v), 4) for v in edit.view.box(keys[0]).centre], tuple(keys)
    )


def _place(edit: Edit, key: str) -> str:
    view = edit.view
    supports = [s for s in view.supports(key)]
    bases = [s for s in supports if view.rests_on(key, s)] or supports
    inside = [s for s in bases if relations.is_inside(view.body(key), view.body(s))]
    nearest = [k for k in view.ids if k != key and k not in bases and not view.is_fixed(k)]
    nearest.sort(key=lambda k: gap(view.box(k), view.box(key)))
    beside = (
        f", next to '{view.name(nearest[0])}'"
        if nearest and gap(view.box(nearest[0]), view.box(key)) <= 1
        else ""
    )
    if inside:
        return f"is in '{view.name(inside[0])}'{beside}"
    if bases:
        return f"stands on '{view.name(bases[0])}'{beside}"
    walls = [w for w in view.of_kind("wall") if gap(view.box(w), view.box(key)) < 0.05]
    return (
        f"hangs on '{view.name(walls[0])}'"
        if walls
        else f"is {view.body(key).bottom:.2f} above the ground"
    ) + beside


def _measure(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    if len(keys) > 1 and asked.targets and asked.targets.number == "one" and not asked.targets.also:
        raise edit.grounder.unclear(keys, asked.targets)
    key = keys[0]
    measure = asked.measure or "size"
    box = edit.view.box(key)
    if measure == "power":
        return _light(edit, asked)
    if measure == "volume":
        return Answer(f"{box.volume:.4g} cubic metres", box.volume, tuple(keys))
    if measure == "angle":
        front = edit.view.front(key)
        angle = 0.0 if front is None else float(np.degrees(np.arctan2(front[1], front[0])))
        return Answer(f"{angle:.1f}°", angle, tuple(keys))
    if measure == "size":
        sizes = [size_along(edit.view, key, m) for m in ("width", "depth", "height")]
        sizes = [v * _UNITS.get(asked.unit, 1.0) for v in sizes]
        text = " x ".join(f"{v:.3g}" for v in sizes)
        unit = asked.unit or "m"
        return Answer(f"{text} {unit} (width, depth, height)", round(max(sizes), 6), tuple(keys))
    text, value = _length(edit, size_along(edit.view, key, measure), asked.unit)
    return Answer(text, value, tuple(keys))


def _distance(edit: Edit, asked: Question) -> Answer:
    first = _single(edit, _need(asked))
    if asked.other is not None and asked.other.pronoun == "viewer":
        value = float(np.linalg.norm(edit.view.box(first[0]).centre - edit.view.eye))
        text, value = _length(edit, value, asked.unit)
        return Answer(f"{text} from the viewer to its centre", value, tuple(first))
    if asked.other is not None:
        edit.grounder.subject = tuple(first)
        second = _single(edit, asked.other)
        edit.grounder.subject = ()
    else:
        second = first[1:2]
        first = first[:1]
    if not second:
        raise Cannot("A distance needs two things.")
    a, b = first[0], second[0]
    text, value = _length(edit, gap(edit.view.box(a), edit.view.box(b)), asked.unit)
    if asked.amount is not None:
        said = _exceeds(asked, value, tolerance=0.005)
        return Answer(f"{'Yes' if said else 'No'}, {text}.", said, (a, b))
    return Answer(
        f"{text}, the gap between '{edit.view.name(a)}' and '{edit.view.name(b)}'", value, (a, b)
    )


def _color(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    items = [edit.view.objects[k] for k in keys]
    colors = [color_name(item) for item in items if item.material]
    colors += [
        name_of(lit.color)
        for k in keys
        if (lit := edit.view.objects[k].light) and not edit.view.objects[k].material
    ]
    if not colors:
        raise Cannot(f"{edit.view.names(keys)} has no colour.")
    text = ", ".join(dict.fromkeys(colors))
    return Answer(text, text, tuple(keys))


def _material(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    item = edit.view.objects[keys[0]]
    material = item.material
    if material is None:
        raise Cannot(f"{edit.view.names(keys)} has no material.")
    kind = "metallic" if material.metallic >= 0.5 else "not metallic"
    return Answer(
        f"{material.name}: {color_name(item)}, {kind}, roughness {material.roughness:g}",
        material.name,
        tuple(keys),
    )


def _exists(edit: Edit, asked: Question) -> Answer:
    try:
        keys = _all(edit, _need(asked))
        if asked.relation is not None:
            keys = [k for k in keys if _relates(edit, k, asked.relation)]
        if asked.attribute is not None:
            keys = [k for k in keys if has(edit.view, k, asked.attribute)]
    except Cannot:
        keys = []
    return Answer(f"Yes: {edit.view.names(keys)}" if keys else "No.", bool(keys), tuple(keys))


def _relates(edit: Edit, key: str, relation: Relation) -> bool:
    others: list[str] = []
    for ref in relation.to:
        if ref.pronoun == "viewer":
            continue
        edit.grounder.subject = (key,)
        found = edit.grounder.resolve(ref) if ref.pronoun else edit.grounder.fitting(ref)
        edit.grounder.subject = ()
        others += found
    if relation.distance is not None and others:
        near = min(gap(edit.view.box(key), edit.view.box(o)) for o in others)
        return (near <= relation.distance) != relation.is_negated
    strict = edit.grounder.is_related(key, relation, others)
    side = relation.kind in relations.SIDES
    loose = side and _leans(edit, key, relation, others)
    return (strict or loose) != relation.is_negated


def _leans(edit: Edit, key: str, relation: Relation, others: Sequence[str]) -> bool:
    """More to that side than to any other, though not within 45° of it."""
    for other in others:
        direction = relations.side_direction(edit.view, relation.kind, other, relation.frame)
        if direction is None:
            continue
        offset = edit.view.box(key).centre - edit.view.box(other).centre
        forward = float(offset @ direction)
        low, high = edit.view.box(other).extent(direction)
        if forward > (high - low) / 2:
            return True
    return False


def _is_related(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked)) if _need(asked).number != "any" else _all(edit, _need(asked))
    if asked.relation is None:
        raise Cannot("It isn't clear what the question is about.")
    held = [k for k in keys if _relates(edit, k, asked.relation)]
    said = bool(held) if _need(asked).number == "any" else len(held) == len(keys)
    others = [
        k
        for ref in asked.relation.to
        if ref.pronoun != "viewer"
        for k in edit.grounder.fitting(ref)
    ]
    where = wording.relation(edit.view, asked.relation.kind, others, asked.relation.frame)
    verb = "is" if len(keys) == 1 else "are"
    text = f"{'Yes' if said else 'No'}, {edit.view.names(keys)} {verb}{' ' if said else ' not '}{where}"
    if not said and len(keys) == 1 and asked.relation.kind in ("on", "in", "under", "next_to"):
        text += f"; it {_place(edit, keys[0])}"
    return Answer(f"{text}.", said, tuple(keys))


def _is_attribute(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked)) if _need(asked).number != "any" else _all(edit, _need(asked))
    if asked.attribute is None:
        raise Cannot("It isn't clear what the question is about.")
    attribute = asked.attribute
    if attribute.value in ("on", "off", "lit"):
        lights = [
            (k, lit.power > 0 and edit.view.objects[k].visible)
            for k in keys
            if (lit := edit.view.objects[k].light)
        ]
        said = bool(lights) and all(on == (attribute.value != "off") for _, on in lights)
    else:
        held = [k for k in keys if has(edit.view, k, attribute)]
        said = bool(held) if _need(asked).number == "any" else len(held) == len(keys)
    return Answer(f"{'Yes' if said else 'No'}.", said, tuple(keys))


def _compare(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    measure = asked.measure or "size"
    if asked.amount is not None:
        value = size_along(edit.view, keys[0], measure)
        if measure == "size":
            value = float(edit.view.box(keys[0]).size.max())
        said = _exceeds(asked, value, tolerance=0.01 * value)
        return Answer(f"{'Yes' if said else 'No'}, {length(edit.view, value)}.", said, tuple(keys))
    if asked.other is None:
        if len(keys) < 2:
            raise Cannot("A comparison needs two things.")
        ordered = sorted(
            keys,
            key=lambda k: size_along(edit.view, k, measure),
            reverse=asked.comparison != "less",
        )
        return Answer(edit.view.names(ordered[:1]), None, tuple(ordered[:1]))
    others = _single(edit, asked.other)
    a, b = (size_along(edit.view, k[0], measure) for k in (keys, others))
    if asked.comparison == "difference":
        text, value = _length(edit, abs(a - b), asked.unit)
        return Answer(text, value, (*keys, *others))
    tolerance = 0.005 * max(a, b)
    said = (
        a > b + tolerance
        if asked.comparison == "more"
        else a < b - tolerance
        if asked.comparison == "less"
        else abs(a - b) <= 2 * tolerance
    )
    return Answer(f"{'Yes' if said else 'No'}: {a:.3g} against {b:.3g}.", said, (*keys, *others))


def _fits(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    relation = asked.relation or (
        Relation(kind="in", to=(asked.other,)) if asked.other is not None else None
    )
    if relation is None:
        raise Cannot("It isn't said where it should fit.")
    key = keys[0]
    try:
        solve(
            Task(
                edit.view, key, [key, *edit.view.carried([key])], goals_of(edit, (relation,), [key])
            )
        )
    except Cannot as reason:
        return Answer(f"No. {reason}", False, (key,))
    return Answer("Yes.", True, (key,))


def _is_visible(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    said = all(_seen(edit, key) for key in keys)
    return Answer(f"{'Yes' if said else 'No'}.", said, tuple(keys))


def _seen(edit: Edit, key: str) -> bool:
    view = edit.view
    if not view.objects[key].visible:
        return False
    if view.document.view is None:
        return True
    camera = view.cameras[view.document.view]
    matrix = np.array(camera.world_from_camera, float)
    point = matrix[:3, :3].T @ (view.box(key).centre - matrix[:3, 3])
    if point[2] <= 0:
        return False
    u, v = (np.array(camera.K) @ point)[:2] / point[2]
    return 0 <= u <= camera.width and 0 <= v <= camera.height


def _selected(edit: Edit, asked: Question) -> Answer:
    keys = [k for k in edit.view.document.selection if k in edit.view.objects]
    return Answer(edit.view.names(keys) if keys else "Nothing is selected.", None, tuple(keys))


def _relation_of(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    key = keys[0]
    if asked.other is None:
        return _where(edit, asked)
    other = _single(edit, asked.other)[0]
    thing = relations.placed(edit.view, key)
    held = [
        kind for kind in ("on", "in", "under", "left_of", "right_of", "in_front_of", "behind", "next_to")
        if relations.holds(edit.view, kind, thing, [other])
    ]  # fmt: skip
    text = (
        ", ".join(kind.replace("_", " ") for kind in held)
        or f"{gap(thing.box, edit.view.box(other)):.2f} m away"
    )
    return Answer(text, text, (key,))


def _light(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    lights = [
        (k, lit)
        for k in keys
        for b in (k, *edit.view.children(k))
        if (lit := edit.view.objects[b].light)
    ]
    if not lights:
        raise Cannot(f"{edit.view.names(keys)} gives no light.")
    light = lights[0][1]
    return Answer(f"{light.power:.4g} W, {name_of(light.color)}", light.power, tuple(keys))


def _what_is(edit: Edit, asked: Question) -> Answer:
    keys = _single(edit, _need(asked))
    texts = [
        f"'{edit.view.name(k)}'"
        + (f", a {edit.view.objects[k].label}" if edit.view.objects[k].label else "")
        for k in keys
    ]
    return Answer("; ".join(texts), None, tuple(keys))


def _total(edit: Edit, asked: Question) -> Answer:
    keys = _all(edit, replace(_need(asked), number="many"))
    measure = asked.measure or "length"
    if measure == "power":
        total = sum(lit.power for k in keys if (lit := edit.view.objects[k].light))
        return Answer(f"{total:.4g} W", total, tuple(keys))
    text, value = _length(edit, sum(size_along(edit.view, k, measure) for k in keys), asked.unit)
    return Answer(text, value, tuple(keys))


_KINDS: dict[str, Callable[[Edit, Question], Answer]] = {
    "count": _count, "which": _which, "where": _where, "measure": _measure, "distance": _distance, "color": _color,
    "material": _material, "exists": _exists, "is_related": _is_related, "is_attribute": _is_attribute,
    "compare": _compare, "fits": _fits, "is_visible": _is_visible, "selected": _selected, "relation_of": _relation_of,
    "light": _light, "list": _listed, "what_is": _what_is, "total": _total,
}  # fmt: skip
