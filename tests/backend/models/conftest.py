"""Golden tensors of the published code on a tiny model; they lie beside the checkout, or where the environment says."""

import os
from pathlib import Path

import pytest
from support import ROOT

pytest.importorskip("torch", reason="the extra g2vlm is not installed")


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of golden tensors."""
    named = os.environ.get("MAQUETTE_G2VLM_FIXTURES")
    folder = Path(named) if named else ROOT.parent / "shared" / "fixtures" / "g2vlm"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"no golden tensors in {folder} (MAQUETTE_G2VLM_FIXTURES names another folder)")
    return folder
