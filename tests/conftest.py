"""What all tests share: an own cache folder, where the photos are, and one finished scene."""

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import NASTY_NAME, ROOT, OfficeScene, maquette

# they run in Blender's Python, by a second pytest: `make test` calls both
collect_ignore = [] if importlib.util.find_spec("bpy") else ["blender"]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves anything in the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("OMP_WAIT_POLICY", "passive")  # threads that spin while they wait cost double
        yield


@pytest.fixture(scope="session")
def office_photos() -> Path:
    """The folder with the office photos that ship with Maquette."""
    return ROOT / "examples" / "office_desk"


@pytest.fixture(scope="session")
def office(
    _own_cache: None, office_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> OfficeScene:
    """A draft of eight office photos and two bad files, by the command line, from a path with umlauts."""
    folder = tmp_path_factory.mktemp("job") / "Büro, zweite Fassung"
    folder.mkdir()
    good = sorted(office_photos.glob("*.jpg"))[:8]
    for photo in good:
        (folder / photo.name).symlink_to(photo)
    (folder / NASTY_NAME).write_text("no picture at all")
    (folder / "cut short.jpg").write_bytes(good[0].read_bytes()[:20_000])
    out = folder.parent / "die Szene"
    cache = folder.parent / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAQUETTE_CACHE", str(cache))
        done = maquette(
            "reconstruct", folder, "-o", out, "--quality", "draft", "--keep-depth", "--json"
        )
    assert done.returncode == 0, done.stderr
    return OfficeScene(
        folder=out,
        answer=json.loads(done.stdout),
        photos=tuple(photo.name for photo in good),
        left_out=(NASTY_NAME, "cut short.jpg"),
        cache=cache,
    )


@pytest.fixture(scope="session")
def tiny_g2vlm() -> Path:
    """A folder with a tiny G²VLM of random weights: what it gives is noise, but all of its parts run."""
    pytest.importorskip("torch", reason="the extra g2vlm is not installed")
    named = os.environ.get("MAQUETTE_G2VLM_FIXTURES")
    folder = Path(named) if named else ROOT.parent / "shared" / "fixtures" / "g2vlm"
    if not (folder / "model.safetensors").is_file():
        pytest.skip(f"no tiny model in {folder} (MAQUETTE_G2VLM_FIXTURES names another folder)")
    return folder
