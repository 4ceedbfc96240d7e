"""`maquette models list` and `verify`: what is said of whole copies, of damaged ones, and of none."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from maquette.cli.main import main
from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.verify import parameters_by_part
from maquette.models.g2vlm.weights import build_empty, released_shapes

# the published model's parts
PUBLISHED_PARTS = {
    "embed_tokens": 233_373_696,
    "understanding expert": 1_310_347_776,
    "geometry expert": 1_310_433_792,
    "lm_head": 233_373_696,
    "vit_model": 665_271_296,
    "dino_model": 304_372_736,
    "dino2llm": 1_574_400,
    "point_decoder": 143_231_488,
    "point_head": 602_700,
    "camera_decoder": 142_444_544,
    "camera_head": 2_107_404,
    "global_points_decoder": 190_478_848,
    "global_point_head": 602_700,
}


def _verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, dict]]:
    status = main(["models", "verify", *arguments, "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    return status, {check["name"].strip(): check for check in checks}


def test_parts_have_their_published_sizes():
    assert parameters_by_part(released_shapes(build_empty(Config()))) == PUBLISHED_PARTS


def test_the_list_tells_licence_size_and_absence(capsys: pytest.CaptureFixture[str]):
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "Apache-2.0" in out
    assert "18.2 GB" in out
    assert "here     no" in out


def test_what_is_not_here_is_named_with_size_licence_and_command(
    capsys: pytest.CaptureFixture[str],
):
    assert main(["models", "verify", "g2vlm"]) == 2
    err = capsys.readouterr().err
    for words in ("18.2 GB", "Apache-2.0", "maquette models pull g2vlm"):
        assert words in err


def test_a_whole_copy_in_the_hubs_cache_is_found(
    released: Path, capsys: pytest.CaptureFixture[str]
):
    status, checks = _verify(capsys, "g2vlm")
    assert status == 0, checks
    assert checks["checksums"]["found"].startswith("7 files")
    assert main(["models", "list"]) == 0
    assert str(released) in capsys.readouterr().out


def test_one_wrong_byte_is_found(released: Path, capsys: pytest.CaptureFixture[str]):
    file = (released / "model.safetensors").resolve()
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    status, checks = _verify(capsys, "g2vlm")
    assert status == 1
    assert "model.safetensors" in checks["checksums"]["found"]
    assert checks["weights"]["state"] == "ok"
    assert _verify(capsys, "g2vlm", "--no-checksums")[0] == 0


def test_a_copy_without_a_file_is_none(released: Path, capsys: pytest.CaptureFixture[str]):
    (released / "merges.txt").unlink()
    assert main(["models", "verify", "g2vlm"]) == 2
    status, checks = _verify(capsys, str(released))
    assert status == 1
    assert checks["tokenizer"]["state"] == "missing"


def test_a_missing_tensor_is_named(
    golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "copy"
    folder.mkdir()
    shutil.copyfile(golden / "config.json", folder / "config.json")
    shutil.copytree(golden / "tokenizer", folder / "tokenizer", copy_function=shutil.copyfile)
    weights = load_file(golden / "model.safetensors")
    weights.pop("language_model.model.layers.1.ls2.gamma")
    save_file(weights, folder / "model.safetensors")
    status, checks = _verify(capsys, str(folder))
    assert status == 1
    assert "1 missing (language_model.model.layers.1.ls2.gamma)" in checks["weights"]["found"]
    assert checks["checksums"]["state"] == "note"
