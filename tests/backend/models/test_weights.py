"""The released layout: its published size, strict loading, and only what a task needs."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.layers import Linear
from maquette.models.g2vlm.parity import read_cases, run_case
from maquette.models.g2vlm.prepare import open_photo, recon_images
from maquette.models.g2vlm.weights import (
    LoadOptions,
    build_empty,
    load_model,
    released_shapes,
    size_bytes,
)
from maquette_protocol.errors import InputError

PUBLISHED_TENSORS, PUBLISHED_PARAMETERS = 1947, 4_538_215_076
# our bfloat16 may be this much noisier than the published code's own, root mean square over root mean square
BF16_FACTOR = 2.0


@pytest.fixture
def folder(golden: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that may be changed."""
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(golden / name, tmp_path / name)
    shutil.copytree(golden / "tokenizer", tmp_path / "tokenizer", copy_function=shutil.copyfile)
    return tmp_path


def _change(folder: Path, change) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")


def test_the_full_model_has_the_published_size():
    shapes = released_shapes(build_empty(Config()))
    assert len(shapes) == PUBLISHED_TENSORS
    assert sum(math.prod(shape) for shape in shapes.values()) == PUBLISHED_PARAMETERS


def test_a_reconstruction_holds_what_its_bar_allows():
    assert 6.3e9 < size_bytes(Config(), "recon", torch.bfloat16) <= 6.5e9


def test_the_size_that_is_told_is_the_size_that_is_loaded(golden: Path):
    for task in ("recon", "chat"):
        model = load_model(golden, LoadOptions(task=task, dtype=torch.bfloat16))
        words = model.language.embed.weight.numel() * 2 if task == "recon" else 0
        held = sum(one.numel() * one.element_size() for one in model.parameters())
        assert held - words == size_bytes(model.config, task, torch.bfloat16)


def test_missing_and_unexpected_tensors_are_listed(folder: Path):
    def change(weights):
        weights["dino2llm.weights"] = weights.pop("dino2llm.weight")
        weights["conf_head.proj.bias"] = torch.zeros(3)

    _change(folder, change)
    with pytest.raises(InputError) as caught:
        load_model(folder)
    assert "1 missing (dino2llm.weight)" in caught.value.message
    assert "2 unexpected (conf_head.proj.bias, dino2llm.weights)" in caught.value.message


def test_a_tensor_of_another_shape_is_named(folder: Path):
    _change(folder, lambda weights: weights.update({"camera_head.fc_t.bias": torch.zeros(4)}))
    with pytest.raises(InputError, match=r"camera_head\.fc_t\.bias \(4,\) \(expected \(3,\)\)"):
        load_model(folder)


def test_a_file_cut_short_is_refused(folder: Path):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(InputError, match=r"model\.safetensors cannot be read"):
        load_model(folder)


def test_each_task_loads_what_it_needs(golden: Path):
    names = {
        task: {
            name.split(".")[0]
            for name, _ in load_model(golden, LoadOptions(task=task)).named_parameters()
        }
        for task in ("recon", "chat", "all")
    }
    assert names["recon"] == names["all"] - {"vit", "global_points_decoder", "global_point_head"}
    assert names["chat"] == {"language", "vit", "dino", "bridge"}
    recon = load_model(golden, LoadOptions(task="recon"))
    assert not any(name.startswith("language.head") for name, _ in recon.named_parameters())


def test_a_reconstruction_keeps_its_own_words_alone(golden: Path):
    model = load_model(golden, LoadOptions(task="recon"))
    tokens, whole = model.tokens, load_model(golden, LoadOptions(task="all"))
    words = torch.tensor([*tokens.recon_prompt, tokens.image_start, tokens.image_end])
    assert torch.equal(model.language.embed(words), whole.language.embed(words))
    assert len(model.language.embed.weight) <= len(words)
    with pytest.raises(ValueError, match="no other words"):
        model.language.embed(torch.tensor([tokens.end]))


def test_a_task_alone_gives_what_the_whole_model_gives(golden: Path):
    case = next(case for case in read_cases(golden) if not case.is_chat)
    images = recon_images([open_photo(photo) for photo in case.photos], case.recon_width_px)
    alone = load_model(golden, LoadOptions(task="recon")).reconstruct(images)
    whole = load_model(golden, LoadOptions(task="all")).reconstruct(images)
    assert torch.equal(alone.points, whole.points)
    assert alone.global_points is None


def test_what_is_kept_between_calls_changes_nothing(golden: Path):
    """The words of the prompt and the tables of the last grid are kept; another grid in between, too."""
    case = next(case for case in read_cases(golden) if not case.is_chat)
    photos = [open_photo(photo) for photo in case.photos]
    images, others = (recon_images(photos, width) for width in (case.recon_width_px, 28))
    model = load_model(golden, LoadOptions(task="recon"))
    first = model.reconstruct(images)
    model.reconstruct(others)
    assert torch.equal(model.reconstruct(images).points, first.points)


def test_the_weights_are_a_copy(folder: Path):
    model = load_model(folder)
    before = model.dino.norm.weight.clone()
    _change(folder, lambda weights: weights["dino_model.layernorm.weight"].zero_())
    assert torch.equal(model.dino.norm.weight, before)


def test_bfloat16_is_no_noisier_than_the_published_code(golden: Path):
    entries = json.loads((golden / "manifest.json").read_text())["cases"]
    model = load_model(golden, LoadOptions(task="all", dtype=torch.bfloat16))
    compared = 0
    for case in read_cases(golden):
        ours = run_case(model, case)
        with safe_open(golden / entries[case.name]["files"]["default"], "pt") as stored:
            for stage, noise in entries[case.name]["bf16_noise"].items():
                if stage.startswith(("gen.", "kv.")):
                    continue  # after a near tie of two tokens, answers differ
                error = ours[stage].double() - stored.get_tensor(stage).double()
                bound = BF16_FACTOR * noise["rms_diff_vs_float64"]
                assert error.square().mean().sqrt() < bound, (case.name, stage)
                compared += 1
    assert compared > 0


@pytest.mark.parametrize(
    ("dtype", "close"),
    [(torch.float32, 1e-6), (torch.bfloat16, 0.0), (torch.float64, 0.0)],
    ids=str,
)
def test_packed_weights_give_the_same_numbers(dtype: torch.dtype, close: float):
    """Where a CPU's library can reorder weights (not float64), for one row and for many, with and without a bias."""
    generator = torch.Generator().manual_seed(0)
    for has_bias in (True, False):
        linear = Linear(48, 33, bias=has_bias).to(dtype).requires_grad_(False)
        inputs = [torch.randn(rows, 48, generator=generator) for rows in (1, 2, 10)]
        plain = [linear(x) for x in inputs]
        linear.pack_weights()
        for x, expected in zip(inputs, plain, strict=True):
            assert (linear(x) - expected).abs().max() <= close * expected.abs().max()


def test_int8_is_within_a_few_times_the_noise_of_bfloat16(golden: Path):
    """Rounding to int8 is the larger error; what it is at each output is in docs/models.md."""
    images = {}
    for case in read_cases(golden):
        if not case.is_chat:
            photos = [open_photo(photo) for photo in case.photos]
            images[case.name] = recon_images(photos, case.recon_width_px)
    exact = load_model(golden, LoadOptions(dtype=torch.float32))
    errors = {}
    for kind, options in (
        ("bfloat16", LoadOptions(dtype=torch.bfloat16)),
        ("int8", LoadOptions(dtype=torch.bfloat16, int8_language=True)),
    ):
        model = load_model(golden, options)
        for name, photos in images.items():
            points, truth = model.reconstruct(photos).points, exact.reconstruct(photos).points
            error = (points - truth).square().mean().sqrt() / truth.square().mean().sqrt()
            errors[name, kind] = float(error)
    for name in images:
        assert errors[name, "bfloat16"] < 0.03
        assert errors[name, "int8"] < 3 * errors[name, "bfloat16"]


def test_int8_rounds_the_language_model_alone(golden: Path):
    model = load_model(golden, LoadOptions(task="all", int8_language=True))
    rounded = {
        name.split(".")[0]
        for name, parameter in model.named_parameters()
        if parameter.dtype == torch.int8
    }
    assert rounded == {"language"}
    assert model.language.embed.weight.dtype == model.dtype == torch.float32
