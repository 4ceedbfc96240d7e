"""report.html: every photo, every reason, nothing from elsewhere, and no file name that becomes HTML."""

import html
import re
from html.parser import HTMLParser

import pytest
from support import NASTY_NAME, OfficeScene

LOADS = {"src", "href", "srcset", "data", "action", "poster", "background"}


class Page(HTMLParser):
    """Tags, the addresses that they load, and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in LOADS]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag in ("script", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text += data


@pytest.fixture(scope="module")
def source(office: OfficeScene) -> str:
    return (office.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_every_photo_is_shown_and_every_reason_told(page: Page, office: OfficeScene) -> None:
    for name in office.photos:
        assert re.search(rf"{re.escape(name)} · \d+ points", page.text), name
    for name in office.left_out:
        assert name in page.text
    assert "cut short" in page.text
    assert (
        f"{len(office.photos)} of {len(office.photos) + len(office.left_out)} photos" in page.text
    )
    assert page.tags.count("img") > 2 * len(office.photos)


def test_a_file_name_does_not_become_html(page: Page, source: str) -> None:
    assert page.handlers == []
    assert page.tags.count("script") == 1  # our own
    assert NASTY_NAME not in source
    assert html.escape(NASTY_NAME) in source


def test_nothing_is_loaded_from_elsewhere(page: Page, source: str) -> None:
    assert page.addresses
    assert all(address.startswith("data:image/") for address in page.addresses)
    assert "http:" not in source
    assert "https:" not in source
    assert "url(" not in source
    assert "@import" not in source


def test_stages_and_figures_are_told(page: Page) -> None:
    for words in ("Cameras", "Depth", "Surface", "Texture", "Reprojection error", "Seconds per"):
        assert words in page.text
    assert "nan" not in re.findall(r"[a-z]+", page.text)
