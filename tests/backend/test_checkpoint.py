"""Stage results come back as they were, and nothing but known types is ever built."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette import checkpoint
from maquette.progress import Progress
from maquette.types import Camera, Gps, Reconstruction, SparsePoints, Trust, View
from maquette.workspace import Workspace
from maquette_protocol.errors import Cancelled, InputError

TYPES = (Camera, Gps, Reconstruction, SparsePoints, Trust, View)


def small_reconstruction() -> Reconstruction:
    rng = np.random.default_rng(0)
    camera = Camera(name="ä b.jpg", width=4, height=3, K=np.eye(3), world_from_camera=np.eye(4))
    points = SparsePoints(
        xyz=rng.normal(size=(0, 3)),
        rgb=np.zeros((0, 3), np.uint8),
        error_px=np.zeros(0),
        observation_point=np.zeros(0, np.int32),
        observation_camera=np.zeros(0, np.int32),
        observation_xy=np.zeros((0, 2)),
    )
    trust = Trust(level="unsure", reasons=("few points",), evidence={"points": 0.0})
    return Reconstruction(cameras=(camera,), points=points, trust=trust, engine="classical")


def test_a_reconstruction_with_empty_arrays_comes_back_equal(tmp_path: Path) -> None:
    value = small_reconstruction()
    checkpoint.save(tmp_path / "x.safetensors", (1.5, value))
    seconds, back = checkpoint.load(tmp_path / "x.safetensors", TYPES)
    assert seconds == 1.5
    assert back.cameras[0].name == "ä b.jpg"
    assert back.trust == value.trust
    assert back.points.xyz.shape == (0, 3)
    assert back.points.rgb.dtype == np.uint8
    np.testing.assert_array_equal(back.cameras[0].K, np.eye(3))


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(value=plain)
def test_plain_values_come_back_equal_even_with_keys_that_look_like_ours(
    value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("c") / "x.safetensors"
    checkpoint.save(path, value)
    assert checkpoint.load(path, ()) == value


@dataclass(frozen=True)
class Stranger:
    name: str


def test_a_type_that_the_reader_did_not_name_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "x.safetensors", Stranger("hello"))
    with pytest.raises(InputError, match="Stranger"):
        checkpoint.load(tmp_path / "x.safetensors", TYPES)


def test_a_finished_stage_is_not_computed_again_and_a_cancelled_one_is(tmp_path: Path) -> None:
    calls: list[str] = []

    def compute(progress: Progress) -> tuple[int, ...]:
        calls.append("computed")
        progress.update(0.5)
        return (1, 2)

    with pytest.raises(Cancelled):
        Workspace(tmp_path / "job").stage(
            "s", "S", (0, 1), Progress(is_cancelled=lambda: bool(calls)), compute, ()
        )
    for _ in range(2):
        result = Workspace(tmp_path / "job").stage("s", "S", (0, 1), Progress(), compute, ())
        assert result == (1, 2)
    assert calls == ["computed", "computed"]


def test_a_damaged_stage_file_is_computed_again(tmp_path: Path) -> None:
    (tmp_path / "s.safetensors").write_bytes(b"half a file")
    result = Workspace(tmp_path).stage("s", "S", (0, 1), Progress(), lambda progress: 7, ())
    assert result == 7
