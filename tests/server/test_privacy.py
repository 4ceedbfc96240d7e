"""Logs for a bug report: what programs print of paths, and what is left of it."""

import sys
from pathlib import Path

import pytest

import maquette
from maquette.server.privacy import shorten

STORE = Path("/data/store of Anna")


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("Cannot read /media/usb/holiday/a.jpg: no picture", "Cannot read …/a.jpg: no picture"),
        ("No such file: '/media/usb disk/holiday 2/p.jpg'", "No such file: '…/p.jpg'"),
        (r"C:\Users\anna\Pictures\a.jpg is damaged", "…/a.jpg is damaged"),
        (f"{STORE}/jobs/1/result", "<store>/jobs/1/result"),
        ("/srv/Anna's photos/b.jpg was left out", "…/b.jpg was left out"),
        (
            f'File "{Path(maquette.__file__).parent}/api.py", line 3',
            'File "<maquette>/api.py", line 3',
        ),
        ("3/4 of the photos, and/or http://example.org/a/b", None),
        ("2026-11-25 03:03:28 ready at tcp://127.0.0.1:45865", None),
    ],
)
def test_what_is_left_of_a_line(text: str, shortened: str | None) -> None:
    assert shorten(text, {STORE: "<store>"}, ["/srv/Anna's photos/b.jpg"]) == (shortened or text)


def test_the_home_folder_becomes_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setenv("USERPROFILE", "/home/anna")
    if sys.platform == "win32":
        pytest.skip("paths are written otherwise there")
    assert shorten("/home/anna/room /home/annabel/x", {}) == "~/room …/x"
