"""A running server, small photos and a small scene for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from backends import Backend, backend_in
from PIL import Image
from support import maquette


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    """A server of its own for the test."""
    with backend_in(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def small_photos(office_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three office photos, reduced: the quickest real job."""
    folder = tmp_path_factory.mktemp("small photos")
    photos = []
    for path in sorted(office_photos.glob("*.jpg"))[:3]:
        with Image.open(path) as photo:
            photo.thumbnail((400, 400))
            photo.save(folder / path.name, quality=92)
        photos.append(folder / path.name)
    return photos


@pytest.fixture(scope="session")
def small_scene(small_photos: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What they become; no test may change it."""
    out = tmp_path_factory.mktemp("scene") / "a small room"
    done = maquette("reconstruct", *small_photos, "-o", out, "--quality", "draft")
    assert done.returncode == 0, done.stderr
    return out
