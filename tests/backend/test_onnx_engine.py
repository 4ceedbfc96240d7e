"""The engine onnx on small graphs made here: a known depth, disparity or point map, and what must come of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from onnx_models import (
    FOCAL_PX,
    HEIGHT,
    WIDTH,
    onnx,
    points_of,
    room,
    write_card,
    write_endless_model,
    write_model,
)
from support import ROOT, left_behind

from maquette.cli.main import main
from maquette.engines import EngineResult, load_engine
from maquette.engines.lens import solve_shift
from maquette.engines.onnx.upright import upright_shift
from maquette.models import extras
from maquette.models.catalog import MODELS, cached_folder
from maquette.models.onnx.card import known_cards, read_card
from maquette.models.onnx.session import Session, input_size, prepare
from maquette.options import ReconstructOptions
from maquette.progress import Progress
from maquette.types import Camera, View
from maquette.workspace import Workspace
from maquette_protocol.errors import (
    Cancelled,
    InputError,
    MissingPartError,
    NoReconstructionError,
)

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")


@pytest.fixture
def view(tmp_path: Path) -> View:
    """A photo with something on it; it says no focal length."""
    path = tmp_path / "photo.png"
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(noise, (5 * WIDTH, 5 * HEIGHT)))
    return View(name=path.name, path=path, width=5 * WIDTH, height=5 * HEIGHT, source=path)


Run = Callable[..., EngineResult]


@pytest.fixture
def run(tmp_path: Path, view: View) -> Run:
    """run(outputs, card's output, card's input, focal_px=…) → what the engine makes of it."""

    def run(outputs: dict[str, Any], focal_px: float | None = None, **changes: Any) -> EngineResult:
        folder = write_model(tmp_path / "model", outputs)
        write_card(folder, **changes)
        options = ReconstructOptions(engine="onnx", model=folder)
        workspace = Workspace(tmp_path / "work")
        views = (replace(view, focal_px=focal_px),)
        return load_engine("onnx").reconstruct(views, options, workspace, Progress())

    return run


def depth_and_focal(result: EngineResult) -> tuple[np.ndarray, float]:
    camera: Camera = result.reconstruction.cameras[0]
    return result.reconstruction.depth[camera.name].depth, camera.K[0, 0]


def test_depth_comes_out_as_it_went_in_with_the_photos_own_lens(run: Run):
    result = run({"depth": room()[None]}, focal_px=400.0)
    depth, focal_px = depth_and_focal(result)
    np.testing.assert_allclose(depth, room(), rtol=1e-6)
    assert focal_px == 400
    assert not result.reconstruction.is_metric
    assert any("on CPU" in warning for warning in result.reconstruction.warnings)
    assert "one photo alone" in result.reconstruction.trust.reasons[0]


def test_without_any_word_on_the_lens_a_phones_is_taken_and_doubted(run: Run):
    result = run({"depth": room()})
    assert depth_and_focal(result)[1] == 0.75 * 5 * WIDTH
    assert any("phone" in reason for reason in result.reconstruction.trust.reasons)


@pytest.mark.parametrize(
    ("focal", "unit"),
    [
        ([FOCAL_PX], "pixels"),
        (np.diag([FOCAL_PX, FOCAL_PX, 1])[None], "pixels"),
        (FOCAL_PX / WIDTH, "widths"),
    ],
    ids=["number", "matrix", "share of the width"],
)
def test_the_models_own_lens_is_taken_where_the_photo_names_none(run: Run, focal: Any, unit: str):
    output = {"focal": "f", "focal_unit": unit, "depth_follows_focal": True, "is_metric": True}
    outputs = {"depth": room(), "f": focal}
    own = run(outputs, output=output)
    assert depth_and_focal(own)[1] == pytest.approx(5 * FOCAL_PX)
    np.testing.assert_allclose(depth_and_focal(own)[0], room(), rtol=1e-5)
    assert own.reconstruction.is_metric


def test_the_photos_lens_corrects_depth_that_was_made_for_another(run: Run):
    output = {"focal": "f", "depth_follows_focal": True}
    result = run({"depth": room(), "f": FOCAL_PX}, focal_px=6 * FOCAL_PX, output=output)
    np.testing.assert_allclose(depth_and_focal(result)[0], 1.2 * room(), rtol=1e-5)
    assert any("contradict" in reason for reason in result.reconstruction.trust.reasons)


def test_inverse_depth_is_turned_over(run: Run):
    result = run({"depth": 3 / room()}, output={"kind": "disparity"})
    np.testing.assert_allclose(depth_and_focal(result)[0], room() / 3, rtol=1e-5)


def test_inverse_depth_without_scale_and_shift_gets_the_stated_ratio(run: Run):
    disparity = 7 / room() - 7 / 4  # the wall at infinity
    output = {"kind": "disparity", "is_affine": True, "far_over_near": 5.0}
    result = run({"depth": disparity}, output=output)
    depth = depth_and_focal(result)[0]
    near, far = np.percentile(1 / depth, [99, 1])
    assert near / far == pytest.approx(5, rel=0.02)
    # whatever the shift, planes stay planes: 1 / z is even along each row of the floor
    assert np.ptp(1 / depth[65]) < 1e-5
    assert any("at most 5 times" in warning for warning in result.reconstruction.warnings)


TILT = np.radians(20)
UP = np.array([0, -np.cos(TILT), -np.sin(TILT)])  # in the axes of a camera that looks down so far


def tilted_room() -> np.ndarray:
    """(HEIGHT, WIDTH) 1 / depth of a floor 1.5 below the camera and a wall 4 ahead, turned a little to the side."""
    rays = points_of(np.ones((HEIGHT, WIDTH)))
    ahead = np.array([0.3, -np.sin(TILT), np.cos(TILT)])
    wall = rays @ (ahead - (ahead @ UP) * UP) / 4
    return np.maximum(wall, -rays @ UP / 1.5).astype(np.float32)


def test_a_shift_is_found_that_makes_floor_and_wall_upright():
    K = np.array([[FOCAL_PX, 0, WIDTH / 2], [0, FOCAL_PX, HEIGHT / 2], [0, 0, 1]])
    camera = Camera(name="a", width=WIDTH, height=HEIGHT, K=K, world_from_camera=np.eye(4))
    everywhere = np.ones((HEIGHT, WIDTH), bool)
    told = 3 * tilted_room() + 0.7
    shift = upright_shift(told, everywhere, camera, UP)
    assert shift == pytest.approx(-0.7, abs=0.02)
    bumps = told + cv2.GaussianBlur(
        np.random.default_rng(0).normal(size=told.shape).astype(np.float32), (0, 0), 5
    )
    assert upright_shift(bumps, everywhere, camera, UP) is None


def test_inverse_depth_of_a_photo_with_upright_lines_needs_no_assumption(run: Run, view: View):
    picture = np.full((view.height, view.width, 3), 220, np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(40):
        foot = rng.uniform((-2, 0.3, 2), (2, 1, 4))
        ends = [
            5 * FOCAL_PX * p[:2] / p[2] + (view.width / 2, view.height / 2)
            for p in (foot, foot + UP)
        ]
        first, last = (tuple(int(16 * v) for v in end - 0.5) for end in ends)
        cv2.line(picture, first, last, (20, 20, 20), 2, cv2.LINE_AA, 4)
    cv2.imwrite(str(view.path), picture)
    output = {"kind": "disparity", "is_affine": True}
    result = run({"depth": 3 * tilted_room() + 0.7}, focal_px=5 * FOCAL_PX, output=output)
    np.testing.assert_allclose(depth_and_focal(result)[0], 1 / 3 / tilted_room(), rtol=0.04)
    assert any("walls upright" in warning for warning in result.reconstruction.warnings)


@pytest.mark.parametrize("focal_px", [None, 5 * FOCAL_PX])
def test_points_without_their_shift_give_lens_depth_and_scale(run: Run, focal_px: float | None):
    points = points_of(room()) - np.array([0, 0, 1.7], np.float32)
    mask = np.ones((1, HEIGHT, WIDTH))
    mask[:, :5] = 0.1
    points[:5] = 1e6  # rubbish where the mask says so
    output = {"kind": "points", "is_affine": True, "is_metric": True, "mask": "mask", "scale": "s"}
    result = run({"depth": points[None], "mask": mask, "s": [2.5]}, focal_px, output=output)
    depth, focal = depth_and_focal(result)
    assert focal == pytest.approx(5 * FOCAL_PX, rel=1e-3)
    assert (depth[:5] == 0).all()
    np.testing.assert_allclose(depth[5:], 2.5 * room()[5:], rtol=2e-3)


def test_channels_first_and_points_in_front_of_a_camera_are_understood(run: Run):
    points = points_of(room()).transpose(2, 0, 1)[None]
    result = run({"depth": points}, output={"kind": "points"})
    depth, focal = depth_and_focal(result)
    assert focal == pytest.approx(5 * FOCAL_PX, rel=1e-3)
    np.testing.assert_allclose(depth, room(), rtol=1e-5)


def test_a_wall_straight_ahead_tells_no_lens_but_a_known_lens_tells_its_place(view: View):
    wall = points_of(np.full((HEIGHT, WIDTH), 3.0, np.float32))
    wall[..., 2] -= 2
    assert not solve_shift(wall, view)[0].fits
    lens, shift = solve_shift(wall, view, 5 * FOCAL_PX)
    assert lens.fits
    assert shift == pytest.approx(2, rel=1e-3)


def test_a_wall_is_put_where_the_models_own_lens_says(run: Run):
    wall = points_of(np.full((HEIGHT, WIDTH), 3.0, np.float32)) - np.array([0, 0, 2], np.float32)
    output = {"kind": "points", "is_affine": True, "focal": "f"}
    depth, focal = depth_and_focal(run({"depth": wall, "f": FOCAL_PX}, output=output))
    assert focal == pytest.approx(5 * FOCAL_PX)
    np.testing.assert_allclose(depth, 3, rtol=1e-3)


def test_noise_of_five_percent_moves_the_lens_by_less_than_one(view: View):
    points = points_of(room())
    points[..., :2] *= np.exp(0.05 * np.random.default_rng(0).normal(size=points[..., :2].shape))
    points[..., 2] -= 1.7
    lens, shift = solve_shift(points, view)
    assert lens.focal_px == pytest.approx(5 * FOCAL_PX, rel=0.01)
    assert shift == pytest.approx(1.7, abs=0.05)


@pytest.mark.parametrize("value", [0.0, np.nan, -1.0])
def test_a_prediction_without_depth_is_no_scene(run: Run, value: float):
    with pytest.raises(NoReconstructionError, match="sees no depth"):
        run({"depth": np.full((HEIGHT, WIDTH), value)})


# What a photo becomes on its way into the model.


@pytest.mark.parametrize(
    ("resize", "multiple", "expected"),
    [
        ("cover", 14, (518, 686)),
        ("fit", 14, (392, 518)),
        ("fit", 1, (388, 518)),
        ("stretch", 14, (518, 518)),
    ],
)
def test_photos_are_brought_to_the_size_of_the_rule(
    resize: Any, multiple: int, expected: tuple[int, int]
):
    spec = replace(known_cards()["depth-anything-v2-small"].input, resize=resize, multiple=multiple)
    assert input_size(spec, 3000, 4000) == expected


def test_pixels_are_normalised_and_ordered_as_the_card_says():
    spec = replace(known_cards()["depth-pro"].input, colors="BGR")
    pixels = np.full((8, 8, 3), (255, 51, 0), np.uint8)
    planes = prepare(spec, pixels, (4, 6), np.float32)
    assert planes.shape == (1, 3, 4, 6)
    np.testing.assert_allclose(planes[0, :, 0, 0], [-1, -0.6, 1], atol=1e-6)
    last = prepare(replace(spec, layout="HWC", colors="RGB"), pixels, (4, 6), np.uint8)
    assert last.shape == (4, 6, 3)
    assert last[0, 0].tolist() == [255, 51, 0]


# Cards, and models that are not what their card says.


def test_the_cards_that_come_along_are_read_and_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["models", "list", "--json"]) == 0
    listed = {one["name"]: one for one in json.loads(capsys.readouterr().out)["models"]}
    for name, card in known_cards().items():
        assert listed[name]["licence"] == card.licence
        assert listed[name]["size_bytes"] > 0
        assert listed[name]["folder"] is None
    assert listed["depth-anything-v2-small"]["licence"] == "Apache-2.0"
    assert listed["depth-anything-v2-large"]["licence"] == "CC-BY-NC-4.0"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": {"size": [72]}}, r"\$\.input\.size: 2 numbers expected, got 1"),
        ({"input": {"resize": "squash"}}, r"\$\.input\.resize: expected one of stretch"),
        ({"input": {"std": [0.0, 1.0, 1.0]}}, r"\$\.input\.std: above 0"),
        ({"input": {"sharpen": True}}, r"\$\.input: has an unknown field"),
        ({"output": {"kind": "normals"}}, r"\$\.output\.kind: expected one of depth"),
        ({"output": {"is_affine": True, "is_metric": True}}, "not metric"),
        ({"file": "../model.onnx"}, "not one inside a folder"),
        ({"name": "no name"}, r"\$\.name: expected letters"),
    ],
)
def test_a_wrong_card_is_refused_with_its_file_field_and_value(
    tmp_path: Path, changes: dict[str, Any], said: str
):
    path = write_card(tmp_path, **changes)
    with pytest.raises(InputError, match=said) as caught:
        read_card(path)
    assert str(path) in str(caught.value)


def test_the_card_in_the_docs_is_one(tmp_path: Path):
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    path = tmp_path / "card.toml"
    path.write_text(text.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert read_card(path).output.is_metric


def test_a_card_that_lacks_a_field_or_is_no_toml_is_refused(tmp_path: Path):
    path = tmp_path / "card.toml"
    path.write_text('name = "x"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"\$\.file: missing"):
        read_card(path)
    path.write_text("name = \n", encoding="utf-8")
    with pytest.raises(InputError, match="no TOML"):
        read_card(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"output": {"name": "depht"}}, "outputs depth; .* says depht"),
        ({"input": {"name": "picture"}}, "inputs image; .* says picture"),
        ({"input": {"numbers": {"num_tokens": 7}}}, "inputs image; .* says image, num_tokens"),
        ({"input": {"size": [70, 90]}}, "takes 96x72 pixels, its card makes 90x70"),
        ({"input": {"layout": "CHW"}}, "has 4 axes, the card's layout CHW has 3"),
        ({"output": {"kind": "points"}}, r"the shape \(1, 72, 96\): 3 numbers for each pixel"),
    ],
)
def test_a_model_that_is_not_what_its_card_says_is_refused(
    run: Run, changes: dict[str, Any], said: str
):
    with pytest.raises(InputError, match=said):
        run({"depth": room()[None]}, **changes)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path):
    path = write_card(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(InputError, match="cannot be loaded"):
        Session(read_card(path), tmp_path / "model.onnx")


def test_a_device_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = write_model(tmp_path, {"depth": room()})
    promised = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: promised)
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        session = Session(read_card(write_card(tmp_path)), folder / "model.onnx")
    assert session.device == ("CPU", "CUDA did not start")


def test_without_onnxruntime_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(MissingPartError, match="onnxruntime not installed") as caught:
        run({"depth": room()})
    assert caught.value.hint == "pip install 'maquette[onnx]'"


def test_a_model_that_runs_long_is_cancelled(tmp_path: Path):
    folder = write_endless_model(tmp_path)
    session = Session(read_card(folder / "card.toml"), folder / "model.onnx")
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        session.run(
            np.zeros((HEIGHT, WIDTH, 3), np.uint8), Progress(is_cancelled=lambda: next(asked))
        )


# From the command line.


def test_several_photos_are_refused_before_any_model_is_looked_for(tmp_path: Path, view: View):
    options = ReconstructOptions(engine="onnx", model=tmp_path / "nowhere")
    with pytest.raises(InputError, match="one photo, and 2 were given"):
        load_engine("onnx").reconstruct(
            (view, view), options, Workspace(tmp_path / "work"), Progress()
        )


@pytest.mark.parametrize("asked", [{"refine": True}, {"cameras": Path("somewhere")}])
def test_options_that_one_photo_has_no_use_for_are_refused(
    tmp_path: Path, view: View, asked: dict[str, Any]
):
    options = ReconstructOptions(engine="onnx", **asked)
    with pytest.raises(InputError, match="camera"):
        load_engine("onnx").reconstruct((view,), options, Workspace(tmp_path), Progress())


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_without_weights_the_command_says_what_is_missing_how_large_and_how_to_get_it(
    view: View, empty_cache: Path, capsys: pytest.CaptureFixture[str]
):
    out = view.path.parent / "scene"
    assert main(["reconstruct", str(view.path), "-o", str(out), "--engine", "onnx"]) == 2
    said = capsys.readouterr().err
    assert "MoGe-2 Small are not here: 140.9 MB, MIT" in said
    assert "maquette models pull moge-2-small" in said
    assert left_behind(out) == []
    assert main(["models", "verify", "depth-pro"]) == 2
    assert "1.9 GB, Apple AMLR" in capsys.readouterr().err


def test_a_model_without_its_engine_is_refused_and_not_left_unused(
    view: View, capsys: pytest.CaptureFixture[str]
):
    out = view.path.parent / "scene"
    command = ["reconstruct", str(view.path), "-o", str(out), "--model", "moge-2-small"]
    assert main(command) == 2
    assert "classical uses no model" in capsys.readouterr().err


def test_a_photo_becomes_a_scene_by_a_model_in_the_cache_under_its_published_card(
    view: View, empty_cache: Path, capsys: pytest.CaptureFixture[str]
):
    name = "moge-2-small"
    points = points_of(room()) - np.array([0, 0, 1.7], np.float32)
    ones = np.ones((1, HEIGHT, WIDTH))
    home = cached_folder(MODELS[name])
    snapshot = write_moge(home / "snapshots" / "abc", points[None], ones)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    assert main(["models", "verify", name]) == 0
    assert "as its card says" in capsys.readouterr().out
    out = view.path.parent / "scene"
    command = ["reconstruct", str(view.path), "-o", str(out), "--engine", "onnx", "--model", name]
    assert main([*command, "--quality", "draft", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["registered"] == 1
    assert answer["trust"] == "unsure"
    assert not answer["metric"]
    scene = json.loads((out / "scene.json").read_text())
    camera = scene["cameras"][0]
    assert camera["K"][0][0] == pytest.approx(5 * FOCAL_PX, rel=1e-2)
    assert (out / camera["image"]).is_file()  # Blender shows it behind the camera
    assert main(["models", "remove", name, "--yes"]) == 0
    assert not snapshot.exists()


def write_moge(folder: Path, points: np.ndarray, mask: np.ndarray) -> Path:
    """A graph with the names and free sizes of the published one; its points are for one size."""
    write_model(folder, {"points": points, "mask": mask, "metric_scale": [2.0]}, ("h", "w"))
    model = onnx.load(folder / "model.onnx")
    tokens = onnx.helper.make_tensor_value_info("num_tokens", onnx.TensorProto.INT64, [])
    model.graph.input.append(tokens)
    onnx.save(model, folder / "model.onnx")
    return folder
