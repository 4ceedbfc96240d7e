"""`maquette reconstruct`: photos to a scene folder or a file."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from maquette.cli.bar import Bar
from maquette.options import QUALITIES

_DESCRIPTION = """\
Turn photos (or a video) into a levelled, textured scene with cameras.

PHOTOS are files, folders, patterns or one video. OUT is a folder (a scene folder with report.html is written)
or a file whose ending chooses the format: .blend .glb .ply .obj .usd .usdz
"""
_EXAMPLES = """\
examples:
  maquette reconstruct photos/ -o room
  maquette reconstruct "photos/*.jpg" more/IMG_2.heic -o room.blend --quality high
  maquette reconstruct photos/ -o room --known "a.jpg:310,200 a.jpg:310,460 0.75"
                        the two pixels of a.jpg are 0.75 m apart: the scene gets real metres
  maquette reconstruct photo.jpg -o room.blend --engine onnx
                        one photo alone, by a depth model (maquette models list)
  maquette reconstruct photos/ -o room --known "a.jpg b.jpg 0.40"      so are these two cameras: 0.40 m

An interrupted run goes on where it stopped when the same command is given again.
Photos that work: sharp, two thirds overlap, walk around things, keep the zoom.
"""


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "reconstruct",
        help="photos or a video to a scene",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "photos", nargs="+", metavar="PHOTOS", help="files, folders, patterns, video"
    )
    parser.add_argument("-o", "--out", required=True, type=Path, help="folder or file to write")
    parser.add_argument("--engine", default="classical", metavar="NAME", help="default: classical")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="MODEL",
        help="for --engine g2vlm or onnx: a name from maquette models list, or a folder; a card, too, for onnx",
    )
    parser.add_argument(
        "--refine",
        action="store_true",
        help="adjust the cameras of --engine g2vlm to matched points, and scale its depth to them",
    )
    parser.add_argument(
        "--quality", choices=QUALITIES, default="normal", help="time to spend (default: normal)"
    )
    parser.add_argument(
        "--masks", type=Path, metavar="DIR", help="one mask per photo: black is left out"
    )
    parser.add_argument(
        "--cameras", type=Path, metavar="DIR", help="use this COLMAP model's cameras"
    )
    parser.add_argument(
        "--known", action="append", default=[], metavar='"P1 P2 METRES"', help="a known distance"
    )
    parser.add_argument("--keep-depth", action="store_true", help="also write depth/<photo>.npz")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the job in a process of its own, so that it can be stopped at any moment."""
    from maquette.jobs.foreground import run_job
    from maquette.jobs.kinds import Work

    bar = Bar()
    options = {
        "engine": arguments.engine,
        "model": arguments.model and str(arguments.model),
        "refine": arguments.refine,
        "quality": arguments.quality,
        "masks": arguments.masks and str(arguments.masks),
        "cameras": arguments.cameras and str(arguments.cameras),
        "known": arguments.known,
        "keep_depth": arguments.keep_depth,
    }
    work = Work(
        job="",
        kind="reconstruct",
        inputs=tuple(arguments.photos),
        options=options,
        out=str(arguments.out),
    )
    try:
        answer = run_job(work, bar.update)
    finally:
        bar.close()
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print_answer(answer)
    return 0


def _print_answer(answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        print(f"note: {warning}", file=sys.stderr)
    stages = "  ".join(f"{name} {value:.0f} s" for name, value in answer["seconds"].items())
    print(f"{answer['registered']} of {answer['photos']} photos used, cameras {answer['trust']}")
    print(f"{answer['triangles']:,} triangles")
    print(stages)
    print(answer["scene"])
