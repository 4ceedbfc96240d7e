"""The command line as the contract has it: answers, exit statuses, messages, nothing half-written."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support import BLENDER, MAQUETTE, OfficeScene, left_behind, maquette

from maquette.jobs.foreground import remove_partial

STOPS_WITHIN_S = 5.0


def write_noise(path: Path, seed: int) -> None:
    """A sharp photo that shares nothing with those of other seeds."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (24, 32, 3), np.uint8)
    picture = cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)
    path.write_bytes(cv2.imencode(path.suffix, picture)[1].tobytes())


def test_help_answers_at_once_without_heavy_imports() -> None:
    code = "import sys; from maquette.cli.main import build_parser; build_parser(); "
    code += "print([m for m in ('numpy', 'cv2', 'numba', 'pycolmap', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_reconstruction_answers_with_the_contracts_object(office: OfficeScene) -> None:
    answer = office.answer
    assert answer["scene"] == str(office.folder)
    assert answer["registered"] == len(office.photos)
    assert answer["photos"] == len(office.photos) + len(office.left_out)
    assert answer["trust"] in ("trusted", "unsure")
    assert answer["metric"] is False
    assert answer["triangles"] > 5000
    assert {"photos", "cameras", "depth", "surface", "texture"} <= set(answer["seconds"])
    for name in office.left_out:
        assert any(name in warning for warning in answer["warnings"])


def test_the_scene_folder_holds_what_the_contract_names(office: OfficeScene) -> None:
    out = office.folder
    for name in ("scene.json", "arrays.safetensors", "report.html", "sparse/cameras.txt"):
        assert (out / name).is_file(), name
    document = json.loads((out / "scene.json").read_text())
    assert document["format"] == "maquette-scene"
    stems = {Path(camera["image"]).stem for camera in document["cameras"]}
    assert stems == {Path(name).stem for name in office.photos}
    for stem in stems:
        with np.load(out / "depth" / f"{stem}.npz") as arrays:
            assert arrays["depth"].dtype == np.float32
            assert arrays["confidence"].shape == arrays["depth"].shape
            assert 0 <= arrays["confidence"].min() <= arrays["confidence"].max() <= 1
            assert (arrays["depth"] > 0).mean() > 0.5


def test_nothing_is_left_in_the_cache_or_beside_the_scene_after_success(
    office: OfficeScene,
) -> None:
    assert [file for file in office.cache.rglob("*") if file.is_file()] == []
    assert left_behind(office.folder) == [office.folder.name]


def test_a_scene_exports_to_a_file_by_its_scene_json(office: OfficeScene, tmp_path: Path) -> None:
    target = tmp_path / "neu" / "ein Büro.glb"
    done = maquette("export", office.folder / "scene.json", "-o", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(target)
    assert target.stat().st_size > 10_000


# What cannot be used.


def give_nothing(folder: Path) -> list[Path]:
    return [folder]


def give_a_missing_path(folder: Path) -> list[Path]:
    return [folder / "nowhere"]


def give_one_photo(folder: Path) -> list[Path]:
    write_noise(folder / "one.png", 1)
    return [folder]


def give_black_photos(folder: Path) -> list[Path]:
    for number in range(3):
        Image.new("RGB", (640, 480)).save(folder / f"black{number}.png")
    return [folder]


def give_unrelated_photos(folder: Path) -> list[Path]:
    for number in range(4):
        write_noise(folder / f"unrelated{number}.jpg", 10 + number)
    return [folder]


def give_truncated_photos(folder: Path) -> list[Path]:
    for number in range(3):
        path = folder / f"cut{number}.jpg"
        write_noise(path, 20 + number)
        path.write_bytes(path.read_bytes()[: 600 + 9000 * number])
    return [folder]


def give_text_named_jpg(folder: Path) -> list[Path]:
    (folder / "text.jpg").write_text("this is no photo")
    return [folder / "text.jpg"]


def give_a_photo_that_claims_two_gigapixels(folder: Path) -> list[Path]:
    """A PNG of a few bytes whose header promises 50000 x 40000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 40_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        data += struct.pack(">I", len(body)) + kind + body
        data += struct.pack(">I", zlib.crc32(kind + body))
    (folder / "bomb.png").write_bytes(data)
    return [folder]


@pytest.mark.parametrize(
    ("give", "status", "words"),
    [
        (give_nothing, 2, "no photos in the folder"),
        (give_a_missing_path, 2, "does not exist"),
        (give_one_photo, 3, "Only one photo"),
        (give_black_photos, 2, "black"),
        (give_unrelated_photos, 3, ""),
        (give_truncated_photos, 2, "cut short"),
        (give_text_named_jpg, 2, "no picture"),
        (give_a_photo_that_claims_two_gigapixels, 2, "megapixels"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_bad_input_ends_in_a_clear_message_and_nothing_written(
    give: Callable[[Path], list[Path]], status: int, words: str, tmp_path: Path
) -> None:
    folder = tmp_path / "Fotos für 厨房"
    folder.mkdir()
    out = tmp_path / "die Szene"
    done = maquette("reconstruct", *give(folder), "-o", out, "--json")
    assert done.returncode == status, done.stderr
    assert "maquette: " in done.stderr
    assert "→" in done.stderr, "no hint what to do"
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["hint"]
    assert error["message"] in done.stderr
    assert left_behind(out) == []


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory the POSIX way")
def test_a_photo_of_200_megapixels_is_taken_in_with_bounded_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (100, 200), np.uint8)
    Image.fromarray(coarse.repeat(100, axis=0).repeat(100, axis=1)).save(tmp_path / "huge.jpg")
    (tmp_path / "text.jpg").write_text("no photo")
    # the peak of all the command's processes, in MB
    code = (
        "import resource, subprocess, sys; status = subprocess.run(sys.argv[1:]).returncode; "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024); sys.exit(status)"
    )
    command = [*MAQUETTE, "reconstruct", str(tmp_path), "-o", str(tmp_path / "scene")]
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True)
    # it is usable: what ends this is that it is alone
    assert done.returncode == 3, done.stderr
    assert "Only one photo can be used: huge.jpg" in done.stderr
    unit = 1024 if sys.platform == "darwin" else 1  # bytes there, kB elsewhere
    assert int(done.stdout) / unit < 1000
    assert left_behind(tmp_path / "scene") == []


# Where nothing can be written.


@pytest.mark.parametrize("name", ["/proc/scene", "FILE/scene", "FILE"])
def test_an_unwritable_target_is_said_before_any_work(
    name: str, office_photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("a file")
    target = name.replace("FILE", str(tmp_path / "notes.txt"))
    done = maquette("reconstruct", office_photos, "-o", target, timeout=30)
    assert done.returncode == 2
    assert target.removesuffix("/scene") in done.stderr
    assert "→" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_read_only_folder_is_said_before_any_work(office_photos: Path, tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir(mode=0o555)
    if os.access(tmp_path / "shelf", os.W_OK):
        pytest.skip("this user may write everywhere")
    done = maquette("reconstruct", office_photos, "-o", tmp_path / "shelf" / "scene", timeout=30)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr


def test_a_folder_with_other_things_is_never_overwritten(
    office_photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    done = maquette("reconstruct", office_photos, "-o", tmp_path / "thesis", timeout=30)
    assert done.returncode == 2
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(mount)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        yield mount
    finally:
        subprocess.run(["umount", str(mount)], check=False)


@pytest.mark.parametrize("name", ["room.glb", "room.obj", "room.usdz", "colmap", "room.blend"])
def test_an_export_to_a_full_disk_says_so_and_leaves_nothing(
    name: str, office: OfficeScene, small_disk: Path
) -> None:
    if name == "room.blend" and not BLENDER.exists():
        pytest.skip("no Blender here: make blender")
    form = ["--format", "colmap"] if name == "colmap" else []
    done = maquette("export", office.folder, "-o", small_disk / name, *form)
    assert done.returncode == 2, done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(small_disk.iterdir()) == []


def test_a_full_cache_disk_is_said_in_words(
    office_photos: Path, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAQUETTE_CACHE", str(small_disk))
    photos = sorted(office_photos.glob("*.jpg"))[:3]
    done = maquette("reconstruct", *photos, "-o", tmp_path / "scene", "--quality", "draft")
    assert done.returncode == 2, done.stderr
    assert "full" in done.stderr
    assert left_behind(tmp_path / "scene") == []


# Ctrl-C.


STAGES = {  # words on stderr → what the stages before it have finished
    "Reading photos": set(),
    "Finding the cameras": {"photos"},
    "Measuring depth": {"photos", "cameras"},
    "Building the surface": {"photos", "cameras", "depth"},
    "Texturing": {"photos", "cameras", "depth", "surface"},
    "Writing the scene": {"photos", "cameras", "depth", "surface", "texture"},
}


def interrupt_at(words: str, command: list[str]) -> tuple[int, float]:
    """(exit status, seconds from Ctrl-C to the end) of a run interrupted when `words` appear on stderr."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        assert any(words in line for line in process.stderr), f"never reached {words!r}"
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    return process.wait(), time.monotonic() - asked


def finished_stages(cache: Path) -> dict[str, int]:
    """Stage → when its result was written."""
    return {file.stem: file.stat().st_mtime_ns for file in cache.glob("jobs/*/*.safetensors")}


def limit_files_to_1_mb() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))


@pytest.mark.slow
def test_interrupted_in_every_stage_it_stops_and_then_goes_on_to_the_end(
    office_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAQUETTE_CACHE", str(tmp_path / "cache"))
    out = tmp_path / "out" / "scene"
    photos = sorted(office_photos.glob("*.jpg"))[:5]
    command = [*MAQUETTE, "reconstruct", *map(str, photos), "-o", str(out), "--quality", "draft"]
    kept: dict[str, int] = {}
    for words, before in STAGES.items():
        status, seconds = interrupt_at(words, command)
        assert status == 130, words
        assert seconds < STOPS_WITHIN_S, words
        assert left_behind(out) == [], words
        found = finished_stages(tmp_path / "cache")
        assert before <= set(found), words
        assert kept.items() <= found.items(), f"computed again before {words!r}"
        kept = found
    if os.name == "posix":  # as on a full disk: what is to be written does not fit
        done = subprocess.run(
            command, capture_output=True, text=True, preexec_fn=limit_files_to_1_mb
        )
        assert done.returncode == 2, done.stderr
        assert "Cannot write" in done.stderr
        assert "Traceback" not in done.stderr
        assert left_behind(out) == []
    began = time.monotonic()
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    computing = json.loads(done.stdout)["seconds"]
    assert time.monotonic() - began < sum(computing.values())
    assert left_behind(out) == ["scene"]
    assert (out / "scene.json").is_file()
    assert finished_stages(tmp_path / "cache") == {}


def direct_children(pid: int) -> list[int]:
    """The processes that one began, by /proc."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def children_of(pid: int) -> set[int]:
    """All processes below one."""
    direct = direct_children(pid)
    return set(direct).union(*map(children_of, direct))


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    ("whom", "how", "status"),
    [
        ("command", signal.SIGTERM, 130),
        ("command", signal.SIGKILL, -signal.SIGKILL),
        ("job", signal.SIGKILL, 1),
    ],
)
def test_however_it_dies_no_process_and_no_file_is_left(
    whom: str, how: signal.Signals, status: int, office_photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scene"
    photos = sorted(office_photos.glob("*.jpg"))[8:12]
    command = [*MAQUETTE, "reconstruct", *map(str, photos), "-o", str(out), "--quality", "draft"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process.stderr:
        assert any("Finding the cameras" in line for line in process.stderr)
        (job,) = direct_children(process.pid)
        deadline = time.monotonic() + 60
        while not children_of(job) and time.monotonic() < deadline:  # COLMAP has its own
            time.sleep(0.05)
        below = children_of(process.pid)
        assert len(below) >= 2
        os.kill(process.pid if whom == "command" else job, how)
        told = process.stderr.read()
    assert process.wait() == status
    if whom == "job":
        assert "system ended the job" in told
        assert "→" in told
    deadline = time.monotonic() + STOPS_WITHIN_S
    while any(map(is_running, below)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in below if is_running(pid)]
    assert left_behind(out) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "usage"),
        (["reconstruct"], "PHOTOS"),
        (["reconstruct", "x", "-o", "y", "--quality", "best"], "draft"),
        (["export", "nowhere", "-o", "room.glb"], "no scene at nowhere"),
        (["reconstruct", "examples", "-o", "y", "--engine", "magic"], "magic"),
        (["reconstruct", "examples", "-o", "y", "--known", "a b"], "a.jpg:x,y"),
    ],
)
def test_a_command_that_cannot_be_is_answered_with_what_can(
    arguments: list[str], words: str, office_photos: Path, tmp_path: Path
) -> None:
    given = [str(office_photos) if text == "examples" else text for text in arguments]
    done = subprocess.run([*MAQUETTE, *given], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_what_is_there(tmp_path: Path) -> None:
    done = maquette("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("numpy", "pycolmap", "blender"):
        assert words in done.stdout


def test_a_killed_job_leaves_nothing_and_gives_a_scene_back_that_it_had_set_aside(
    tmp_path: Path,
) -> None:
    for name in (".room[1].7.partial", ".room[1].7.partial-old", ".other.7.partial"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scene.json").write_text(name)
    (tmp_path / ".room.glb.8.partial").mkdir()
    remove_partial(tmp_path / "room[1]")
    remove_partial(tmp_path / "room.glb")
    assert {path.name for path in tmp_path.iterdir()} == {"room[1]", ".other.7.partial"}
    assert (tmp_path / "room[1]" / "scene.json").read_text() == ".room[1].7.partial-old"
