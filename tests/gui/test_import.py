"""What a user does, in a real window: photos to a scene by the panel, with mouse and keys."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import PICTURES
from PIL import Image
from window import ROOT, BlenderWindow

pytestmark = [pytest.mark.gui, pytest.mark.slow, pytest.mark.timeout(1500)]
# in the file browser, as large as the window: the first line of the list, and the button that takes the choice
FIRST_FILE, TAKE = (290, 108), (1207, 757)
VIEWPORT = (400, 500)
EDIT_MENU = (79, 13)  # in the top bar


@pytest.fixture
def photos(work: Path) -> Path:
    """Six office photos, reduced, in a folder of the home that Blender's file browser opens."""
    folder = work / "home" / "desk"
    folder.mkdir(parents=True)
    for photo in sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:6]:
        with Image.open(photo) as image:
            image.thumbnail((800, 800))
            image.save(folder / photo.name, quality=92)
    return folder


def newest(state: dict[str, Any]) -> str:
    """The phase of the import that was begun last."""
    return state["jobs"][-1]["phase"] if state["jobs"] else ""


def add_photos(window: BlenderWindow) -> None:
    """The panel's + button, the folder, all its files."""
    window.click("add-photos")
    window.wait_for(lambda s: "FILE_BROWSER" in s["areas"], "the file browser", 30)
    window.click_at(*FIRST_FILE, times=2)
    window.move(*VIEWPORT)
    window.key("a")
    window.click_at(*TAKE)
    window.wait_for(lambda s: s["photos"] == 6, "six photos in the list", 30)


@pytest.mark.usefixtures("photos", "server")
def test_import_cancel_import_again_look_through_a_photo_undo(window: BlenderWindow) -> None:
    shots = iter(range(1, 100))

    def shot(name: str) -> None:
        window.screenshot(PICTURES / f"import-{next(shots):02d}-{name}.png")

    window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
    shot("ready")
    before = window.state
    add_photos(window)
    window.click("quality-normal")
    window.click("quality-draft")
    window.find("reconstruct")
    shot("photos")

    window.click("reconstruct")
    window.wait_for(lambda s: newest(s) == "running", "the first import", 60)
    window.wait_for(lambda s: s["status"][0] == "busy", "a busy backend", 30)
    window.click("cancel")
    window.wait_for(lambda s: newest(s) == "cancelled", "its end", 60)
    shot("cancelled")
    assert window.state["collections"] == before["collections"]

    window.click("reconstruct")
    window.wait_for(lambda s: s["jobs"][-1]["points"] > 100, "the first points", 300)
    shot("points")
    state = window.wait_for(lambda s: newest(s) in ("built", "failed", "kept"), "the scene", 600)
    assert newest(state) == "built", state["jobs"]
    assert state["collections"] == [*before["collections"], "desk"]
    assert state["cameras"] == before["cameras"] + 6
    window.find("look-through")
    shot("built")

    window.click("look-through")
    window.wait_for(lambda s: s["view"] == "CAMERA", "the photo's camera", 30)
    window.click("next-photo")
    shot("through-photo")

    window.move(*VIEWPORT)
    window.key("ctrl+z")
    state = window.wait_for(lambda s: len(s["collections"]) == 1, "one undo to take it away", 30)
    assert state["objects"] == before["objects"]
    assert state["data"] == before["data"]
    shot("undone")
    window.key("ctrl+shift+z")
    window.wait_for(lambda s: s["cameras"] == before["cameras"] + 6, "redo to bring it back", 30)
    shot("redone")


@pytest.mark.usefixtures("photos", "server")
def test_only_esc_over_the_panel_cancels_and_a_lost_backend_is_said(
    window: BlenderWindow, server: "subprocess.Popen[bytes]"
) -> None:
    window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
    add_photos(window)
    window.click("reconstruct")
    window.wait_for(lambda s: newest(s) == "running", "the import", 60)
    left, top, width, _ = window.state["sidebar"]
    window.move(*VIEWPORT)
    window.key("Escape")
    assert newest(window.state) == "running", "Esc over the viewport"
    window.move(left + width // 2, top + 15)
    window.xdotool("click", "3", "sleep", "1.0")
    assert newest(window.state) == "running", "a right-click over the panel"
    window.move(*VIEWPORT)
    window.key("Escape")  # closes the menu of the right-click
    time.sleep(1)
    assert newest(window.state) == "running", "Esc over the viewport, with a menu"
    window.move(left + width // 2, top + 15)
    window.key("Escape")
    window.wait_for(lambda s: newest(s) == "cancelled", "its end by Esc", 60)

    server.kill()
    server.wait()
    window.wait_for(
        lambda s: s["status"][0] == "lost" and str(server.pid) in s["status"][1], "the loss", 30
    )
    window.screenshot(PICTURES / "lost.png")


def test_settings_of_a_result_are_changed_in_the_redo_panel(
    window: BlenderWindow, work: Path
) -> None:
    before = window.state
    window.ask("arrive", folder=str(ROOT / "addon" / "demo"), title="Demo")
    built = window.wait_for(lambda s: "Demo" in s["collections"], "the result", 60)
    window.click("redo-panel")
    window.click("redo-cameras")
    window.wait_for(lambda s: s["cameras"] == before["cameras"], "no cameras of ours", 30)
    assert window.state["triangles"] == built["triangles"]
    left, top = window.find("redo-seen")
    window.click_at(left + 100, top, times=2)
    window.key("ctrl+a")
    window.type("0.5")
    window.key("Return")
    window.wait_for(lambda s: s["triangles"] < built["triangles"], "a smaller surface", 30)
    window.screenshot(PICTURES / "redo-panel.png")
    window.move(*VIEWPORT)
    window.key("ctrl+z")
    window.wait_for(lambda s: s["data"] == before["data"], "one undo to take all away", 30)


@pytest.mark.usefixtures("server")
def test_photos_dropped_into_the_viewport_are_imported(window: BlenderWindow, photos: Path) -> None:
    window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
    names = [photo.name for photo in sorted(photos.iterdir())[:3]]
    window.move(*VIEWPORT)
    window.ask("drop", directory=f"{photos}/", files=names)
    window.find("drop-choice")
    window.screenshot(PICTURES / "dropped.png")
    window.key("Return")
    window.find("drop-import")
    window.screenshot(PICTURES / "drop-settings.png")
    window.key("Return")
    window.wait_for(lambda s: newest(s) == "running", "the import", 60)
    assert window.state["photos"] == 3
    window.click("cancel")
    window.wait_for(lambda s: newest(s) == "cancelled", "its end", 60)


def test_without_backend_the_panel_says_what_to_do_and_the_demo_opens(
    window: BlenderWindow,
) -> None:
    state = window.wait_for(lambda s: s["status"][0] == "off", "the panel", 30)
    assert state["status"][2] == "set up"
    window.screenshot(PICTURES / "first-run.png")
    window.click_at(*EDIT_MENU)
    window.click("menu-search")
    window.find("search-field")
    window.type("open demo")
    window.find("found-demo")
    window.screenshot(PICTURES / "search.png")
    window.key("Escape")
    window.click("demo")
    state = window.wait_for(lambda s: "Maquette Demo" in s["collections"], "the demo scene", 120)
    assert state["cameras"] > 1
    window.screenshot(PICTURES / "demo-scene.png")
