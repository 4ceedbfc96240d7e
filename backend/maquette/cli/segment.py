"""`maquette segment`: a reconstructed scene taken apart into things."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

_EXAMPLES = """\
examples:
  maquette segment my_room -o my_things
  maquette edit my_things "remove the tallest object" -o without
  maquette segment my_things -o better --split lamp.json --merge object_3,object_7 --relabel object_3=chair
"""


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "segment",
        help="a reconstructed scene into separate things",
        description="Floor, walls and every thing become objects of their own; what was behind them is completed.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scene", type=Path, metavar="SCENE", help="scene folder or its scene.json")
    parser.add_argument("-o", "--out", required=True, type=Path, help="scene folder to write")
    parser.add_argument(
        "--no-completion",
        action="store_true",
        help="leave open what no photo shows behind and under things",
    )
    by_hand = parser.add_argument_group(
        "by hand",
        "change the things of a scene that was taken apart; splits come first, labels last",
    )
    by_hand.add_argument(
        "--split",
        action="append",
        default=[],
        type=Path,
        metavar="STROKES",
        help="make one thing of what the strokes in this JSON file mean (see docs/objects.md)",
    )
    by_hand.add_argument(
        "--merge", action="append", default=[], metavar="ID,ID", help="make one thing of these"
    )
    by_hand.add_argument(
        "--relabel", action="append", default=[], metavar="ID=LABEL", help="say what a thing is"
    )
    models = parser.add_argument_group(
        "with models",
        "name the things of a scene that was taken apart, and join parts of one thing",
    )
    models.add_argument("--detector", metavar="MODEL", help="owlv2, or the folder of a copy")
    models.add_argument("--masker", metavar="MODEL", help="sam2, or the folder of a copy")
    models.add_argument(
        "--words",
        default="",
        metavar="WORD,WORD",
        help="what to look for (default: what is common in homes and offices)",
    )
    parser.add_argument("--json", action="store_true", help="what was found as JSON on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the job in a process of its own, so that it can be stopped at any moment."""
    from maquette.cli.bar import Bar
    from maquette.jobs.foreground import run_job
    from maquette.jobs.kinds import Work

    bar = Bar()
    work = Work(
        job="",
        kind="segment",
        inputs=(str(arguments.scene),),
        options=segment_options(arguments),
        out=str(arguments.out),
    )
    try:
        answer = run_job(work, bar.update)
    finally:
        bar.close()
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print(f"{answer['objects']} things, {answer['walls']} walls", file=sys.stderr)
        print(answer["scene"])
    return 0


def segment_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """SegmentOptions as JSON. Raises InputError where a file of strokes cannot be read."""
    from maquette_protocol.errors import InputError

    strokes = []
    for path in arguments.split:
        try:
            strokes.append(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"{path} cannot be read ({error}).", hint="Name a JSON file."
            ) from error
    return {
        "complete": not arguments.no_completion,
        "split": strokes,
        "merge": [names.split(",") for names in arguments.merge],
        **_models(arguments),
        "relabel": [pair.split("=", 1) for pair in arguments.relabel],
    }


def _models(arguments: argparse.Namespace) -> dict[str, Any]:
    """The folders of the models that are named. Raises InputError, MissingPartError."""
    from maquette.models.catalog import model_folder

    named = {"detector": arguments.detector, "masker": arguments.masker}
    folders = {
        key: str(model_folder(name, "vision").absolute()) for key, name in named.items() if name
    }
    words = [word.strip() for word in arguments.words.split(",") if word.strip()]
    return {**folders, "words": words}
