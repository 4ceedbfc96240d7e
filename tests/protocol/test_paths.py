"""Paths from the other side stay inside their folder, whatever they say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette_protocol.errors import PathError
from maquette_protocol.paths import check_relative, inside, plain_name

BAD = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../outside",
    "a/../../outside",
    "a/..",
    "./a",
    "a//b",
    "a/",
    "C:/Windows",
    "C:evil",
    "\\\\host\\share",
    "a\\..\\b",
    "file:stream",
    "nul",
    "a/NUL.txt",
    "COM1",
    "lpt9.tar.gz",
    "Aux .jpg",
    "con",
    "trailing.",
    "trailing ",
    "a\0b",
    "a\nb",
    "a\x7fb",
    "x" * 256,
    "/".join("abcdefghijklmnopq"),
    "ä" * 200,
]


@pytest.mark.parametrize("path", BAD)
def test_a_path_that_leaves_its_folder_or_is_no_file_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        check_relative(path)


@pytest.mark.parametrize(
    "path", ["a", "a/b.jpg", "Büro, zweite Fassung/IMG 0001.JPG", ".hidden", "console.txt", "a..b"]
)
def test_a_plain_path_is_taken(path: str) -> None:
    assert check_relative(path).as_posix() == path


@given(path=st.text(max_size=40))
def test_whatever_is_taken_is_below_the_folder(path: str) -> None:
    try:
        place = Path("/base/folder").joinpath(check_relative(path)).resolve()
    except PathError:
        return
    assert place.is_relative_to("/base/folder")
    assert place != Path("/base/folder")


@given(name=st.text(min_size=1, max_size=300))
def test_every_photo_gets_a_name_that_is_taken(name: str) -> None:
    check_relative(plain_name(name.replace("/", "_")))


@pytest.mark.parametrize("name", ["IMG_1.jpg", "Büro 2.png"])
def test_a_good_name_stays_as_it_is(name: str) -> None:
    assert plain_name(name) == name


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for one in (folder, outside):
        one.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "link").symlink_to(outside)
    (folder / "file").symlink_to(outside / "secret.txt")
    for path in ("link/secret.txt", "file", "link"):
        with pytest.raises(PathError, match="link"):
            inside(folder, path)
    assert inside(folder, "new/file.txt") == folder / "new" / "file.txt"


def test_a_folder_that_is_itself_reached_by_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "real")
    assert inside(tmp_path / "store", "a.txt") == tmp_path / "store" / "a.txt"
