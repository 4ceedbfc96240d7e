"""`maquette status`: the backend that runs here."""

import argparse
import json
from typing import Any


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "status",
        help="the backend that runs here: version, device, memory, queue",
        description="What the running backend says of itself. Exit status 1 where none runs.",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print."""
    from maquette.cli.connect import connected
    from maquette_protocol.fields import plain
    from maquette_protocol.messages import GetStatus, Status

    with connected() as client:
        status = client.request(GetStatus())
    assert isinstance(status, Status)
    if arguments.json:
        print(json.dumps(plain(status), ensure_ascii=False))
        return 0
    minutes = int(status.uptime_s) // 60
    print(f"maquette {status.version}, up {minutes // 60} h {minutes % 60} min")
    print(f"{status.device}, {status.free_memory_mb:,} MB of memory free")
    if status.free_device_memory_mb >= 0:
        print(f"{status.free_device_memory_mb:,} MB of the GPU's memory free")
    print(f"{status.free_disk_mb:,} MB free for scenes")
    print(f"{status.num_running} jobs running, {status.num_queued} waiting")
    print(f"{status.num_clients} clients, this one among them")
    print(f"engines: {', '.join(status.engines)}")
    print(f"models: {', '.join(status.models) or 'none; see `maquette models list`'}")
    return 0
