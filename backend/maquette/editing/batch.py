"""Many conversations from a file, one JSON object per line, as the contract says. One bad case stops nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from maquette.editing.conversation import Conversation
from maquette.editing.planners import PlannerOptions
from maquette.editing.reply import Reply
from maquette.scene import Scene
from maquette_protocol.document import document_to_json
from maquette_protocol.errors import InputError, MaquetteError


def run_batch(
    cases: Path, results: Path, *, planner: str, options: PlannerOptions | None = None
) -> int:
    """Write one result line per case; returns how many. Raises InputError where the cases cannot be read."""
    try:
        lines = [line for line in cases.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{cases} cannot be read: {error}") from error
    scenes: dict[Path, Scene] = {}
    talk = partial(Conversation, planner=planner, options=options)
    unfinished = results.with_name(f".{results.name}.partial")
    with unfinished.open("w", encoding="utf-8") as file:
        for result in _results(lines, cases.parent, scenes, talk):
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
    unfinished.replace(results)
    return len(lines)


def _results(
    lines: list[str], folder: Path, scenes: dict[Path, Scene], talk: Callable[..., Conversation]
) -> Iterator[dict[str, Any]]:
    for line in lines:
        case: Any = None
        try:
            case = json.loads(line)
            yield _result(case, folder, scenes, talk)
        except (
            MaquetteError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OSError,
            RecursionError,
        ) as error:
            reply = Reply(status="failed", message=f"{type(error).__name__}: {error}")
            identifier = case.get("id") if isinstance(case, dict) else None
            prompts = case.get("prompts") if isinstance(case, dict) else None
            count = len(prompts) if isinstance(prompts, list) else 1
            yield {"id": identifier, "results": [reply.to_json()] * count, "scene": None}


def _result(
    case: dict[str, Any],
    folder: Path,
    scenes: dict[Path, Scene],
    talk: Callable[..., Conversation],
) -> dict[str, Any]:
    path = Path(case["scene"])
    path = path if path.is_absolute() or path.exists() else folder / path
    if path not in scenes:
        scenes[path] = Scene.open(path)
    scene = scenes[path]
    document = scene.document
    if "view" in case:
        view = case["view"]
        if view is not None and view not in {c.id for c in document.cameras}:
            raise InputError(f"There is no camera {view!r}.")
        document = replace(document, view=view)
    if "selection" in case:
        document = replace(document, selection=tuple(str(key) for key in case["selection"]))
    conversation = talk(document, scene.arrays)
    replies = [conversation.say(str(prompt)).to_json() for prompt in case["prompts"]]
    return {"id": case["id"], "results": replies, "scene": document_to_json(conversation.document)}
