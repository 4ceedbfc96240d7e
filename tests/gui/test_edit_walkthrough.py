"""From photos to an edited scene, as docs/walkthrough.md tells it; its pictures are from this run."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import PICTURES
from test_edit_window import Panel
from test_import import newest
from window import HERE, ROOT, BlenderWindow

pytestmark = [pytest.mark.gui, pytest.mark.slow, pytest.mark.timeout(1800)]
VIEWPORT, BIN = (400, 820), (268, 700)  # a place where nothing stands, and the green one
PHOTOS = sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:12]


@pytest.fixture
def window(
    lab: Path, extension_zip: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BlenderWindow]:
    """A Blender without its default cube, textures shown, as one would have it for a picture."""
    monkeypatch.setenv("MAQUETTE_GUI_PICTURES", "1")
    opened = BlenderWindow(lab, work, size=(1280, 960))
    opened.install(extension_zip)
    opened.start("--python", str(HERE / "edit_inside.py"))
    yield opened
    status = opened.close()
    assert status == 0, opened.log()[-3000:]
    assert "Traceback" not in opened.log(), opened.log()[-3000:]


def test_from_photos_to_an_edited_scene(
    window: BlenderWindow, server: "subprocess.Popen[bytes]"
) -> None:
    assert server.poll() is None
    window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
    panel = Panel(window)

    def shot(name: str) -> None:
        window.move(*VIEWPORT)
        time.sleep(1.0)
        window.screenshot(PICTURES / f"walkthrough-{name}.png")

    window.ask("import", photos=[str(photo) for photo in PHOTOS], quality="draft")
    window.wait_for(lambda s: s["jobs"] and s["jobs"][-1]["points"] > 100, "points", 600)
    shot("1-photos")
    state = window.wait_for(lambda s: newest(s) in ("built", "failed", "kept"), "the scene", 900)
    assert newest(state) == "built", state["jobs"]
    window.ask("look")
    window.wait_for(lambda _: not (window.exchange / "look.json").exists(), "another view")
    time.sleep(3)
    shot("2-scene")

    window.click("take-apart")
    window.wait_for(lambda s: len(s["jobs"]) == 2, "the second job", 60)
    state = window.wait_for(lambda s: newest(s) in ("built", "failed", "kept"), "the things", 900)
    assert newest(state) == "built", state["jobs"]
    for number in range(3):  # a click while so many things are drawn for the first time may be lost
        time.sleep(5)
        # a second click at the same place would mean what is behind
        window.click_at(BIN[0] + 12 * number, BIN[1])
        time.sleep(5)
        if len(panel.state["selected"]) == 1:
            break
    (bin_name,) = panel.state["selected"]
    shot("3-things")

    state = panel.type("rename this to Bin")
    assert state["status"] == "proposed", state["message"]
    window.click("apply-edit")
    panel.wait(lambda s: s["num_edits"] == 1 and s["selected"] == ["Bin"], f"{bin_name} named")
    state = panel.type("move the bin 40 cm toward me and make it red")
    if state["status"] == "refused":
        # a draft's things may be in its way: then it says in whose, and the color is possible
        assert "'Bin'" in state["message"]
        state = panel.type("make the bin red")
    assert state["status"] == "proposed", state["message"]
    shot("4-preview")
    window.click("apply-edit")
    panel.wait(lambda s: s["num_edits"] == 2, "the edit")
    shot("5-edited")
