"""`maquette export`: a scene folder to another format."""

import argparse
from pathlib import Path
from typing import Any

_EXAMPLES = """\
examples:
  maquette export room -o room.blend
  maquette export room -o room.glb
  maquette export room -o colmap_model --format colmap
  maquette export room -o nerf --format nerfstudio
"""


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "export",
        help="a scene to .blend .glb .ply .obj .usd .usdz, COLMAP or Nerfstudio",
        description="Write a scene in another format; FILE's ending chooses it.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scene", type=Path, metavar="SCENE", help="scene folder or its scene.json")
    parser.add_argument(
        "-o", "--out", required=True, type=Path, help="file, or folder with --format"
    )
    parser.add_argument("--format", choices=("colmap", "nerfstudio"), help="for folders")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open, export, name what was written."""
    import maquette
    from maquette.api import storage_errors

    scene = maquette.open_scene(arguments.scene)
    with storage_errors(arguments.out):
        scene.export(arguments.out, format=arguments.format)
    print(arguments.out)
    return 0
