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
        options={"complete": not arguments.no_completion},
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
