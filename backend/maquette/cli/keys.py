"""`maquette keys`: which clients on other machines may use the backend."""

import argparse
import time
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "keys",
        help="paired clients: list, remove",
        description="Clients that were let in by maquette serve --pair. A removed one is out at once.",
    )
    parser.add_argument("action", nargs="?", default="list", choices=("list", "remove"))
    parser.add_argument("name", nargs="?", default="", help="label or key, to remove")
    parser.add_argument("--store", type=Path, metavar="FOLDER", help="as for maquette serve")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List the keys, or remove one."""
    from maquette.server.guests import PairedKeys
    from maquette.server.store import store_folder
    from maquette_protocol.errors import InputError

    store = (arguments.store or store_folder()).absolute()
    paired = PairedKeys(store / "keys" / "paired.json")
    if arguments.action == "list":
        for key in paired.listed():
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(key.paired_s))
            print(f"{key.label}  {when}  {key.public_key}")
        return 0
    if not arguments.name or not paired.remove(arguments.name):
        raise InputError(f"No paired client {arguments.name!r}.", hint="See maquette keys.")
    return 0
