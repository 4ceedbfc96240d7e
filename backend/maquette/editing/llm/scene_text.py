"""The scene as a model reads it: one line of JSON per thing, those that matter most, within a budget.

The lines come in the order of the document, so that a model that keeps what it has read need not read them again for
the next prompt.

Things are told by short handles ("o12"), never by their ids, and a handle is all that a model can answer with. Every
text of the scene (names, labels, materials may come from a stranger's file or be read in a photo) is data: cut short,
without control characters, and with every character escaped that could look like a border of the prompt or a token of
a chat template. Positions are metres along the viewer's right, away and up.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from maquette.editing.colors import color_name
from maquette.editing.grammar.thesaurus import spoken_name
from maquette.editing.llm.words import Naming
from maquette.editing.scene_view import STRUCTURE, SceneView

MAX_THINGS = 60
MAX_KINDS = 40  # of things left out, counted by label
_MAX_TEXT = 40
_NEAR = 1.0  # metres around what is talked about


@dataclass(frozen=True)
class SceneText:
    """Lines for the prompt, and what the handles in it stand for."""

    text: str
    ids: dict[str, str]  # handle → id


def quoted(text: str, length: int = _MAX_TEXT) -> str:
    """A JSON string that stays data wherever it is put: letters, digits and plain marks, the rest escaped."""
    clean = "".join(c for c in text if c.isprintable())
    short = clean if len(clean) <= length else f"{clean[: length - 1]}…"
    plain = json.dumps(short, ensure_ascii=False)
    return re.sub(r"[^\w \-.,;:!?'()/+=%\"\\]", lambda found: _escaped(found.group()), plain)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(character)[1:-1]


def scene_text(
    view: SceneView, naming: Naming, talked_about: Iterable[str], *, max_things: int = MAX_THINGS
) -> SceneText:
    """Raises nothing: a scene without things is an empty list."""
    keys = _relevant(view, naming, list(talked_about))
    chosen, others = set(keys[:max_things]), keys[max_things:]
    shown = [key for key in view.ids if key in chosen]
    handles = {key: f"o{number}" for number, key in enumerate(shown, 1)}
    lines = [_line(view, key, handles) for key in shown]
    lines += _rest(view, others)
    return SceneText(text="\n".join(lines), ids={handle: key for key, handle in handles.items()})


def _relevant(view: SceneView, naming: Naming, talked_about: list[str]) -> list[str]:
    """All ids: what is named, selected or talked about, what that stands on and what is around it, the room, the rest
    by size."""
    named = naming.named(view)
    first = [
        k for k in dict.fromkeys((*talked_about, *view.document.selection)) if k in view.objects
    ]
    first += [k for k in view.ids if k in named and k not in first]
    bases = [base for key in first[:MAX_THINGS] for base in view.supports(key)]
    around = view.within(first, view.ids, 0.0) if first else []
    near = _around(view, first[:MAX_THINGS]) if first else []
    room = [key for key in view.ids if view.objects[key].kind in STRUCTURE]
    by_size = sorted(view.ids, key=lambda key: -float(np.prod(view.box(key).size + 0.01)))
    return list(dict.fromkeys((*first, *bases, *around, *near, *room, *by_size)))


def _around(view: SceneView, keys: list[str]) -> list[str]:
    lows = np.array([view.box(key).many.low[0] for key in keys])
    highs = np.array([view.box(key).many.high[0] for key in keys])
    return view.touching_boxes(lows.min(0), highs.max(0), _NEAR)


def _line(view: SceneView, key: str, handles: dict[str, str]) -> str:
    """`{"id":"o1","is":"mug","name":"Old Mug","color":"red","size":[0.09,0.09,0.1],"at":[-0.3,1.2,0.79],"on":"o3"}`"""
    item, box = view.objects[key], view.box(key)
    right, away = view.viewer
    low, high = box.many.low[0], box.many.high[0]
    parts = [f'"id":"{handles[key]}"', f'"is":{quoted(item.label or item.kind)}']
    if spoken_name(item.name) != item.label:
        parts.append(f'"name":{quoted(item.name or key)}')
    if item.kind != "object":
        parts.append(f'"kind":{quoted(item.kind)}')
    if item.material is not None:
        parts.append(f'"color":{quoted(color_name(item))}')
    parts.append(f'"size":{_numbers(high - low)}')
    center = (low + high) / 2
    parts.append(f'"at":{_numbers((float(center @ right), float(center @ away), center[2]))}')
    below = [handles[base] for base in view.supports(key) if base in handles]
    if below:
        parts.append(f'"on":"{below[0]}"')
    parts += [f'"{name}":true' for name, holds in _states(view, key) if holds]
    return f"{{{','.join(parts)}}}"


def _states(view: SceneView, key: str) -> Iterable[tuple[str, bool]]:
    item = view.objects[key]
    yield "selected", key in view.document.selection
    yield "locked", item.locked
    yield "hidden", not item.visible


def _numbers(values: Any) -> str:
    return f"[{','.join(f'{round(float(v), 2) + 0.0:g}' for v in values)}]"


def _rest(view: SceneView, keys: list[str]) -> list[str]:
    """What had no room, counted by label."""
    if not keys:
        return []
    counts = Counter(view.objects[key].label or view.objects[key].kind for key in keys)
    shown = counts.most_common(MAX_KINDS)
    pairs = ",".join(f"{quoted(label)}:{count}" for label, count in shown)
    return [f'{{"not listed":{{{pairs}}}}}']
