"""Cameras from real photos by the real child process; evidence that tells right models from bent ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from maquette.engines.classical import cameras as camera_module
from maquette.engines.classical.cameras import CameraOptions, CameraSolution, estimate_cameras
from maquette.engines.classical.evidence import (
    Model,
    Pairs,
    agreement,
    confirmed,
    judge,
    support,
)
from maquette.engines.g2vlm.refining import refine
from maquette.engines.g2vlm.windows import join
from maquette.photos import PhotoOptions, load_photos
from maquette.progress import Progress
from maquette.types import Camera, DepthMap, FloatArray, Reconstruction, SparsePoints, View
from maquette_protocol.errors import CrashError, NoReconstructionError

LONG_SIDE_PX = 960.0


def views_of(photos: list[Path], workdir: Path) -> tuple[View, ...]:
    return load_photos(photos, workdir, PhotoOptions(), Progress()).views


def solve(photos: list[Path], workdir: Path) -> CameraSolution:
    options = CameraOptions.for_quality("draft")
    return estimate_cameras(views_of(photos, workdir), workdir, options, Progress())


@dataclass(frozen=True, kw_only=True)
class Solved:
    """Six office photos' cameras, with the models and matches behind them."""

    solution: CameraSolution
    model: Model  # the one that was mapped incrementally
    others: list[Model]
    pairs: Pairs

    def level(self, model: Model) -> str:
        return judge(model, self.pairs, self.others, LONG_SIDE_PX).level


@pytest.fixture(scope="module")
def solved(
    _own_cache: None, office_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Solved:
    workdir = tmp_path_factory.mktemp("cameras")
    solution = solve(sorted(office_photos.glob("*.jpg"))[:6], workdir)
    models = [Model.read(path) for path in sorted((workdir / "sfm" / "models").glob("*plain*"))]
    model = next(model for model in models if model.label.startswith("incremental_plain_"))
    return Solved(
        solution=solution,
        model=model,
        others=[other for other in models if other is not model],
        pairs=Pairs.read(workdir / "sfm" / "pairs.npz"),
    )


def turned(model: Model, rows: list[int], degrees: float) -> Model:
    """The model with some cameras turned about their own y axis, standing where they stood."""
    turn = cv2.Rodrigues(np.array([0.0, np.radians(degrees), 0.0]))[0]
    bent: FloatArray = model.camera_from_world.copy()
    bent[rows] = turn @ bent[rows]
    return replace(model, camera_from_world=bent)


def test_given_office_photos_when_solved_then_all_have_cameras_and_are_trusted(
    solved: Solved,
) -> None:
    reconstruction = solved.solution.reconstruction
    assert len(reconstruction.cameras) == 6
    assert reconstruction.trust.level == "trusted"
    assert not reconstruction.trust.reasons
    assert not reconstruction.left_out
    assert [view.name for view in solved.solution.views] == [c.name for c in reconstruction.cameras]
    assert len(reconstruction.points.xyz) > 200


def test_given_a_right_model_when_judged_then_it_is_trusted(solved: Solved) -> None:
    assert solved.level(solved.model) == "trusted"
    assert support(solved.model, solved.pairs, LONG_SIDE_PX).contradiction < 0.05


def test_given_half_of_the_cameras_turned_when_judged_then_the_model_is_unsure(
    solved: Solved,
) -> None:
    bent = turned(solved.model, [0, 1, 2], 5.0)
    assert solved.level(bent) == "unsure"
    score = support(bent, solved.pairs, LONG_SIDE_PX).score
    assert score < 0.6 * support(solved.model, solved.pairs, LONG_SIDE_PX).score


def test_given_two_cameras_swapped_when_judged_then_the_model_is_unsure(solved: Solved) -> None:
    swapped = solved.model.camera_from_world.copy()
    swapped[[0, 4]] = swapped[[4, 0]]
    assert solved.level(replace(solved.model, camera_from_world=swapped)) == "unsure"


def test_given_no_other_solution_when_judged_then_the_model_is_unsure(solved: Solved) -> None:
    assert judge(solved.model, solved.pairs, [], LONG_SIDE_PX).level == "unsure"


@pytest.mark.parametrize(
    ("label", "is_confirmed"),
    [
        ("incremental_plain2_0", False),
        ("incremental_plain-guided3_0", False),
        ("global_plain_0", True),
        ("incremental_deep_0", True),
    ],
)
def test_given_a_model_twice_when_judged_then_only_another_mapper_or_features_confirm_it(
    solved: Solved, label: str, *, is_confirmed: bool
) -> None:
    assert solved.model.label == "incremental_plain_0"
    same = replace(solved.model, label=label)
    trust = judge(solved.model, solved.pairs, [same], LONG_SIDE_PX)
    assert (trust.level == "trusted") == is_confirmed


def test_given_another_focal_length_when_comparing_then_nothing_is_confirmed(
    solved: Solved,
) -> None:
    longer = solved.model.intrinsics * [1.5, 1.5, 1, 1, 1]
    other = replace(solved.model, intrinsics=longer, label="global_plain_0")
    assert confirmed(solved.model, [other], solved.pairs, LONG_SIDE_PX) is None


def test_given_one_camera_turned_when_comparing_then_the_other_photos_still_agree(
    solved: Solved,
) -> None:
    found = agreement(turned(solved.model, [3], 20.0), solved.model)
    assert found.names == set(solved.model.names) - {solved.model.names[3]}
    part = solved.model.only(set(found.names))
    assert len(part.names) == 5
    assert part.observations[:, 1].max() == 4
    assert np.bincount(part.observations[:, 0], minlength=len(part.xyz)).min() >= 2


def test_given_another_frame_and_scale_when_comparing_then_all_photos_agree(
    solved: Solved,
) -> None:
    model = solved.model
    turn = cv2.Rodrigues(np.array([0.3, -1.0, 0.5]))[0]
    moved = model.camera_from_world.copy()
    moved[:, :, :3] = moved[:, :, :3] @ turn
    centres = 3.0 * model.centres() @ turn + [1.0, 2.0, 3.0]
    moved[:, :, 3] = -np.einsum("nij,nj->ni", moved[:, :, :3], centres)
    found = agreement(model, replace(model, camera_from_world=moved))
    assert found.names == set(model.names)
    assert found.rotation_deg < 1e-3
    assert found.position < 1e-6


def test_given_two_photos_when_solved_then_both_have_cameras(
    office_photos: Path, tmp_path: Path
) -> None:
    reconstruction = solve(sorted(office_photos.glob("*.jpg"))[:2], tmp_path).reconstruction
    assert len(reconstruction.cameras) == 2
    assert reconstruction.warnings  # no EXIF: the focal length is a guess, and it says so


def test_given_unrelated_photos_when_solved_then_the_error_says_what_to_do(tmp_path: Path) -> None:
    photos = []
    for number in range(3):
        coarse = np.random.default_rng(number).integers(0, 255, (60, 80, 3)).astype(np.uint8)
        photos.append(tmp_path / f"{number}.png")
        cv2.imwrite(str(photos[-1]), cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC))
    with pytest.raises(NoReconstructionError) as raised:
        solve(photos, tmp_path / "work")
    assert "overlap" in raised.value.hint


def test_given_colmap_aborts_when_a_task_runs_then_it_is_an_error_and_the_program_goes_on() -> None:
    with pytest.raises(CrashError) as raised:
        camera_module._run_child({"task": "crash"}, Progress(), (0.0, 1.0))
    assert "crash" in str(raised.value)
    assert raised.value.hint


def as_a_network_sees(solved: Solved, count: int) -> Reconstruction:
    """The first cameras turned by 0.6°, moved by 2 % of their distance, 2 % off in focal length; depth of the
    triangulated points alone, of another scale in each view."""
    right = solved.solution.reconstruction
    points = right.points
    rng = np.random.default_rng(0)
    cameras, maps = [], {}
    for index, camera in enumerate(right.cameras[:count]):
        mine = points.observation_camera == index
        xy = points.observation_xy[mine].astype(int) // 4
        z = (points.xyz[points.observation_point[mine]] - camera.centre) @ camera.world_from_camera[
            :3, 2
        ]
        depth = np.zeros((camera.height // 4 + 1, camera.width // 4 + 1), np.float32)
        depth[xy[:, 1], xy[:, 0]] = z * (1.2 + 0.1 * index)
        pose = camera.world_from_camera.copy()
        pose[:3, :3] = pose[:3, :3] @ cv2.Rodrigues(rng.normal(size=3) * np.radians(0.6))[0]
        pose[:3, 3] += rng.normal(size=3) * 0.02 * np.median(z)
        K = camera.K * np.array([[1.02, 1, 1], [1, 1.02, 1], [1, 1, 1]])
        cameras.append(replace(camera, K=K, world_from_camera=pose))
        empty = np.zeros(depth.shape, bool)
        maps[camera.name] = DepthMap(depth=depth, confidence=np.ones_like(depth), filled=empty)
    return replace(right, cameras=tuple(cameras), depth=maps, points=sample_of_none())


def sample_of_none() -> SparsePoints:
    return SparsePoints(
        xyz=np.zeros((0, 3)),
        rgb=np.zeros((0, 3), np.uint8),
        error_px=np.zeros(0),
        observation_point=np.zeros(0, np.int32),
        observation_camera=np.zeros(0, np.int32),
        observation_xy=np.zeros((0, 2)),
    )


def test_a_networks_cameras_are_adjusted_to_the_photos_and_its_depth_to_their_scale(
    solved: Solved, tmp_path: Path
):
    right = solved.solution.reconstruction.cameras[:4]
    seen = as_a_network_sees(solved, 4)
    options = CameraOptions.for_quality("draft")
    refined = refine(seen, solved.solution.views[:4], tmp_path, options, Progress())

    def off(cameras: Sequence[Camera]) -> float:
        """Largest distance of a centre, or of a point ahead, from its true place; by one similarity."""
        reach = float(np.linalg.norm(right[0].centre - right[1].centre))

        def marks(of: Sequence[Camera]) -> FloatArray:
            ahead = [one.centre + reach * one.world_from_camera[:3, 2] for one in of]
            return np.stack([*(one.centre for one in of), *ahead])

        whole = join(marks(cameras), marks(right))
        moved = np.linalg.norm(whole.of_points(marks(cameras)) - marks(right), axis=1)
        return float(moved.max()) / reach

    assert refined.trust.evidence["adjusted_cameras"] == 4
    assert off(refined.cameras) < 0.2 * off(seen.cameras)
    assert len({float(camera.K[0, 0]) for camera in refined.cameras}) == 1, "one device, one lens"
    scales = []
    for index, camera in enumerate(refined.cameras):
        before, after = seen.depth[camera.name].depth, refined.depth[camera.name].depth
        ratio = float(np.median(after[before > 0] / before[before > 0]))
        scales.append(ratio * (1.2 + 0.1 * index))
    assert np.ptp(scales) < 0.03 * np.mean(scales), "all views have one scale now"
