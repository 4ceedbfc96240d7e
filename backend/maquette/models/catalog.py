"""The neural models that Maquette knows: what each is for, under which licence, how large, and where it may lie.

A model is a plain folder, or a snapshot in the hub's shared cache. Looking for one reads the disk alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from maquette.models.onnx.card import OnnxCard, known_cards
from maquette_protocol.errors import InputError, MissingPartError


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What there is to know of a model before it is fetched."""

    name: str  # as the command line takes it
    engine: str  # that it is for
    title: str
    purpose: str
    licence: str
    licence_note: str
    repository: str  # owner/name on the hub
    size_bytes: int  # of the weights, to fetch and to keep
    files: tuple[str, ...]


_G2VLM = ModelCard(
    name="g2vlm",
    engine="g2vlm",
    title="G²VLM-2B-MoT",
    purpose="cameras and points from photos in one pass; questions about them",
    licence="Apache-2.0",
    licence_note="some of its training data were released for research only",
    repository="InternRobotics/G2VLM-2B-MoT",
    size_bytes=18_152_860_304,
    files=(
        "text_config.json",
        "vit_config.json",
        "dino_config.json",
        "vocab.json",
        "merges.txt",
        "tokenizer_config.json",
        "model.safetensors",
    ),
)

_OWLV2 = ModelCard(
    name="owlv2",
    engine="vision",
    title="OWLv2 base, patch 16, ensemble",
    purpose="boxes of things that words name, for maquette segment --detector",
    licence="Apache-2.0",
    licence_note="trained on pictures and captions from the web",
    repository="google/owlv2-base-patch16-ensemble",
    size_bytes=620_000_000,
    files=("config.json", "vocab.json", "merges.txt", "tokenizer_config.json", "model.safetensors"),
)

_SAM2 = ModelCard(
    name="sam2",
    engine="vision",
    title="SAM 2.1 Hiera tiny",
    purpose="the exact outline of a thing in a box, for maquette segment --masker",
    licence="Apache-2.0",
    licence_note="its training videos were released under CC BY 4.0",
    repository="facebook/sam2.1-hiera-tiny",
    size_bytes=156_000_000,
    files=("config.json", "model.safetensors"),
)


def _of_onnx(card: OnnxCard) -> ModelCard:
    return ModelCard(
        name=card.name,
        engine="onnx",
        title=card.title,
        purpose=card.purpose,
        licence=card.licence,
        licence_note=card.licence_note,
        repository=card.repository,
        size_bytes=card.size_bytes,
        files=(card.file, *card.other_files),
    )


ONNX_CARDS = known_cards()
MODELS = {
    "g2vlm": _G2VLM,
    "owlv2": _OWLV2,
    "sam2": _SAM2,
    **{name: _of_onnx(card) for name, card in ONNX_CARDS.items()},
}


def card_of(name: str) -> ModelCard:
    """The card of a model. Raises InputError."""
    if name not in MODELS:
        raise InputError(f"There is no model {name!r}.", hint=f"Choose from: {', '.join(MODELS)}.")
    return MODELS[name]


def hub_cache() -> Path:
    """Where the hub's tools keep what they fetch, by their own rules."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def cached_folder(card: ModelCard) -> Path:
    """The cache's folder for a model, whether it is there or not: all its revisions and their files."""
    return hub_cache() / f"models--{card.repository.replace('/', '--')}"


def find_model(card: ModelCard) -> Path | None:
    """The folder of a complete copy in the hub's cache."""
    home = cached_folder(card)
    try:
        revision = (home / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = home / "snapshots" / revision
    return folder if all((folder / name).is_file() for name in card.files) else None


def model_folder(name_or_folder: str, engine: str = "g2vlm") -> Path:
    """The folder of a model for the engine, named or given as a folder. Raises InputError, MissingPartError."""
    folder = Path(name_or_folder).expanduser()
    if folder.is_dir():
        return folder
    fitting = [name for name, card in MODELS.items() if card.engine == engine]
    if name_or_folder not in fitting:
        raise InputError(
            f"There is no folder {folder}, and no model of this name for {engine}.",
            hint=f"Name a model's folder, or one of: {', '.join(fitting)}.",
        )
    card = MODELS[name_or_folder]
    found = find_model(card)
    if found is None:
        raise MissingPartError(
            f"The weights of {card.title} are not here: {size_text(card.size_bytes)}, {card.licence}.",
            hint=f"maquette models pull {card.name}, or name the folder of a copy.",
        )
    return found


def size_text(size_bytes: int) -> str:
    """As disks are sold: 1 GB = 10⁹ bytes."""
    if size_bytes < 10**9:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.1f} GB"
