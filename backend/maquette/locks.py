"""A lock that ends with its holder, however that one dies: the system's own lock on a file."""

import os
from pathlib import Path
from typing import IO


def try_lock(path: Path) -> IO[bytes] | None:
    """The open, locked file, to be closed when done; None where another process (or we) hold it. Raises OSError."""
    file = path.open("ab")
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):  # what held locks are on the two kinds of systems
        file.close()
        return None
    return file
