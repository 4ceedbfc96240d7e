"""The released layout, strictly: every tensor of the file has a place here, and every place has its tensor.

Our parameters join what is used together (query, key and value; gate and up): the table below says which released
tensors, in which order, make each of ours. Tensors are mapped from disk and copied once, straight to the wanted dtype
and device; networks that the task does not need are never read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.dino import SegmentMode
from maquette.models.g2vlm.layers import Linear
from maquette.models.g2vlm.model import G2vlm
from maquette.models.g2vlm.tokens import Tokens, load_tokens
from maquette_protocol.errors import InputError

WEIGHTS = "model.safetensors"
Task = Literal["recon", "chat", "all"]

# ours → the released, joined along the first axis
_RENAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"language\.embed\.(.*)", (r"language_model.model.embed_tokens.\1",)),
    (r"language\.head\.(.*)", (r"language_model.lm_head.\1",)),
    (r"language\.understanding_norm\.(.*)", (r"language_model.model.norm.\1",)),
    (r"language\.geometry_norm\.(.*)", (r"language_model.model.norm_moe_geo.\1",)),
    (r"(L)input_norm\.(.*)", (r"\1input_layernorm@.\2",)),
    (r"(L)post_norm\.(.*)", (r"\1post_attention_layernorm@.\2",)),
    (r"(L)qkv\.(.*)", tuple(rf"\1self_attn.{part}_proj@.\2" for part in "qkv")),
    (r"(L)([qk]_norm)", (r"\1self_attn.\2@.weight",)),
    (r"(L)out\.(.*)", (r"\1self_attn.o_proj@.\2",)),
    (r"(L)gate_up\.(.*)", (r"\1mlp@.gate_proj.\2", r"\1mlp@.up_proj.\2")),
    (r"(L)down\.(.*)", (r"\1mlp@.down_proj.\2",)),
    (r"(L)scale([12])", (r"\1ls\2.gamma",)),
    (r"vit\.patch\.weight", ("vit_model.patch_embed.proj.weight",)),
    (r"vit\.(.*)", (r"vit_model.\1",)),
    (r"dino\.patch\.(.*)", (r"dino_model.embeddings.patch_embeddings.projection.\1",)),
    (r"dino\.norm\.(.*)", (r"dino_model.layernorm.\1",)),
    (
        r"dino\.layers\.(\d+)\.qkv\.(.*)",
        tuple(
            rf"dino_model.encoder.layer.\1.attention.attention.{part}.\2"
            for part in ("query", "key", "value")
        ),
    ),
    (
        r"dino\.layers\.(\d+)\.out\.(.*)",
        (r"dino_model.encoder.layer.\1.attention.output.dense.\2",),
    ),
    (
        r"dino\.layers\.(\d+)\.scale([12])",
        (r"dino_model.encoder.layer.\1.layer_scale\2.lambda1",),
    ),
    (r"dino\.layers\.(.*)", (r"dino_model.encoder.layer.\1",)),
    (r"dino\.(.*)", (r"dino_model.embeddings.\1",)),
    (r"bridge\.(.*)", (r"dino2llm.\1",)),
    (r"(.*cross_attn)\.query\.(.*)", (r"\1.q_proj.\2",)),
    (r"(.*cross_attn)\.key_value\.(.*)", (r"\1.k_proj.\2", r"\1.v_proj.\2")),
    (r"(.*)", (r"\1",)),  # the geometry decoders and heads: names are the same
)
_LAYER = re.compile(r"language\.layers\.(\d+)\.(understanding|geometry)\.")
# in the file, used by nothing at inference: DINO's pre-training masked patches
_UNUSED = ("dino_model.embeddings.mask_token",)
_HEADS = ("point_head", "global_point_head", "camera_head")
_WITHOUT: dict[Task, tuple[str, ...]] = {
    "recon": ("vit", "language.head", "global_points_decoder", "global_point_head"),
    "chat": ("point_decoder", "camera_decoder", "global_points_decoder", *_HEADS),
    "all": (),
}


class Stored(Protocol):
    """Tensors by their released names, as an open safetensors file gives them."""

    def get_tensor(self, name: str) -> Tensor:
        """A whole one."""
        ...

    def get_slice(self, name: str) -> Any:
        """One to be read in parts: indexed by rows."""
        ...


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """What to load, and how."""

    task: Task = "recon"
    dtype: torch.dtype | None = None  # None: bfloat16 on CUDA, else float32
    device: str = "cpu"
    segment_mode: SegmentMode = "reference"
    int8_language: bool = False  # the language model's matrices rounded: half the bytes of bfloat16


def released_names(name: str) -> tuple[str, ...]:
    """The released tensors that make our parameter `name`, in order."""
    layer = _LAYER.match(name)
    if layer:
        name = "L" + name[layer.end() :]
    for pattern, templates in _RENAMES:
        match = re.fullmatch(pattern, name)
        if match:
            found = tuple(match.expand(template) for template in templates)
            break
    else:
        raise AssertionError(name)
    if layer is None:
        return found
    suffix = "_moe_geo" if layer[2] == "geometry" else ""
    prefix = f"language_model.model.layers.{layer[1]}."
    return tuple(prefix + one[1:].replace("@", suffix) for one in found)


def build_empty(config: Config, tokens: Tokens | None = None) -> G2vlm:
    """The model without storage: names and shapes alone."""
    with torch.device("meta"):
        return G2vlm(config, tokens)


def released_shapes(model: G2vlm) -> dict[str, tuple[int, ...]]:
    """Every tensor of the released file, by its name."""
    text, vit, dino = model.config.text, model.config.vit, model.config.dino
    heads = (text.num_attention_heads, text.num_key_value_heads, text.num_key_value_heads)
    shapes: dict[str, tuple[int, ...]] = {name: (1, dino.hidden_size) for name in _UNUSED}
    for name, parameter in model.named_parameters():
        sources = released_names(name)
        rows = [parameter.shape[0] // len(sources)] * len(sources)
        if len(sources) == 3 and name.startswith("language"):
            rows = [count * text.head_dim for count in heads]
        for source, count in zip(sources, rows, strict=True):
            shapes[source] = (count, *parameter.shape[1:])
    # stored as convolutions; ours are products of flattened patches
    size = vit.patch_size
    vit_patch = (vit.in_channels, vit.temporal_patch_size, size, size)
    shapes["vit_model.patch_embed.proj.weight"] = (vit.embed_dim, *vit_patch)
    dino_patch = (dino.num_channels, dino.patch_size, dino.patch_size)
    shapes["dino_model.embeddings.patch_embeddings.projection.weight"] = (
        dino.hidden_size,
        *dino_patch,
    )
    return shapes


def check_file(shapes: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    """Zero missing, zero unexpected, all of the right shape. Raises InputError with the lists."""
    complaints = _listed("missing", shapes.keys() - found.keys())
    complaints += _listed("unexpected", found.keys() - shapes.keys())
    wrong = {
        f"{name} {found[name]} (expected {shapes[name]})"
        for name in shapes.keys() & found.keys()
        if shapes[name] != found[name]
    }
    complaints += _listed("of another shape", wrong)
    if complaints:
        raise InputError(
            "The weights do not fit G2VLM: " + "; ".join(complaints) + ".",
            hint="Get the released file (maquette models pull g2vlm), or check that the configuration belongs to it.",
        )


def load_model(folder: Path, options: LoadOptions | None = None) -> G2vlm:
    """The model of a folder in the released layout, in evaluation mode. Raises InputError."""
    options = options or LoadOptions()
    config = Config.load(folder)
    model = build_empty(config, load_tokens(folder))
    file = folder / WEIGHTS
    try:
        with safe_open(file, framework="pt") as stored:
            found = {name: tuple(stored.get_slice(name).get_shape()) for name in stored.keys()}  # noqa: SIM118
            check_file(released_shapes(model), found)
            return fill_model(model, stored, options)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{file} cannot be read: {error}.",
            hint="Get it with: maquette models pull g2vlm",
        ) from error


def fill_model(model: G2vlm, stored: Stored, options: LoadOptions) -> G2vlm:
    """Storage and numbers for the parts of an empty model that a task needs; in evaluation mode."""
    device = torch.device(options.device)
    dtype = options.dtype or (torch.bfloat16 if device.type == "cuda" else torch.float32)
    wide = torch.promote_types(dtype, torch.float32)
    tokens = model.tokens
    _drop(model, _WITHOUT[options.task])
    if options.task == "recon":
        _keep_words(model, {*tokens.recon_prompt, tokens.image_start, tokens.image_end})
    for name, parameter in list(model.named_parameters()):
        wanted = dtype if _is_matrix(model, name) else wide
        _place(model, name, _joined(_read(stored, model, name), parameter.shape, wanted, device))
        owner, _, kind = name.rpartition(".")
        linear = model.get_submodule(owner)
        if isinstance(linear, Linear) and kind == "weight":
            if options.int8_language and name.startswith("language."):
                linear.round_weights()
            elif device.type == "cpu":
                linear.pack_weights()
    model.segment_mode = options.segment_mode
    return model.eval()


@cache
def size_bytes(config: Config, task: Task, dtype: torch.dtype) -> int:
    """Memory of the weights that a task needs; a reconstruction's own few words do not count."""
    model = build_empty(config)
    _drop(model, _WITHOUT[task])
    if task == "recon":
        _keep_words(model, set())
    wide = torch.promote_types(dtype, torch.float32)
    return sum(
        parameter.numel() * (dtype if _is_matrix(model, name) else wide).itemsize
        for name, parameter in model.named_parameters()
    )


def _keep_words(model: G2vlm, words: set[int]) -> None:
    """Only these words' rows of the embedding; still without storage."""
    embed = model.language.embed
    embed.kept = torch.tensor(sorted(words))
    rows = torch.empty(len(words), embed.embedding_dim, device="meta")
    embed.weight = nn.Parameter(rows, requires_grad=False)


def _read(stored: Stored, model: G2vlm, name: str) -> list[Tensor]:
    """The released tensors that make our parameter, mapped; of the embedding only the rows that are kept."""
    sources, kept = released_names(name), model.language.embed.kept
    if name == "language.embed.weight" and kept is not None:
        rows = stored.get_slice(sources[0])
        return [rows[word : word + 1] for word in kept.tolist()]
    return [stored.get_tensor(source) for source in sources]


def _is_matrix(model: nn.Module, name: str) -> bool:
    """Whether a parameter takes part in products in the model's dtype, as nearly all memory does.

    Norms, scales, position tables and whole heads stay in float32: they are small, and the released code keeps them so.
    """
    owner = model.get_submodule(name.rpartition(".")[0])
    return isinstance(owner, (nn.Linear, nn.Embedding)) and not name.startswith(_HEADS)


def _joined(
    parts: list[Tensor], shape: torch.Size, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """A copy in its own memory: nothing keeps the file mapped."""
    if len(parts) == 1:
        return parts[0].reshape(shape).to(device=device, dtype=dtype, copy=True)
    whole = torch.empty(shape, dtype=dtype, device=device)
    for target, part in zip(whole.split([len(part) for part in parts]), parts, strict=True):
        target.copy_(part)
    return whole


def _drop(model: nn.Module, names: Iterable[str]) -> None:
    for name in names:
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, None)


def _place(model: nn.Module, name: str, value: Tensor) -> None:
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, nn.Parameter(value, requires_grad=False))


def _listed(kind: str, names: Iterable[str]) -> list[str]:
    ordered = sorted(names)
    if not ordered:
        return []
    shown = ", ".join(ordered[:8]) + (", …" if len(ordered) > 8 else "")
    return [f"{len(ordered)} {kind} ({shown})"]
