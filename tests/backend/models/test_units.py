"""Single steps against the published code's own numbers: sizes, pixels, tokens, rotary tables, rotations."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from maquette.models.g2vlm.config import VitConfig
from maquette.models.g2vlm.dino import position_table
from maquette.models.g2vlm.geometry import nearest_rotation
from maquette.models.g2vlm.prepare import (
    normalize_recon,
    open_photo,
    recon_images,
    recon_size,
    smart_resize,
    to_rgb,
    vit_patches,
    vit_photo,
)
from maquette.models.g2vlm.rotary import apply_rope2d, apply_rotary, mrope_table, rope2d_table
from maquette.models.g2vlm.tokens import load_tokens
from maquette_protocol.errors import InputError, PhotoError


@pytest.fixture(scope="module")
def units(golden: Path):
    return load_file(golden / "units.safetensors")


@pytest.fixture(scope="module")
def rules(golden: Path):
    return json.loads((golden / "units.json").read_text())


@pytest.fixture(scope="module")
def full_size(golden: Path):
    return json.loads((golden / "manifest.json").read_text())["full_res_preprocess"]


def test_sizes_of_the_geometry_branch(rules):
    for case in rules["recon_resize"]:
        assert list(recon_size(*case["input_wh"])) == case["output_hw"], case


def test_sizes_of_the_language_branch(rules):
    for case in rules["smart_resize_28"]:
        assert list(smart_resize(case["h"], case["w"], 28)) == case["out"], case


def test_a_photo_too_flat_is_refused():
    with pytest.raises(InputError, match="4000 x 50"):
        recon_size(4000, 50)


def test_pixels_of_the_geometry_branch_are_exact(golden: Path, full_size):
    for case in full_size["recon"]:
        photos = [open_photo(golden / "images" / name) for name in case["inputs"]]
        images = recon_images(photos, case["width"])
        assert list(images.shape) == case["shape"]
        for image, png in zip(images, case["pngs"], strict=bool(case["pngs"])):
            with Image.open(golden / png) as stored:
                expected = torch.from_numpy(np.array(stored)).permute(2, 0, 1)
            assert torch.equal((image * 255).round().to(torch.uint8), expected), png
        assert images.sum(dim=(1, 2, 3), dtype=torch.float64).tolist() == pytest.approx(
            case["sum"], rel=1e-9
        )


def test_patches_of_the_language_branch_are_exact(golden: Path, full_size):
    for case in full_size["vit"]:
        seen = vit_photo(open_photo(golden / "images" / case["input"]), VitConfig())
        with Image.open(golden / case["resized_png"]) as stored:
            assert np.array_equal(np.asarray(seen), np.asarray(stored))
        patches, grid = vit_patches(seen, VitConfig())
        assert [[1, *grid]] == case["grid_thw"]
        assert list(patches.shape) == case["shape"]
        for row, values in case["rows"].items():
            given = patches[int(row), : len(values)].tolist()
            assert given == pytest.approx(values, abs=4e-7)


@pytest.mark.parametrize("mode", ["L", "P", "I;16", "CMYK", "1"])
def test_every_mode_of_a_picture_becomes_rgb(mode: str):
    assert to_rgb(Image.new(mode, (3, 2))).mode == "RGB"


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert np.asarray(to_rgb(image)).tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_what_is_no_picture_is_refused(tmp_path: Path):
    (tmp_path / "a.png").write_text("no")
    with pytest.raises(PhotoError, match=r"a\.png"):
        open_photo(tmp_path / "a.png")


def test_normalised_grey_is_where_imagenet_has_it():
    mean = torch.tensor([0.485, 0.456, 0.406])[None, :, None, None]
    assert normalize_recon(mean).abs().max() == 0
    assert normalize_recon(mean + 0.1).flatten().tolist() == pytest.approx(
        [0.1 / 0.229, 0.1 / 0.224, 0.1 / 0.225], rel=1e-5
    )


def test_text_becomes_the_same_ids(golden: Path):
    tokens = load_tokens(golden)
    expected = json.loads((golden / "tokenizer" / "expected.json").read_text())
    for case in expected["encodings"]:
        assert tokens.encode(case["text"]) == case["ids"]
        assert tokens.decode(case["ids"]) == case["decoded"]
    roles = expected["new_token_ids"]
    assert (tokens.begin, tokens.end) == (roles["bos_token_id"], roles["eos_token_id"])
    assert tokens.image_start == roles["start_of_image"]
    assert tokens.image_end == roles["end_of_image"]


def test_positions_of_the_language_model(units):
    cos, sin = mrope_table(units["mrope.pos"], 1e6, (16, 24, 24))
    for name in "qk":
        turned = apply_rotary(units[f"mrope.{name}"], cos, sin)
        torch.testing.assert_close(turned, units[f"mrope.{name}_out"], rtol=0, atol=2e-6)


@pytest.mark.parametrize("head_dim", [32, 96])
def test_positions_of_the_geometry_decoders(units, head_dim: int):
    rows, columns = units[f"rope2d_{head_dim}.pos"][0].T
    x = units[f"rope2d_{head_dim}.in"]
    exact = apply_rope2d(x, *rope2d_table(rows, columns, head_dim, torch.float32))
    torch.testing.assert_close(exact, units[f"rope2d_{head_dim}.out"], rtol=0, atol=2e-6)
    # the published bfloat16 rounds at every step: angles, tables, products; with our angles, so does this
    tables = rope2d_table(rows, columns, head_dim, torch.bfloat16)
    rough = apply_rope2d(x.bfloat16(), *(table.bfloat16() for table in tables))
    assert torch.equal(rough, units[f"rope2d_{head_dim}.out_bf16"])


@pytest.mark.parametrize("grid", [(37, 37), (21, 37), (49, 37)])
def test_the_position_table_of_another_grid(units, grid: tuple[int, int]):
    table = position_table(units["dino_pos.table"], *grid)
    expected = units[f"dino_pos.{grid[0]}x{grid[1]}"]
    torch.testing.assert_close(table, expected, rtol=0, atol=2e-6)


def test_rotations_are_the_nearest_ones(units, rules):
    given, exact = nearest_rotation(units["svd.in"]), units["svd.out_float64"]
    bound = 10 * rules["svd"]["max_abs_diff_vs_float64"]
    assert (given.double() - exact).abs().max() < bound
    assert torch.allclose(torch.linalg.det(given), torch.ones(len(given)), atol=1e-5)
