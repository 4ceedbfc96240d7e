"""CURVE key pairs, and files that only their owner can read.

A key is 40 characters of Z85. The public one names a client or a server; the secret one never leaves its machine.
"""

import contextlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from maquette_protocol.errors import NoServerError, RefusedError
from maquette_protocol.fields import format_json, parse_json, read_value
from maquette_protocol.messages import Key

MAX_SECRET_FILE_BYTES = 65_536
IS_POSIX = os.name == "posix"
O_BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class KeyPair:
    """A public key and its secret."""

    public: Key
    secret: Key = field(repr=False)


def new_key_pair() -> KeyPair:
    """A fresh pair of random keys."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public=public.decode(), secret=secret.decode())


def keep_key_pair(path: Path) -> KeyPair:
    """The pair in this file; made there at the first call. Raises RefusedError for a file that others may read."""
    try:
        return read_value(KeyPair, parse_json(read_secret_file(path)))
    except NoServerError:
        pair = new_key_pair()
        write_secret_file(path, format_json({"public": pair.public, "secret": pair.secret}))
        return pair


def write_secret_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; it appears whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _refuse_shared(path.parent, path.parent.stat(), stat.S_IWGRP | stat.S_IWOTH)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | O_BINARY
    with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_secret_file(path: Path) -> bytes:
    """The file's content. Raises NoServerError where there is none, RefusedError where others have access to it."""
    try:
        # no link is followed: somebody else could have put it there
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | O_BINARY)
    except FileNotFoundError as error:
        raise NoServerError(f"There is no file {path.name}.") from error
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror}.") from error
    with os.fdopen(handle, "rb") as file:
        _refuse_shared(path, os.fstat(handle), stat.S_IRWXG | stat.S_IRWXO)
        return file.read(MAX_SECRET_FILE_BYTES)


def _refuse_shared(path: Path, found: os.stat_result, refused: int) -> None:
    """On Windows the user's own folders are private by their access lists already."""
    if IS_POSIX and (found.st_uid != os.geteuid() or found.st_mode & refused):
        mode = stat.filemode(found.st_mode)
        raise RefusedError(
            f"{path} holds keys, and others have access to it ({mode}, user {found.st_uid}).",
            hint=f"Take it away from them: chmod go-rwx '{path}', or delete it and start again.",
        )
