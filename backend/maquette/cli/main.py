"""`maquette`: the entry point. Imports nothing heavy: `--help` must answer at once."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from maquette import __version__
from maquette.cli import (
    ask,
    doctor,
    edit,
    export,
    jobs,
    keys,
    models,
    reconstruct,
    segment,
    serve,
    status,
)
from maquette_protocol.errors import MaquetteError

_EXAMPLES = """\
examples:
  maquette reconstruct photos/ -o my_room            a scene folder, with a report to look at
  maquette reconstruct photos/ -o my_room.blend      straight to Blender
  maquette reconstruct walk.mp4 -o street --quality draft
  maquette export my_room -o my_room.glb
  maquette segment my_room -o my_things              floor, walls and things as separate objects
  maquette edit my_room "move the chair left" -o r2  say what to change
  maquette ask my_room "how tall is the door?"       ask about it, or about photos
  maquette serve                                     the backend for Blender
  maquette doctor                                    what is installed, and what is missing

exit status: 0 done · 2 bad input · 3 no reconstruction possible · 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Where `is_intermixed`, options may stand between the parts of a list of arguments."""

    is_intermixed = False

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]  (overloaded there)
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        if not self.is_intermixed:
            return super().parse_known_args(args, namespace)
        self.is_intermixed = False  # the other way calls this one
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.is_intermixed = True


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; each command adds its own part."""
    parser = _Parser(
        prog="maquette",
        description="Photos in, an editable Blender scene out.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"maquette {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for command in (
        *(reconstruct, segment, export, edit, ask),
        *(serve, status, jobs, keys, models, doctor),
    ):
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 2
    try:
        status: int = arguments.run(arguments)
    except MaquetteError as error:
        print_error(error, as_json=getattr(arguments, "json", False))
        return error.exit_status
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141  # whoever read our answer has gone: as a shell counts SIGPIPE
    return status


def print_error(error: MaquetteError, *, as_json: bool) -> None:
    """What happened and what to do next, on stderr; with --json also one object on stdout."""
    print(f"maquette: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  → {error.hint}", file=sys.stderr)
    if as_json:
        answer = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        print(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
