"""Which files a client may name: its own on this machine where it proved to be this user, else only the store's.

A client that came by the connection file is this user, and may name any absolute path. A paired client on another
machine may name what it uploaded ("upload:ID"), the results of jobs, and models of the catalog. What a job writes is
never a client's choice.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maquette.jobs.kinds import load_kind
from maquette.models.catalog import MODELS
from maquette_protocol.errors import InputError
from maquette_protocol.messages import JobRequest

UPLOAD = "upload:"


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """Turns what a client named into paths that its job may read."""

    jobs: Path  # the store's folder of jobs: their results may be read by all clients
    upload_folder: Callable[[str], Path]  # of a complete upload; raises InputError

    def paths_of(
        self, request: JobRequest, *, is_this_user: bool
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The inputs and the options, every file in them as a path. Raises InputError."""
        inputs = tuple(self._path(text, is_this_user) for text in request.inputs)
        options = dict(request.options)
        for name in load_kind(request.kind).path_options:
            given = options.get(name)
            if isinstance(given, str) and not (name == "model" and given in MODELS):
                options[name] = self._path(given, is_this_user)
        return inputs, options

    def _path(self, text: str, is_this_user: bool) -> str:
        if text.startswith(UPLOAD):
            return str(self.upload_folder(_id(text.removeprefix(UPLOAD))))
        path = Path(text)
        if not path.is_absolute():
            raise InputError(
                f"{text!r} is no absolute path.", hint="Name files by their whole path."
            )
        if is_this_user or self._is_result(path):
            return text
        raise InputError(
            f"{text!r} is no result of a job here, and other files of this machine are not open to you.",
            hint="Upload the photos first.",
        )

    def _is_result(self, path: Path) -> bool:
        """Whether it lies in jobs/ID/result, wherever links lead."""
        try:
            inside = path.resolve().relative_to(self.jobs.resolve()).parts
        except (ValueError, OSError):
            return False
        return len(inside) >= 2 and inside[1] == "result"


def _id(text: str) -> str:
    try:
        return uuid.UUID(hex=text).hex
    except ValueError as error:
        raise InputError(f"{text!r} is no id of an upload.", hint="Upload again.") from error
