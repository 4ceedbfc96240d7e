"""No process of ours outlives the one that started it."""

import signal
import sys


def die_with_parent() -> None:
    """Linux promises it, however the parent ends; elsewhere, and as well, children watch their stdin.

    The thread that watches stdin waits for libraries that hold the interpreter, this does not.
    """
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
