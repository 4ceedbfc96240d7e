"""Where a server is and with which keys it is reached: the connection file of this machine's server.

A server writes the file when it starts and removes it when it ends; whoever can read it may use the server, so
only the user who started it can.
"""

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from maquette_protocol.errors import NoServerError, ProtocolError, RefusedError
from maquette_protocol.fields import Pattern, format_json, parse_json, plain, read_value
from maquette_protocol.keys import read_secret_file, write_secret_file
from maquette_protocol.messages import Count, Key, Label

Endpoint = Annotated[str, Pattern(r"tcp://[^/\s]{1,255}:[0-9]{1,5}", "tcp://HOST:PORT")]


@dataclass(frozen=True)
class Address:
    """All that a client needs to reach a server."""

    endpoint: Endpoint
    server_key: Key  # public, the server's
    public_key: Key  # the client's own
    secret_key: Key = field(repr=False)
    # a server that is started again writes a new file; a client that lost the old one looks there
    source: Path | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class ConnectionInfo:
    """What the connection file says about the running server."""

    address: Address
    pid: int
    version: str
    protocol: int
    started_s: float  # seconds since 1970, UTC


@dataclass(frozen=True, kw_only=True)
class _ConnectionFile:
    endpoint: Endpoint
    server_key: Key
    public_key: Key
    secret_key: Key
    pid: Count
    version: Label
    protocol: Count
    started_s: float


def runtime_folder() -> Path:
    """The user's own folder for files of running programs; MAQUETTE_RUNTIME names another one."""
    if chosen := os.environ.get("MAQUETTE_RUNTIME"):
        return Path(chosen)
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "maquette"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local"))
        return Path(local) / "Maquette" / "run"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Maquette" / "run"
    return Path.home() / ".local" / "state" / "maquette" / "run"


def connection_file() -> Path:
    """Where this machine's server, if there is one, says how it is reached."""
    return runtime_folder() / "server.json"


def write_connection_file(path: Path, info: ConnectionInfo) -> None:
    """Say how the server is reached, readable by this user alone."""
    address = info.address
    stored = _ConnectionFile(
        endpoint=address.endpoint,
        server_key=address.server_key,
        public_key=address.public_key,
        secret_key=address.secret_key,
        pid=info.pid,
        version=info.version,
        protocol=info.protocol,
        started_s=info.started_s,
    )
    write_secret_file(path, format_json(plain(stored)))


def read_connection_file(path: Path) -> ConnectionInfo:
    """How the server is reached. Raises NoServerError where none is; RefusedError for a file open to others."""
    try:
        stored = read_value(_ConnectionFile, parse_json(read_secret_file(path)))
    except NoServerError as error:
        raise NoServerError("No backend is running here.", hint="Start the backend.") from error
    except ProtocolError as error:
        raise RefusedError(
            f"{path} is no connection file: {error.message}",
            hint="Delete it and start the backend again.",
        ) from error
    address = Address(
        stored.endpoint, stored.server_key, stored.public_key, stored.secret_key, source=path
    )
    return ConnectionInfo(
        address=address,
        pid=stored.pid,
        version=stored.version,
        protocol=stored.protocol,
        started_s=stored.started_s,
    )


def current_address(address: Address) -> Address:
    """The address as its connection file has it now; as it was where the file is gone or unreadable."""
    if address.source is None:
        return address
    try:
        found = read_connection_file(address.source).address
    except (NoServerError, RefusedError):
        return address
    return replace(found, source=address.source)


def why_gone(address: Address) -> str:
    """What became of this machine's server, in words for its user; "" where nothing can be known."""
    if address.source is None:
        return ""
    try:
        info = read_connection_file(address.source)
    except NoServerError:
        return "The backend was stopped."
    except RefusedError:
        return ""
    return "" if is_running(info.pid) else "The backend has ended unexpectedly."


def is_running(pid: int) -> bool:
    """Whether a process of this id is there."""
    if sys.platform == "win32":
        return _is_running_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _is_running_on_windows(pid: int) -> bool:
    # there os.kill would end the process whatever the signal
    import ctypes

    synchronize, still_running = 0x0010_0000, 0x102
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        return False
    try:
        return kernel.WaitForSingleObject(handle, 0) == still_running
    finally:
        kernel.CloseHandle(handle)
