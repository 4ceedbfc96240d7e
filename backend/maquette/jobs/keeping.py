"""What a worker keeps from one job to the next, because making it anew is dear: one thing, of one kind of job."""

from collections.abc import Callable
from typing import Any

_kept: dict[str, tuple[object, Any]] = {}  # kind of job → (key, value); one at most


def keep(kind: str, key: object, make: Callable[[], Any]) -> Any:
    """What was kept under `key`, or else made now; what was kept before is let go first, for its memory."""
    if kind in _kept and _kept[kind][0] == key:
        return _kept[kind][1]
    _kept.clear()
    _kept[kind] = (key, make())
    return _kept[kind][1]


def drop_unless(kind: str) -> None:
    """Let go what another kind of job keeps."""
    if kind not in _kept:
        _kept.clear()
