"""`maquette edit`: change a scene in plain words."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maquette.asking.options import FROM_PHOTOS

if TYPE_CHECKING:
    from maquette.editing.planners.options import PlannerOptions

_EXAMPLES = """\
examples:
  maquette edit room "put the lamp on the desk" -o room2
  maquette edit room "move the chair 30 cm left" "now paint it red" -o room2 --json
  maquette edit --batch cases.jsonl -o results.jsonl
  maquette edit room "Mach den roten Stuhl blau" -o room2 --planner llm --model ~/models/qwen

exit status: 0 applied or answered · 4 asked back · 5 refused · 1 failed
"""
# exit statuses
STATUSES = {"applied": 0, "answered": 0, "clarify": 4, "refused": 5, "failed": 1}


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "edit",
        help="change a scene in plain words",
        description="Carry out prompts on a scene; several are one conversation.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "scene", type=Path, nargs="?", metavar="SCENE", help="scene folder or its scene.json"
    )
    parser.add_argument("prompts", nargs="*", metavar="PROMPT", help="what to change")
    parser.add_argument(
        "--batch", type=Path, metavar="CASES", help="a file of cases, one JSON object per line"
    )
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="scene folder, or the results of a batch"
    )
    add_planner(parser)
    parser.add_argument("--json", action="store_true", help="the replies as JSON on stdout")
    parser.set_defaults(run=run)


def add_planner(parser: argparse.ArgumentParser, others: str = "") -> None:
    """Who understands the words; `others`: planners of this command alone, in words."""
    parser.add_argument(
        "--planner",
        default="auto",
        metavar="NAME",
        help="who understands the words: grammar; llm; g2vlm, which looks at the scene's photos; or auto: the "
        "grammar first, a language model for the rest where one is named (default: auto)" + others,
    )
    parser.add_argument(
        "--model",
        metavar="FOLDER",
        help="of a language model, or its name in the hub's cache (default: MAQUETTE_PLANNER_MODEL)",
    )
    parser.add_argument(
        "--model-server",
        metavar="URL",
        help="instead of a model: an OpenAI-compatible server, as llama.cpp and Ollama have one "
        "(default: MAQUETTE_PLANNER_SERVER)",
    )
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="that server may be on another machine; it is told the words and the scene's names",
    )


def planner_options(arguments: argparse.Namespace) -> "PlannerOptions":
    """The environment's, with what was typed instead."""
    from maquette.editing.planners.options import PlannerOptions

    if arguments.planner == FROM_PHOTOS:
        return PlannerOptions(model=arguments.model or "", server=arguments.model_server or "")
    known = PlannerOptions.from_environment()
    if arguments.model is not None or arguments.model_server is not None:
        known = replace(known, model=arguments.model or "", server=arguments.model_server or "")
    return replace(known, is_remote_allowed=known.is_remote_allowed or arguments.allow_remote)


def run(arguments: argparse.Namespace) -> int:
    """One scene and its prompts, or a batch."""
    from maquette_protocol.errors import InputError

    if arguments.batch is not None:
        from maquette.editing.batch import run_batch

        if arguments.scene is not None:
            raise InputError("A batch names its scenes itself.", hint="Leave SCENE and PROMPT out.")
        count = run_batch(
            arguments.batch,
            arguments.out,
            planner=arguments.planner,
            options=planner_options(arguments),
        )
        print(f"{count} cases: {arguments.out}", file=sys.stderr)
        return 0
    if arguments.scene is None or not arguments.prompts:
        raise InputError(
            "Name a scene and say what to change.",
            hint='maquette edit room "move the chair left" -o room2',
        )
    from maquette.editing.conversation import Conversation
    from maquette.scene import Scene

    scene = Scene.open(arguments.scene)
    conversation = Conversation(
        scene.document,
        scene.arrays,
        planner=arguments.planner,
        options=planner_options(arguments),
        folder=scene.folder,
    )
    replies = [conversation.say(prompt) for prompt in arguments.prompts]
    replace(scene, document=conversation.document).save(arguments.out)
    if arguments.json:
        print(
            json.dumps(
                {"results": [reply.to_json() for reply in replies], "scene": str(arguments.out)},
                ensure_ascii=False,
            )
        )
    else:
        for reply in replies:
            print(line(reply.status, reply.message))
    return max(STATUSES[reply.status] for reply in replies)


def line(status: str, message: str) -> str:
    """A reply in one line."""
    return message if status in ("applied", "answered") else f"{status}: {message}"
