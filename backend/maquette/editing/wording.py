"""How replies speak of lengths, of things that must be told apart, and of where something is to be."""

from collections.abc import Callable, Sequence

import numpy as np

from maquette.editing.colors import color_name
from maquette.editing.scene_view import SceneView

_SHOWN = 6  # more are counted, not named
_DETERMINERS = ("the ", "a ", "an ", "all ", "every ", "each ", "that ", "this ", "my ", "any ")
_RELATIONS = {
    "next_to": "next to", "left_of": "to the left of", "right_of": "to the right of", "in_front_of": "in front of",
    "far_from": "away from", "hanging_from": "hanging from", "leaning_on": "leaning on", "attached_to": "attached to",
    "in_corner": "in the corner", "at_edge": "at the edge of", "at_center": "in the middle of",
    "at_end": "at the end of", "in_place_of": "in the place of", "around": "around", "toward_viewer": "towards you",
}  # fmt: skip
_OWN_SIDES = {
    "left_of": "on the left side of",
    "right_of": "on the right side of",
    "behind": "at the back of",
    "in_front_of": "before the front of",
}
_NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth")


def length(view: SceneView, value: float) -> str:
    """ "1.2 m", "5.4 cm", and "0.3 units" where the scale is not known."""
    if not view.document.is_metric:
        return f"{value:.3g} units"
    if abs(value) >= 0.9995:
        return f"{value:.3g} m"
    return f"{value * 100:.3g} cm"


def bare(words: str) -> str:
    """Without the article."""
    for determiner in _DETERMINERS:
        if words.lower().startswith(determiner):
            return words[len(determiner) :]
    return words


def relation(view: SceneView, kind: str, others: Sequence[str], frame: str = "viewer") -> str:
    """ "to the left of 'Screen'"."""
    spoken = _OWN_SIDES.get(kind, "") if frame == "object" else ""
    spoken = spoken or _RELATIONS.get(kind, kind.replace("_", " "))
    if not others:
        return spoken.removesuffix(" of")
    return f"{spoken}{' of' if kind == 'in_corner' else ''} {view.names(others)}"


def joined(texts: Sequence[str], last: str = "or") -> str:
    """ "a, b or c"."""
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}" if len(texts) > 1 else "".join(texts)


def with_colors(view: SceneView, keys: Sequence[str]) -> str:
    """ "'Drum' (red) and 'Drum.001' (white)"."""
    texts: list[str] = []
    for key in keys[:_SHOWN]:
        item = view.objects[key]
        color = f" ({color_name(item)})" if item.material else ""
        texts.append(f"'{view.name(key)}'{color}")
    if len(keys) > _SHOWN:
        texts.append(f"{len(keys) - _SHOWN} more")
    return joined(texts, "and")


def told_apart(view: SceneView, keys: Sequence[str]) -> str:
    """ "the red one or the white one": by the first property in which all differ; by name where there is none."""
    if 2 <= len(keys) <= _SHOWN:
        for describe in _PROPERTIES:
            texts = describe(view, keys)
            if all(texts) and len(set(texts)) == len(keys):
                return joined(texts)
        places = _by_position(view, keys)
        if places:
            return joined(places)
    return with_colors(view, keys).replace(" and ", " or ")


def _by_label(view: SceneView, keys: Sequence[str]) -> list[str]:
    """What each is; the name where several are the same and others are not."""
    labels = [view.objects[key].label for key in keys]
    if len(set(labels)) < 2:
        return []
    return [
        f"the {label}" if label and labels.count(label) == 1 else f"'{view.name(key)}'"
        for key, label in zip(keys, labels, strict=True)
    ]


def _by_color(view: SceneView, keys: Sequence[str]) -> list[str]:
    items = [view.objects[key] for key in keys]
    return [f"the {color_name(item)} one" if item.material else "" for item in items]


def _by_size(view: SceneView, keys: Sequence[str]) -> list[str]:
    if len(keys) != 2:
        return []
    first, second = (view.box(key).volume for key in keys)
    if max(first, second) < 1.2 * min(first, second):
        return []
    return ["the bigger one", "the smaller one"][:: 1 if first > second else -1]


def _by_support(view: SceneView, keys: Sequence[str]) -> list[str]:
    bases = [next((s for s in view.supports(key) if s not in keys), None) for key in keys]
    return [f"the one on '{view.name(base)}'" if base else "" for base in bases]


def _by_position(view: SceneView, keys: Sequence[str]) -> list[str]:
    """From the left, or from the front where they stand one behind the other; in that order."""
    centres = np.array([view.box(key).centre for key in keys])
    wide, deep = (float(np.ptp(centres @ direction)) for direction in view.viewer)
    if max(wide, deep) < 0.05:
        return []
    is_row = wide >= deep
    if len(keys) > 3:
        side = "from the left" if is_row else "from the front"
        return [f"the {_NUMBERS[n]} {side}" for n in range(len(keys))]
    first, last = ("left", "right") if is_row else ("front", "back")
    middle = ["the middle one"] if len(keys) == 3 else []
    return [f"the {first} one", *middle, f"the {last} one"]


_PROPERTIES: tuple[Callable[[SceneView, Sequence[str]], list[str]], ...] = (
    _by_label,
    _by_color,
    _by_size,
    _by_support,
)
