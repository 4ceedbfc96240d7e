"""Triton kernels compile to a GPU's machine code, at the sizes of G²VLM; no GPU is needed for that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maquette_kernels.triton_backend import has_triton


@pytest.mark.skipif(not has_triton(), reason="Triton is not installed")
def test_kernels_compile_for_a_gpu(tmp_path: Path):
    """In a process of its own: here, kernels may have been imported for the interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    program = Path(__file__).with_name("compile_triton.py")
    done = subprocess.run(
        [sys.executable, program],
        env=environment | {"TRITON_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sizes = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert len(sizes) == 6
    assert min(sizes) > 1000
