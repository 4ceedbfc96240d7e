"""Sizes of the networks; the defaults are the published G2VLM-2B-MoT's.

The released folder has three JSON files (text_config, vit_config, dino_config); sizes of the geometry decoders are
fixed in the published code. A single config.json with the parts text, vit, dino and pi3 is read as well.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from maquette_protocol.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """The language model; both experts have these sizes."""

    vocab_size: int = 151936
    hidden_size: int = 1536
    intermediate_size: int = 8960
    num_hidden_layers: int = 28
    num_attention_heads: int = 12
    num_key_value_heads: int = 2
    rms_norm_eps: float = 1e-6
    rope_theta: float = 1e6
    mrope_section: tuple[int, int, int] = (16, 24, 24)  # frequencies of time, row, column

    @property
    def head_dim(self) -> int:
        """Channels per head."""
        return self.hidden_size // self.num_attention_heads


@dataclass(frozen=True, kw_only=True)
class VitConfig:
    """Qwen2-VL's vision tower."""

    depth: int = 32
    embed_dim: int = 1280
    hidden_size: int = 1536  # of the language model
    mlp_ratio: float = 4
    num_heads: int = 16
    in_channels: int = 3
    patch_size: int = 14
    spatial_merge_size: int = 2
    temporal_patch_size: int = 2


@dataclass(frozen=True, kw_only=True)
class DinoConfig:
    """DINOv2 with registers, large."""

    hidden_size: int = 1024
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    mlp_ratio: float = 4
    image_size: int = 518  # of the pre-training: the size of the position table
    patch_size: int = 14
    num_channels: int = 3
    num_register_tokens: int = 4
    layer_norm_eps: float = 1e-6


@dataclass(frozen=True, kw_only=True)
class GeometryConfig:
    """The three decoders and their heads."""

    depth: int = 5
    num_heads: int = 16
    point_out_dim: int = 1024
    camera_dim: int = 512
    mlp_ratio: float = 4


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole model."""

    text: TextConfig = TextConfig()
    vit: VitConfig = VitConfig()
    dino: DinoConfig = DinoConfig()
    geometry: GeometryConfig = GeometryConfig()

    @classmethod
    def load(cls, folder: Path) -> "Config":
        """From a folder in the released layout, or with one config.json. Raises InputError."""
        single = folder / "config.json"
        names = {name: folder / f"{name}_config.json" for name in ("text", "vit", "dino")}
        if all(file.is_file() for file in names.values()):
            parts: Mapping[str, Any] = {name: _read(file) for name, file in names.items()}
        elif single.is_file():
            parts = _read(single)
        else:
            raise InputError(
                f"{folder} is no G2VLM model: {', '.join(f.name for f in names.values())} are not there.",
                hint="Name the folder that model.safetensors lies in, or run: maquette models pull g2vlm",
            )
        try:
            text = dict(parts["text"])
            section = (text.get("rope_scaling") or {}).get("mrope_section")
            if section:
                text["mrope_section"] = tuple(section)
            return cls(
                text=_pick(TextConfig, text),
                vit=_pick(VitConfig, parts["vit"]),
                dino=_pick(DinoConfig, parts["dino"]),
                geometry=_pick(GeometryConfig, parts.get("pi3", {})),
            ).checked(parts)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"The configuration in {folder} is not G2VLM's: {error!r}.") from error

    def checked(self, parts: Mapping[str, Any]) -> "Config":
        """Itself. Raises ValueError for what this implementation does not do."""
        wanted = {"text": "silu", "vit": "quick_gelu", "dino": "gelu"}
        for part, activation in wanted.items():
            given = parts[part].get("hidden_act", activation)
            if given != activation:
                raise ValueError(f"{part}: hidden_act is {given}, expected {activation}")
        if parts["dino"].get("use_swiglu_ffn", False):
            raise ValueError("dino: use_swiglu_ffn is true")
        if 2 * sum(self.text.mrope_section) != self.text.head_dim:
            raise ValueError(
                f"text: mrope_section {self.text.mrope_section} for heads of {self.text.head_dim}"
            )
        return self


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{file}: expected an object, got {type(content).__name__}.")
    return content


def _pick(kind: Any, values: Mapping[str, Any]) -> Any:
    """The dataclass `kind` from those values that it has; JSON files of other libraries hold many more."""
    return kind(**{item.name: values[item.name] for item in fields(kind) if item.name in values})
