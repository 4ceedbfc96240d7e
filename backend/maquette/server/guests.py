"""Whose keys may enter: this machine's own user by the connection file, others after pairing.

Paired keys are in one file that `maquette keys` lists and changes; the running server sees a change at once.
"""

import contextlib
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

from maquette.server.gate import is_this_machine
from maquette_protocol.errors import MaquetteError, NoServerError
from maquette_protocol.fields import format_json, parse_json, plain, read_value
from maquette_protocol.keys import read_secret_file, write_secret_file
from maquette_protocol.messages import Key, Label

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PairedKey:
    """A client that was let in with a pairing code."""

    public_key: Key
    label: Label
    paired_s: float  # seconds since 1970, UTC


class PairedKeys:
    """The file of paired keys, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, PairedKey] = {}
        self._complaint = ""

    def listed(self) -> list[PairedKey]:
        """All of them, oldest first. Raises RefusedError where others may write the file."""
        self._refresh()
        return list(self._keys.values())

    def holds(self, public_key: str) -> bool:
        """Whether the key was paired and not removed since; no key is, while the file cannot be trusted."""
        try:
            self._refresh()
        except MaquetteError as error:
            if error.message != self._complaint:
                log.warning("no paired client can enter: %s", error.message)
            self._complaint = error.message
            return False
        self._complaint = ""
        return public_key in self._keys

    def add(self, public_key: str, label: str) -> None:
        """Let this key in from now on."""
        self._refresh()
        added = PairedKey(public_key=public_key, label=label, paired_s=time.time())
        self._write({**self._keys, public_key: added})

    def remove(self, name: str) -> int:
        """Forget the keys of this label, or this key; how many there were."""
        self._refresh()
        kept = {k: v for k, v in self._keys.items() if name not in (v.label, v.public_key)}
        removed = len(self._keys) - len(kept)
        if removed:
            self._write(kept)
        return removed

    def _write(self, keys: dict[str, PairedKey]) -> None:
        write_secret_file(self._path, format_json(plain(list(keys.values()))))
        self._keys = keys

    def _refresh(self) -> None:
        found = None
        with contextlib.suppress(FileNotFoundError):
            status = self._path.stat()
            found = (status.st_mtime_ns, status.st_size, status.st_ino)
        if found == self._seen:
            return
        try:
            content = parse_json(read_secret_file(self._path))
        except NoServerError:
            content = []
        listed = read_value(tuple[PairedKey, ...], content)
        self._keys = {key.public_key: key for key in listed}
        self._seen = found


@dataclass(frozen=True, kw_only=True)
class Guests:
    """Answers the gate: the local key from this machine alone, paired keys from anywhere."""

    local_key: str
    paired: PairedKeys = field(repr=False)

    def may_enter(self, public_key: str, address: str) -> bool:
        """Whether this key may connect from this address."""
        if public_key == self.local_key:
            return is_this_machine(address)
        return self.paired.holds(public_key)
