"""The published order of operations, written out, against the golden tensors: what benchmarks compare with is right."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.literal import Literal
from maquette.models.g2vlm.parity import Case, read_cases
from maquette.models.g2vlm.prepare import open_photo, recon_images, vit_patches, vit_photo
from maquette.models.g2vlm.tokens import load_tokens

_SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"


@pytest.fixture(scope="module")
def literal(golden: Path) -> Literal:
    tokens = load_tokens(golden)
    return Literal(
        load_file(golden / "model.safetensors"),
        Config.load(golden),
        (tokens.image_start, tokens.image_end),
        published_dtypes=False,
    )


def _cases(golden: Path, *, is_chat: bool) -> list[Case]:
    return [case for case in read_cases(golden) if case.is_chat == is_chat]


def test_reconstructions_are_the_golden_ones(golden: Path, literal: Literal):
    tokens = load_tokens(golden)
    for case in _cases(golden, is_chat=False):
        photos = [open_photo(photo) for photo in case.photos]
        images = recon_images(photos, case.recon_width_px)
        given = literal.reconstruct(images, tokens.recon_prompt)
        _compare(case, {f"out.{name}": value[None] for name, value in given.items()})


def test_chats_are_the_golden_ones(golden: Path, literal: Literal):
    tokens = load_tokens(golden)
    for case in _cases(golden, is_chat=True):
        photos = [open_photo(photo) for photo in case.photos]
        config = literal.config.vit
        prepared = [
            vit_patches(vit_photo(photo, config, case.vit_size_px), config) for photo in photos
        ]
        images = recon_images(photos, case.recon_width_px)
        literal.begin_chat(tokens.encode(_SYSTEM), images, prepared)
        literal.say(tokens.encode(f"{case.prompt}<|im_end|>\n<|im_start|>assistant"))
        logits = literal.logits(tokens.encode("<|im_start|>assistant\n")[-1])
        _compare(case, {"gen.step0.logits": logits})


def _compare(case: Case, given: dict[str, torch.Tensor]) -> None:
    golden = next(one for one in case.golden if one.variant == "default")
    with safe_open(golden.file, "pt") as stored:
        for stage, value in given.items():
            error = value.double() - stored.get_tensor(stage).double()
            assert error.square().mean().sqrt() <= golden.stages[stage], (case.name, stage)


def test_published_dtypes_stay_within_their_noise(golden: Path, literal: Literal):
    """Twice the noise that the manifest states for the published code in its own dtypes on a CPU."""
    entries = json.loads((golden / "manifest.json").read_text())["cases"]
    rounded = Literal(literal.weights, literal.config, literal.markers, published_dtypes=True)
    for case in _cases(golden, is_chat=False):
        images = recon_images([open_photo(photo) for photo in case.photos], case.recon_width_px)
        given = rounded.reconstruct(images, load_tokens(golden).recon_prompt)
        with safe_open(golden / entries[case.name]["files"]["default"], "pt") as stored:
            for name, value in given.items():
                noise = entries[case.name]["bf16_noise"][f"out.{name}"]["rms_diff_vs_float64"]
                error = value[None].double() - stored.get_tensor(f"out.{name}").double()
                assert 0.3 * noise < error.square().mean().sqrt() < 2 * noise, (case.name, name)
