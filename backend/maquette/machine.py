"""What this machine has to offer: its processor, and the memory that is free now."""

import ctypes
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pynvml

from maquette_kernels.parallel import num_threads


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A graphics processor that models can run on."""

    name: str
    free_memory_mb: int


def gpu() -> Gpu | None:
    """The first NVIDIA GPU, asked of its driver, so that torch need not be loaded; None without one."""
    try:
        pynvml.nvmlInit()
        try:
            handle = pynvml.nvmlDeviceGetHandleByIndex(0)
            free_bytes = int(pynvml.nvmlDeviceGetMemoryInfo(handle).free)
            return Gpu(name=pynvml.nvmlDeviceGetName(handle), free_memory_mb=free_bytes // 2**20)
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return None


def device(found: Gpu | None) -> str:
    """What computes, in words."""
    threads = num_threads()
    cpu = f"CPU, {threads} thread{'s' if threads > 1 else ''}"
    return f"{found.name} and {cpu}" if found else cpu


def free_memory_mb() -> int:
    """Memory that a job could take without swapping; 0 where the system does not tell."""
    try:
        if sys.platform == "win32":
            return _free_mb_windows()
        if sys.platform == "darwin":
            return _free_mb_macos()
        return _free_mb_linux()
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _free_mb_linux() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return 0


def _free_mb_macos() -> int:
    pages = 0
    told = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, timeout=2).stdout
    page_bytes = int(told.split("page size of ")[1].split()[0])
    for line in told.splitlines():
        if line.startswith(("Pages free", "Pages inactive", "Pages speculative")):
            pages += int(line.split(":")[1].strip(" ."))
    return pages * page_bytes // 2**20


class _MemoryStatus(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "available")),
        *((f"other{number}", ctypes.c_ulonglong) for number in range(5)),
    )


def _free_mb_windows() -> int:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0
    return int(status.available) // 2**20
