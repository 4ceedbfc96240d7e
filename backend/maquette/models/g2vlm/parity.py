"""Golden tensors through the model: the error of every stage, against the noise that its manifest states.

A fixture folder has manifest.json, a configuration, weights, a tokenizer, images/ and one file of tensors per case and
variant. Each stored tensor is compared with ours; tolerance: ten times the stored root mean square difference of the
reference in float32 to itself in float64. Integers (tokens, positions, places) must be equal.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from torch import Tensor

from maquette.models.g2vlm.chat import Chat, Sampling
from maquette.models.g2vlm.dino import SegmentMode
from maquette.models.g2vlm.language import KeyValueCache
from maquette.models.g2vlm.model import G2vlm, Session
from maquette.models.g2vlm.packing import Pass
from maquette.models.g2vlm.prepare import open_photo, recon_images, vit_patches, vit_photo
from maquette.models.g2vlm.weights import LoadOptions, load_model
from maquette_protocol.errors import InputError
from maquette_protocol.paths import check_relative

_VARIANTS: dict[str, tuple[str, SegmentMode]] = {
    "default": ("tensors", "reference"),
    "aligned": ("tensors_aligned", "aligned"),
}
NOISE_FACTOR = 10.0


@dataclass(frozen=True, kw_only=True)
class Golden:
    """Stored tensors of one case in one variant."""

    variant: str
    segment_mode: SegmentMode
    file: Path
    stages: dict[str, float]  # in the order of computation: tolerance of the root mean square error


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call of the published code, and what it gave."""

    name: str
    photos: tuple[Path, ...]
    recon_width_px: int
    is_chat: bool
    prompt: str
    max_length: int  # of the answer, with its start token
    vit_size_px: tuple[int, int]  # height, width
    golden: tuple[Golden, ...]


@dataclass(frozen=True, kw_only=True)
class StageError:
    """One tensor of one case."""

    case: str
    variant: str
    stage: str
    error: float  # root mean square of the difference; for integers the share that differs
    tolerance: float
    note: str = ""  # why it fails, where it is not the error

    @property
    def passes(self) -> bool:
        """Within its tolerance; not-a-number is not."""
        return not self.note and self.error <= self.tolerance

    def __str__(self) -> str:
        place = f"{self.case} ({self.variant}) {self.stage}"
        return f"{place}: {self.note or f'{self.error:.3g}, tolerance {self.tolerance:.3g}'}"


def check_parity(folder: Path, device: str = "cpu") -> Iterator[StageError]:
    """All cases and variants of a fixture folder, in the order of computation. Raises InputError."""
    cases = read_cases(folder)
    model = load_model(folder, LoadOptions(task="all", dtype=torch.float32, device=device))
    for case in cases:
        for golden in case.golden:
            model.segment_mode = golden.segment_mode
            yield from _compare(case.name, golden, run_case(model, case))


def first_departure(results: Iterable[StageError]) -> StageError | None:
    """The first that is outside its tolerance: later ones follow from it."""
    return next((result for result in results if not result.passes), None)


def read_cases(folder: Path) -> list[Case]:
    """What a folder's manifest lists. Raises InputError."""
    file = folder / "manifest.json"
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["cases"]
        cases = [_case(folder, name, entry) for name, entry in entries.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder} is no folder of golden tensors: {file.name}: {error!r}.",
            hint="Name a folder with manifest.json, weights and tensors.",
        ) from error
    if not any(golden.stages for case in cases for golden in case.golden):
        raise InputError(f"{file} lists no tensor: nothing would be checked.")
    return cases


def _case(folder: Path, name: str, entry: dict[str, Any]) -> Case:
    is_chat = {"recon": False, "chat": True}[entry["kind"]]
    golden = [
        Golden(
            variant=variant,
            segment_mode=mode,
            file=folder / check_relative(entry["files"][variant]),
            stages={
                stage: NOISE_FACTOR * float(facts.get("rms_diff_vs_float64", 0.0))
                for stage, facts in entry[key].items()
            },
        )
        for variant, (key, mode) in _VARIANTS.items()
        if variant in entry["files"]
    ]
    height, width = entry["vit_hw"] if is_chat else (0, 0)
    return Case(
        name=name,
        photos=tuple(folder / "images" / check_relative(photo) for photo in entry["images"]),
        recon_width_px=int(entry["recon_width"]),
        is_chat=is_chat,
        prompt=entry["prompt"] if is_chat else "",
        max_length=int(entry["max_length"]) if is_chat else 0,
        vit_size_px=(int(height), int(width)),
        golden=tuple(golden),
    )


def run_case(model: G2vlm, case: Case) -> dict[str, Tensor]:
    """Everything that one case computes, by the fixtures' names, in order."""
    stages: dict[str, Tensor] = {}

    def note_pass(name: str, one: Pass, before: int) -> None:
        stages.update(_bookkeeping(name, one, before))

    photos = [open_photo(photo) for photo in case.photos]
    images = recon_images(photos, case.recon_width_px)
    stages["prep.dino0.original_images"] = images
    _segments(stages, model, images)
    session = Session(model, stages.__setitem__, note_pass)
    if case.is_chat:
        _chat(session, stages, case, photos, images)
    else:
        geometry = model.reconstruct(images, with_global_points=True, session=session)
        stages["out.local_points"] = geometry.local_points[None]
        stages["out.points"] = geometry.points[None]
        stages["out.camera_poses"] = geometry.world_from_camera[None]
        assert geometry.global_points is not None
        stages["out.global_points"] = geometry.global_points[None]
        stages["out.images"] = images[None]
    return stages | _cached(session.cache)


def _chat(
    session: Session,
    stages: dict[str, Tensor],
    case: Case,
    photos: Sequence[Image.Image],
    images: Tensor,
) -> None:
    """The question of a case, asked."""
    prepared = []
    for index, photo in enumerate(photos):
        config = session.model.config.vit
        patches, grid = vit_patches(vit_photo(photo, config, case.vit_size_px), config)
        stages[f"prep.vit{index}.packed_vit_images"] = patches[None]
        stages[f"prep.vit{index}.packed_image_grid_thw"] = torch.tensor([[1, *grid]])
        prepared.append((patches, grid))
    chat = Chat(session, images, prepared)
    ids = list(chat.ask(case.prompt, Sampling(max_tokens=case.max_length)))
    stages["out.token_ids"] = torch.tensor(ids, dtype=torch.int64)


def _segments(stages: dict[str, Tensor], model: G2vlm, images: Tensor) -> None:
    """Where the encoder's attention is cut."""
    dino = model.config.dino
    patches = images.shape[-2] * images.shape[-1] // dino.patch_size**2
    extra = 0 if model.segment_mode == "reference" else 1 + dino.num_register_tokens
    count = len(images)
    stages["dino.cu_seqlens"] = torch.arange(count + 1) * (patches + extra)
    stages["prep.dino0.dino_token_seqlens"] = torch.full((count,), patches)


def _bookkeeping(name: str, one: Pass, before: int) -> dict[str, Tensor]:
    """A pass in the words of the fixtures: ids, places, positions, and what was cached before."""
    cached = {
        "packed_key_value_indexes": torch.arange(before),
        "key_values_lens": torch.tensor([before]),
    }
    count = one.positions.shape[1]
    if name == "gen.step0":
        start = {"packed_start_tokens": one.text_ids, "packed_query_position_ids": one.positions}
        return {f"prep.start0.{key}": value for key, value in {**start, **cached}.items()}
    if one.is_causal:
        text = {
            "text_token_lens": torch.tensor([count]),
            "packed_text_ids": one.text_ids,
            "packed_text_position_ids": one.positions,
            "packed_text_indexes": one.text_index + before,
        }
        return {f"prep.{name}.{key}": value for key, value in {**text, **cached}.items()}
    kind = name.rstrip("0123456789")
    images = {
        "packed_text_ids": one.text_ids,
        "packed_text_indexes": one.text_index,
        f"packed_{kind}_token_indexes": one.image_index,
        "packed_position_ids": one.positions,
        "packed_seqlens": torch.tensor([count]),
        "packed_indexes": torch.arange(before, before + count),
    }
    if kind == "vit":
        images["vit_token_seqlens"] = torch.tensor([len(one.image_index)])
    return {f"prep.{name}.{key}": value for key, value in {**images, **cached}.items()}


def _cached(cache: KeyValueCache) -> dict[str, Tensor]:
    """Keys and values in the order of the sequence."""
    order = torch.cat(cache.places).argsort()
    stages: dict[str, Tensor] = {}
    for index in range(len(cache.keys)):
        stages[f"kv.layer{index}.key"] = cache.keys[index, : cache.length][order]
        stages[f"kv.layer{index}.value"] = cache.values[index, : cache.length][order]
    return stages


def _compare(case: str, golden: Golden, ours: dict[str, Tensor]) -> Iterator[StageError]:
    try:
        with safe_open(golden.file, framework="pt") as stored:
            for stage, tolerance in golden.stages.items():
                error, note = _difference(ours.get(stage), stored.get_tensor(stage))
                yield StageError(
                    case=case,
                    variant=golden.variant,
                    stage=stage,
                    error=error,
                    tolerance=tolerance,
                    note=note,
                )
    except (OSError, SafetensorError) as error:
        raise InputError(f"{golden.file} cannot be read: {error}.") from error


def _difference(ours: Tensor | None, golden: Tensor) -> tuple[float, str]:
    """Root mean square of the difference, or the share of integers that differ; and what is wrong besides."""
    if ours is None:
        return float("inf"), "not computed"
    if ours.shape != golden.shape:
        return float("inf"), f"expected {tuple(golden.shape)}, got {tuple(ours.shape)}"
    if golden.numel() == 0:
        return 0.0, ""
    ours = ours.cpu()
    if not golden.is_floating_point():
        return float((ours != golden).double().mean()), ""
    return float((ours.double() - golden.double()).square().mean().sqrt()), ""
