"""The command line as the contract has it: answers, exit statuses, messages, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

MAQUETTE = [sys.executable, "-m", "maquette.cli.main"]


def maquette(*arguments: str | Path, timeout: float = 500) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*MAQUETTE, *map(str, arguments)], capture_output=True, text=True, timeout=timeout
    )


def left_behind(out: Path) -> list[str]:
    """What a failed run left at or beside its target."""
    return [p.name for p in out.parent.iterdir() if p.name.lstrip(".").startswith(out.name)]


def write_noise(path: Path, seed: int) -> None:
    """A sharp photo that shares nothing with those of other seeds."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (24, 32, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC))


@pytest.fixture(scope="module")
def office_scene(
    office_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object]]:
    """A draft of ten office photos, made by the command line from a path with spaces and umlauts."""
    folder = tmp_path_factory.mktemp("job") / "Büro, zweite Fassung"
    folder.mkdir()
    for photo in sorted(office_photos.glob("*.jpg"))[:10]:
        (folder / photo.name).symlink_to(photo)
    out = folder.parent / "die Szene"
    done = maquette(
        "reconstruct", folder, "-o", out, "--quality", "draft", "--keep-depth", "--json"
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return out, answer


def test_help_answers_at_once_without_heavy_imports() -> None:
    code = "import sys; from maquette.cli.main import build_parser; build_parser(); "
    code += "print([m for m in ('numpy', 'cv2', 'numba', 'pycolmap', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reconstruction_answers_with_the_contracts_object(
    office_scene: tuple[Path, dict[str, object]],
) -> None:
    out, answer = office_scene
    assert answer["scene"] == str(out)
    assert answer["registered"] == 10
    assert answer["photos"] == 10
    assert answer["trust"] in ("trusted", "unsure")
    assert answer["metric"] is False
    assert int(str(answer["triangles"])) > 5000
    seconds = answer["seconds"]
    assert isinstance(seconds, dict)
    assert {"photos", "cameras", "depth", "surface", "texture"} <= set(seconds)


def test_the_scene_folder_holds_what_the_contract_names(
    office_scene: tuple[Path, dict[str, object]],
) -> None:
    out, _ = office_scene
    for name in ("scene.json", "arrays.safetensors", "report.html", "sparse/cameras.txt"):
        assert (out / name).is_file(), name
    document = json.loads((out / "scene.json").read_text())
    assert document["format"] == "maquette-scene"
    stems = {Path(camera["image"]).stem for camera in document["cameras"]}
    assert stems == {f"img_{i:02d}" for i in range(10)}
    for stem in stems:
        with np.load(out / "depth" / f"{stem}.npz") as arrays:
            assert arrays["depth"].dtype == np.float32
            assert arrays["confidence"].shape == arrays["depth"].shape
            assert (arrays["depth"] > 0).mean() > 0.5


def test_nothing_is_left_in_the_cache_after_success(
    office_scene: tuple[Path, dict[str, object]],
) -> None:
    jobs = Path(os.environ["MAQUETTE_CACHE"]) / "jobs"
    assert not any((folder / "texture.safetensors").exists() for folder in jobs.glob("*"))


@pytest.mark.parametrize("suffix", [".glb", ".ply", ".obj", ".usda", ".usdz"])
def test_a_scene_exports_to_a_file(
    office_scene: tuple[Path, dict[str, object]], suffix: str, tmp_path: Path
) -> None:
    out, _ = office_scene
    target = tmp_path / f"ein Büro{suffix}"
    done = maquette("export", out, "-o", target)
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > 10_000


def bad_inputs(folder: Path) -> dict[str, tuple[list[Path], int]]:
    """Name → (what is given, the exit status that it must end with)."""
    folder.mkdir()
    empty = folder / "empty"
    empty.mkdir()
    one = folder / "one.png"
    write_noise(one, 1)
    text = folder / "text.jpg"
    text.write_text("this is no photo")
    whole = folder / "whole.jpg"
    write_noise(whole, 2)
    cut = folder / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:900])
    black = [folder / f"black{i}.png" for i in range(3)]
    for path in black:
        cv2.imwrite(str(path), np.zeros((480, 640, 3), np.uint8))
    unrelated = [folder / f"unrelated{i}.png" for i in range(4)]
    for i, path in enumerate(unrelated):
        write_noise(path, 10 + i)
    return {
        "zero photos": ([empty], 2),
        "a path that is not there": ([folder / "nowhere"], 2),
        "one photo": ([one], 3),
        "all black": (black, 2),
        "unrelated photos": (unrelated, 3),
        "truncated files": ([cut, text], 2),
        "a text file named .jpg": ([text], 2),
    }


@pytest.mark.parametrize(
    "case",
    [
        "zero photos",
        "a path that is not there",
        "one photo",
        "all black",
        "unrelated photos",
        "truncated files",
        "a text file named .jpg",
    ],
)
def test_bad_input_ends_in_a_clear_message_and_nothing_written(case: str, tmp_path: Path) -> None:
    given, status = bad_inputs(tmp_path / "in")[case]
    out = tmp_path / "scene"
    done = maquette("reconstruct", *given, "-o", out, "--json")
    assert done.returncode == status, done.stderr
    assert "→" in done.stderr, "no hint what to do"
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["hint"]
    assert left_behind(out) == []


def test_an_unwritable_target_is_said_before_any_work(office_photos: Path) -> None:
    done = maquette("reconstruct", office_photos, "-o", "/proc/scene", timeout=30)
    assert done.returncode == 2
    assert "/proc" in done.stderr


def test_a_folder_with_other_things_is_never_overwritten(
    office_photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    done = maquette("reconstruct", office_photos, "-o", tmp_path / "thesis", timeout=30)
    assert done.returncode == 2
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def wait_for_stage(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"never reached {words!r}")


def test_interrupted_in_every_stage_it_stops_and_then_goes_on_to_the_end(
    office_photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scene"
    photos = sorted(office_photos.glob("*.jpg"))[:5]
    command = [*MAQUETTE, "reconstruct", *map(str, photos), "-o", str(out), "--quality", "draft"]
    stages = ("Reading photos", "Finding the cameras", "Measuring depth", "Building the surface")
    for words in (*stages, "Texturing", "Writing the scene"):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_for_stage(process, words)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        process.stderr.read()
        process.stderr.close()
        assert process.wait() == 130, words
        assert left_behind(out) == [], words
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (out / "scene.json").is_file()


def test_a_full_disk_is_said_in_words(tmp_path: Path, office_photos: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        photos = sorted(office_photos.glob("*.jpg"))[:4]
        done = maquette("reconstruct", *photos, "-o", mount / "scene", "--quality", "draft")
        assert done.returncode == 2, done.stderr
        assert "full" in done.stderr
        assert list(mount.iterdir()) == []
    finally:
        subprocess.run(["umount", str(mount)], check=False)
