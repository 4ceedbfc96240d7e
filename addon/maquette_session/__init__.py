"""The add-on's side of everything that takes time, free of bpy: it can be run and tested by any Python.

Nothing here waits: what takes time is gone on with by `tick()` or `step()`, called often. Modules, bottom to top:

    process       start and end a process
    environment   the backend's own Python environment: made, repaired, removed
    launch        the server process
    job           one import, from the photos chosen to the result on this machine
    doctor        the checks of this side, and the backend's where no server runs
    pairing       getting to know a server on another machine, in a thread
    edits         the conversation about the scene that is open
    imports       all imports and results, over however many connections
    session       the connection and its one visible state
"""

from .edits import Edits, Look, Piece
from .environment import DISK_MB, DOWNLOAD_MB, Environment, Problem
from .job import ImportJob, ImportRequest, Partial
from .session import Session, Status

__all__ = [
    "DISK_MB",
    "DOWNLOAD_MB",
    "Edits",
    "Environment",
    "ImportJob",
    "ImportRequest",
    "Look",
    "Partial",
    "Piece",
    "Problem",
    "Session",
    "Status",
]
