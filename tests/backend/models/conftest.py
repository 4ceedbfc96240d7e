"""Golden tensors of the published code on a tiny model; they lie beside the checkout, or where the environment says."""

import json
import os
from pathlib import Path

import pytest
import torch
from model_files import blob_name
from safetensors.torch import save
from support import ROOT

from maquette.models.catalog import MODELS, cached_folder
from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.weights import build_empty, released_shapes


@pytest.fixture(autouse=True)
def _own_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test looks at the user's models."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of golden tensors."""
    named = os.environ.get("MAQUETTE_G2VLM_FIXTURES")
    folder = Path(named) if named else ROOT.parent / "shared" / "fixtures" / "g2vlm"
    if not (folder / "manifest.json").is_file():
        pytest.skip(f"no golden tensors in {folder} (MAQUETTE_G2VLM_FIXTURES names another folder)")
    return folder


@pytest.fixture(scope="session")
def released_files(golden: Path) -> dict[str, bytes]:
    """The tiny model as the files of a release; the weights are zeros."""
    sizes = json.loads((golden / "config.json").read_text())
    added = json.loads((golden / "tokenizer" / "expected.json").read_text())["added_tokens"]
    pairs = json.loads((golden / "tokenizer" / "merges.json").read_text())
    merges = "\n".join(["#version: 0.2", *(" ".join(pair) for pair in pairs), ""])
    entries = {number: {"content": name, "special": True} for name, number in added.items()}
    files = {
        f"{part}_config.json": json.dumps(sizes[part]).encode() for part in ("text", "vit", "dino")
    }
    return {
        **files,
        "vocab.json": (golden / "tokenizer" / "vocab.json").read_bytes(),
        "merges.txt": merges.encode(),
        "tokenizer_config.json": json.dumps({"added_tokens_decoder": entries}).encode(),
        "model.safetensors": _zeros(golden),
    }


def _zeros(golden: Path) -> bytes:
    """Tiny shapes, with geometry decoders of the published size: no released JSON file names another."""
    sizes = Config.load(golden)
    config = Config(text=sizes.text, vit=sizes.vit, dino=sizes.dino)
    shapes = released_shapes(build_empty(config))
    return save({name: torch.zeros(shape) for name, shape in shapes.items()})


@pytest.fixture
def released(released_files: dict[str, bytes]) -> Path:
    """A release in the hub's cache: links to files named by what is in them."""
    home = cached_folder(MODELS["g2vlm"])
    folder = home / "snapshots" / "abc"
    for place in (folder, home / "blobs", home / "refs"):
        place.mkdir(parents=True)
    (home / "refs" / "main").write_text("abc")
    for name, content in released_files.items():
        blob = home / "blobs" / blob_name(name, content)
        blob.write_bytes(content)
        (folder / name).symlink_to(blob)
    return folder
