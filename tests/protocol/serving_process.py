"""A server's end in a process of its own, so that its memory can be measured: `python serving_process.py FOLDER`.

Says on standard output how it is reached, and serves until standard input ends. It forgives every bad message and has
no rate, so that all of an attack is read.
"""

import json
import sys
from pathlib import Path

from serving import Serving

from maquette.server.peers import Limits


def main() -> None:
    patient = Limits(strikes=2**60, messages_per_s=1e9, burst=1e9, max_message_bytes=2**20)
    server = Serving(Path(sys.argv[1]), limits=patient)
    address = server.address
    keys = (address.endpoint, address.server_key, address.public_key, address.secret_key)
    print(json.dumps(keys), flush=True)  # noqa: T201
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
