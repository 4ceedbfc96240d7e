"""The Python interface: names, progress that never falls, stopping, going on, and the example."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

import maquette
from maquette.progress import ProgressEvent
from maquette_protocol.errors import Cancelled, InputError, NoReconstructionError


def test_the_public_names_are_these() -> None:
    expected = {"ReconstructOptions", "Scene", "__version__", "open_scene", "reconstruct"}
    assert set(maquette.__all__) == expected
    for name in expected:
        assert getattr(maquette, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'rebuild'"):
        maquette.rebuild  # noqa: B018  (it is the access that must fail)


def test_importing_maquette_costs_nothing() -> None:
    code = "import maquette, sys; print([m for m in ('numpy', 'cv2', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_stopped_by_the_listener_it_goes_on_after_the_last_finished_stage(
    office_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAQUETTE_CACHE", str(tmp_path / "cache"))
    photos = sorted(office_photos.glob("*.jpg"))[:4]
    options = maquette.ReconstructOptions(quality="draft", report=False)

    def stop_at_depth(event: ProgressEvent) -> None:
        if event.stage == "Measuring depth" and event.stage_done > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        maquette.reconstruct(photos, options, on_progress=stop_at_depth)
    kept = {file.stem: file.stat().st_mtime_ns for file in tmp_path.rglob("*.safetensors")}
    assert set(kept) == {"photos", "cameras"}

    events: list[ProgressEvent] = []
    scene = maquette.reconstruct(photos, options, on_progress=events.append)
    for file in tmp_path.rglob("*.safetensors"):
        assert kept.get(file.stem, file.stat().st_mtime_ns) == file.stat().st_mtime_ns
    done = [event.done for event in events]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)
    stages = list(dict.fromkeys(event.stage for event in events))
    assert stages[0] == "Reading photos"
    assert stages[-1] == "Writing the scene"
    assert len(scene.document.cameras) == 4
    scene.save(tmp_path / "room")
    assert not (tmp_path / "room" / "report.html").exists()
    assert len(maquette.open_scene(tmp_path / "room").document.cameras) == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (maquette.ReconstructOptions(engine="magic"), "magic"),
        (maquette.ReconstructOptions(known=("a b c",)), "a b c"),
    ],
    ids=["engine", "known"],
)
def test_options_that_cannot_be_are_refused_at_once(
    options: maquette.ReconstructOptions, words: str, office_photos: Path
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        maquette.reconstruct(office_photos, options)
    assert caught.value.hint


def test_one_photo_says_what_to_do(office_photos: Path) -> None:
    with pytest.raises(NoReconstructionError) as caught:
        maquette.reconstruct(office_photos / "img_00.jpg")
    assert "Add at least one more photo" in caught.value.hint


@pytest.mark.slow
def test_the_first_example_runs(office_photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in sorted(office_photos.glob("*.jpg"))[:4]:
        (folder / photo.name).symlink_to(photo)
    example = ROOT / "examples" / "01_reconstruct.py"
    done = subprocess.run(
        [sys.executable, str(example), str(folder), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "4 cameras, 1 objects" in done.stdout
    assert (tmp_path / "out" / "scene.json").is_file()
    assert (tmp_path / "out.glb").stat().st_size > 10_000
