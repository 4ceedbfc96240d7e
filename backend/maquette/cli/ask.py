"""`maquette ask`: questions about a scene, or about photos."""

import argparse
import contextlib
import glob
import json
import re
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from maquette.asking.options import FROM_PHOTOS, AskOptions
from maquette.cli.edit import STATUSES, add_planner, line, planner_options
from maquette_protocol.errors import InputError

if TYPE_CHECKING:
    from maquette.editing.reply import Reply

_DESCRIPTION = """\
Answer questions; nothing is changed.

A scene answers by itself: lengths, numbers, places, measured in it. Photos are looked at by a network (G²VLM), which
answers in its own words, as they come; so are a scene's photos with --planner g2vlm. Several questions are one
conversation; without any you are asked for them.
"""
_EXAMPLES = """\
examples:
  maquette ask room "how tall is the bookcase?"
  maquette ask room --planner g2vlm "what is this room used for?"
  maquette ask photos/ "how many people could sit here?" "and which chair is nearest to the door?"
  maquette ask a.jpg b.jpg                       a conversation; an empty line ends it, Ctrl-C stops an answer

exit status: 0 answered · 4 asked back · 5 refused · 1 failed
"""
Say = Callable[[str], None]


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    usual = AskOptions()
    parser = commands.add_parser(
        "ask",
        help="ask about a scene, or about photos",
        usage="maquette ask [options] SCENE|PHOTOS... [QUESTION...]",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.is_intermixed = True
    parser.add_argument(
        "words",
        nargs="+",
        metavar="SCENE|PHOTOS QUESTION",
        help="a scene folder, or photos, folders and patterns; then questions",
    )
    add_planner(parser, f"; photos are always asked about by {FROM_PHOTOS}")
    parser.add_argument("--json", action="store_true", help="the replies as JSON on stdout")
    network = parser.add_argument_group("of the network (--model: its weights, else those pulled)")
    network.add_argument(
        "--max-photos",
        type=int,
        default=usual.max_photos,
        metavar="N",
        help=f"look at so many, fewer where memory is short (default: {usual.max_photos})",
    )
    network.add_argument(
        "--max-tokens",
        type=int,
        default=usual.max_tokens,
        metavar="N",
        help=f"of one answer (default: {usual.max_tokens})",
    )
    network.add_argument(
        "--temperature",
        type=float,
        default=usual.temperature,
        metavar="T",
        help="0: always the likeliest word (default); 1: as likely as the network has it",
    )
    network.add_argument(
        "--top-p",
        type=float,
        default=usual.top_p,
        metavar="P",
        help="choose among the likeliest words that together have this share (default: 1)",
    )
    network.add_argument(
        "--seed", type=int, default=usual.seed, help="the same one says the same (default: 0)"
    )
    parser.set_defaults(run=run)


class Asked(Protocol):
    """A scene or photos, with the conversation about them."""

    def ask(self, question: str, say: Say) -> "Reply":
        """say: called with the pieces of an answer that comes in pieces."""
        ...


def run(arguments: argparse.Namespace) -> int:
    """The questions that were given, or a conversation."""
    from maquette.scene import is_scene

    sources, questions = told_apart(arguments.words)
    if not questions and not sys.stdin.isatty():
        raise InputError("Nothing was asked.", hint="Put the question in quotation marks.")
    asked: Asked
    if arguments.planner == FROM_PHOTOS or not is_scene(Path(sources[0]).expanduser()):
        asked = _Photos(sources, arguments)
    else:
        asked = _Scene(sources, arguments)
    if not questions:
        _converse(asked, as_json=arguments.json)
        return 0
    replies = [_answer(asked, question, as_json=arguments.json) for question in questions]
    if arguments.json:
        results = [reply.to_json() for reply in replies]
        told = results[0] if len(results) == 1 else {"results": results}
        print(json.dumps(told, ensure_ascii=False))
    return max(STATUSES[reply.status] for reply in replies)


def told_apart(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What there is to ask about, and the questions. Raises InputError."""
    sources = list(takewhile(_is_there, words))
    questions = list(words[len(sources) :])
    for word in questions if sources else words[:1]:
        if not sources or _looks_like_a_path(word):
            raise InputError(
                f"{word} does not exist.",
                hint="Name a scene or photos first; put questions in quotation marks.",
            )
    return sources, questions


def _is_there(word: str) -> bool:
    try:
        return Path(word).expanduser().exists() or bool(glob.has_magic(word) and glob.glob(word))  # noqa: PTH207
    except (OSError, ValueError):  # too long for a name
        return False


def _looks_like_a_path(word: str) -> bool:
    return re.fullmatch(r"\S*[/\\]\S*|\S+\.\w{2,5}", word) is not None


class _Scene:
    """Answers by itself."""

    def __init__(self, sources: Sequence[str], arguments: argparse.Namespace) -> None:
        from maquette.editing.conversation import Conversation
        from maquette.scene import Scene

        if len(sources) != 1:
            raise InputError("A scene is asked about alone.", hint="Name one scene.")
        scene = Scene.open(Path(sources[0]).expanduser())
        self._has_photos = any(camera.image for camera in scene.document.cameras)
        self._conversation = Conversation(
            scene.document,
            scene.arrays,
            planner=arguments.planner,
            options=planner_options(arguments),
            only_questions=True,
        )

    def ask(self, question: str, say: Say) -> "Reply":
        """See Asked."""
        reply = self._conversation.say(question)
        if reply.status == "refused" and self._has_photos:
            hint = f"  → What its photos show, a network may tell: --planner {FROM_PHOTOS}"
            print(hint, file=sys.stderr)
        return reply


class _Photos:
    """Looked at by the network."""

    def __init__(self, sources: Sequence[str], arguments: argparse.Namespace) -> None:
        from maquette.asking.answering import Answerer
        from maquette.asking.subject import subject_of
        from maquette.cli.bar import Bar

        if arguments.planner not in (FROM_PHOTOS, "auto"):
            raise InputError(
                f"The planner {arguments.planner} knows scenes alone.",
                hint=f"Leave --planner out, or choose {FROM_PHOTOS}.",
            )
        self._options = AskOptions(
            model=Path(arguments.model) if arguments.model else None,
            max_photos=arguments.max_photos,
            max_tokens=arguments.max_tokens,
            temperature=arguments.temperature,
            top_p=arguments.top_p,
            seed=arguments.seed,
        )
        self._options.check()
        subject = subject_of(sources, arguments.max_photos)
        bar = Bar()
        try:
            self._answerer = Answerer(
                subject,
                self._options,
                lambda share, note: bar.update("Looking at the photos", share, note),
            )
        finally:
            bar.close()
        names = ", ".join(photo.name for photo in self._answerer.subject.photos)
        print(f"Looked at: {names}", file=sys.stderr)
        if self._answerer.left_out:
            print(
                f"note: memory holds no more; {self._answerer.left_out} left out", file=sys.stderr
            )

    def ask(self, question: str, say: Say) -> "Reply":
        """See Asked."""
        reply = self._answerer.answer(question, self._options, say)
        if reply.answer is not None and not reply.answer["is_whole"]:
            print("note: cut short; --max-tokens allows more", file=sys.stderr)
        return reply


def _answer(asked: Asked, question: str, *, as_json: bool) -> "Reply":
    """One reply; without JSON it is printed here, what comes in pieces piece by piece."""
    said: list[str] = []

    def say(piece: str) -> None:
        said.append(piece)
        if not as_json:
            print(printable(piece), end="", flush=True)

    reply = asked.ask(question, say)
    if not as_json:
        print("" if said else line(reply.status, reply.message))
    return reply


def _converse(asked: Asked, *, as_json: bool) -> None:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (arrow keys)
    print("Ask. An empty line ends the conversation, Ctrl-C stops an answer.", file=sys.stderr)
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        try:
            question = input().strip()
        except EOFError:
            return
        if not question:
            return
        try:
            reply = _answer(asked, question, as_json=as_json)
        except KeyboardInterrupt:
            print("\n(stopped)", file=sys.stderr)
            continue
        if as_json:
            print(json.dumps(reply.to_json(), ensure_ascii=False), flush=True)


def printable(text: str) -> str:
    """Nothing that a terminal would obey: a network may say anything."""
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
