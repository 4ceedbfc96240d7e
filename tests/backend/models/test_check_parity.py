"""`maquette models check-parity`: its verdict, its exit status, and what it says of folders that are none."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from maquette.cli.main import main


@pytest.fixture
def one_case(golden: Path, tmp_path: Path) -> Path:
    """A copy of the golden folder that may be changed, with its smallest reconstruction alone."""
    folder = tmp_path / "golden"
    shutil.copytree(golden, folder, copy_function=shutil.copyfile)
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    name = min(
        (name for name, case in manifest["cases"].items() if case["kind"] == "recon"),
        key=lambda name: len(manifest["cases"][name]["images"]),
    )
    manifest["cases"] = {name: manifest["cases"][name]}
    file.write_text(json.dumps(manifest))
    return folder


def _stages(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:
    status = main(["models", "check-parity", str(folder), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_sound_folder_passes(one_case: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["models", "check-parity", str(one_case)]) == 0
    out = capsys.readouterr().out
    assert "stages pass" in out
    assert "FAIL" not in out


def test_the_first_departure_is_the_stage_that_is_wrong(
    one_case: Path, capsys: pytest.CaptureFixture[str]
):
    weights = load_file(one_case / "model.safetensors")
    weights["dino_model.encoder.layer.1.norm2.weight"] *= 1.001
    save_file(weights, one_case / "model.safetensors")
    status, answer = _stages(one_case, capsys)
    assert status == 1
    assert not answer["passes"]
    first = next(stage for stage in answer["stages"] if not stage["passes"])
    assert first["stage"] == "dino.layer1"


@pytest.mark.parametrize(
    ("part", "key", "value", "stage"),
    [
        ("text", "rms_norm_eps", 1e-5, "llm.text0.layer0"),
        ("text", "rope_theta", 1.1e6, "llm.text0.layer0"),
        ("dino", "layer_norm_eps", 1e-5, "dino.layer0"),
    ],
)
def test_small_mistakes_are_outside_the_bound(
    one_case: Path,
    capsys: pytest.CaptureFixture[str],
    part: str,
    key: str,
    value: float,
    stage: str,
):
    file = one_case / "config.json"
    sizes = json.loads(file.read_text())
    sizes[part][key] = value
    file.write_text(json.dumps(sizes))
    status, answer = _stages(one_case, capsys)
    assert status == 1
    first = next(one for one in answer["stages"] if not one["passes"])
    assert first["stage"] == stage


def test_a_stage_that_is_no_number_fails(one_case: Path, capsys: pytest.CaptureFixture[str]):
    weights = load_file(one_case / "model.safetensors")
    weights["point_head.proj.bias"][0] = torch.nan
    save_file(weights, one_case / "model.safetensors")
    status = main(["models", "check-parity", str(one_case)])
    assert status == 1
    assert "point_head.raw" in capsys.readouterr().out.splitlines()[-1]


def test_a_tensor_that_nobody_computes_fails(one_case: Path, capsys: pytest.CaptureFixture[str]):
    file = one_case / "manifest.json"
    manifest = json.loads(file.read_text())
    (case,) = manifest["cases"].values()
    stored = one_case / case["files"]["default"]
    save_file({**load_file(stored), "dino.unheard_of": torch.zeros(2)}, stored)
    case["tensors"]["dino.unheard_of"] = {"shape": [2], "dtype": "float32"}
    file.write_text(json.dumps(manifest))
    status, answer = _stages(one_case, capsys)
    assert status == 1
    failed = [stage for stage in answer["stages"] if not stage["passes"]]
    assert [(stage["stage"], stage["note"]) for stage in failed] == [
        ("dino.unheard_of", "not computed")
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cases": {}}', '{"cases": {"a": {}}}'])
def test_a_folder_without_cases_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "manifest.json").write_text(text)
    assert main(["models", "check-parity", str(tmp_path)]) == 2
    assert "manifest.json" in capsys.readouterr().err
