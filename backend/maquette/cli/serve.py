"""`maquette serve`: the backend that the extension talks to."""

import argparse
import logging
import logging.handlers
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from maquette_protocol.errors import CrashError, InputError

_DESCRIPTION = """\
Run the backend: it queues jobs, runs them in worker processes and keeps their results, also while no client is there.
It listens on this machine alone; who it is and how it is reached stands in a file that only you can read.
"""
_EXAMPLES = """\
examples:
  maquette serve                       until Ctrl-C
  maquette serve --workers 2           two jobs at a time
  maquette serve --listen 192.168.1.20:7720 --pair
                                       also for one more client on another machine
  maquette serve --planner-model ~/models/qwen
                                       with a language model for prompts in free words
  maquette serve --stop                end the one that runs here; its jobs go on at the next start
"""


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "serve",
        help="run the backend for Blender and other clients",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="jobs at a time (default: 1)"
    )
    parser.add_argument(
        "--store", type=Path, metavar="FOLDER", help="where jobs and their results are kept"
    )
    parser.add_argument(
        "--listen", type=_place, metavar="HOST:PORT", help="also there, for paired clients alone"
    )
    parser.add_argument(
        "--pair", action="store_true", help="print a text that lets one more client in, once"
    )
    parser.add_argument(
        "--planner-model",
        metavar="FOLDER",
        help="of the language model that reads prompts which the grammar does not understand, or its "
        "name in the hub's cache (default: MAQUETTE_PLANNER_MODEL)",
    )
    parser.add_argument(
        "--planner-server",
        metavar="URL",
        help="an OpenAI-compatible server that has it, as llama.cpp and Ollama have one "
        "(default: MAQUETTE_PLANNER_SERVER)",
    )
    parser.add_argument("--stop", action="store_true", help="end the backend that runs here")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until asked to stop."""
    if arguments.stop:
        return _stop()
    from maquette.server.server import Server, ServerOptions, log_file
    from maquette.server.store import store_folder

    if arguments.pair and arguments.listen is None:
        raise InputError(
            "Pairing needs an address that others can reach.",
            hint="Add --listen HOST:PORT, as in --listen 192.168.1.20:7720.",
        )
    for name, value in (
        ("MAQUETTE_PLANNER_MODEL", arguments.planner_model),
        ("MAQUETTE_PLANNER_SERVER", arguments.planner_server),
    ):
        if value is not None:
            os.environ[name] = value  # the processes that edit read it there
    store = (arguments.store or store_folder()).absolute()
    options = ServerOptions(store=store, num_workers=arguments.workers, listen=arguments.listen)
    server = Server(options)
    _log_to(log_file(store))
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _signal, _frame: server.stop())
    with server:
        server.listen()
        if arguments.pair:
            print(server.invite(), flush=True)
        server.run()
    return 0


def _stop() -> int:
    """Ask, and wait until it is gone: a new one can start then."""
    from maquette.cli.connect import connected
    from maquette.locks import try_lock
    from maquette.server.server import lock_file
    from maquette_protocol.messages import Shutdown

    with connected() as client:
        client.request(Shutdown())
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        lock = try_lock(lock_file())
        if lock is not None:
            lock.close()
            return 0
        time.sleep(0.05)
    raise CrashError("The backend does not come to its end.", hint="End its process.")


def _log_to(path: Path) -> None:
    """Lines on stderr, and in a file that a bug report can have."""
    log = logging.getLogger("maquette")
    log.setLevel(logging.INFO)
    file = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=1, encoding="utf-8"
    )
    for handler in (logging.StreamHandler(sys.stderr), file):
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        log.addHandler(handler)


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65535:
        raise argparse.ArgumentTypeError("HOST:PORT, with a port from 1 to 65534")
    return host.strip("[]"), int(port)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return count
