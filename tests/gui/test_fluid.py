"""Blender stays fluid: gaps of a 50 ms heartbeat in a real window, with the extension's work and without it.

The software renderer needs some 200 ms for one picture of the viewport, and all share the processor: so each
measurement stands beside the same one without the extension's work, and what is asserted is the processor time of the
extension's own calls. `pytest -s` prints both distributions.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file
from window import ROOT, BlenderWindow

pytestmark = [pytest.mark.gui, pytest.mark.slow, pytest.mark.timeout(2400)]
LONGEST_CALL_S = 0.020
PHOTOS = sorted((ROOT / "examples" / "office_desk").glob("*.jpg"))[:20]


def describe(name: str, gaps: list[tuple[float, str]]) -> str:
    ms = 1000 * np.array([gap for gap, _ in gaps])
    parts = [f"p{p} {np.percentile(ms, p):.0f}" for p in (50, 95, 99)]
    longest = [f"{1000 * gap:.0f} ({phase})" for gap, phase in sorted(gaps)[:-4:-1]]
    return f"{name}: {len(gaps)} gaps, ms: {', '.join(parts)}; longest {', '.join(longest)}"


def calls(window: BlenderWindow) -> list[tuple[str, float, float]]:
    """The extension's calls that took over 5 ms: name, wall seconds, processor seconds."""
    return [tuple(call) for call in window.state["slices"]]


def assert_short(window: BlenderWindow) -> None:
    """None but the creation of the mesh may take longer than 20 ms of the processor."""
    slow = [
        c for c in calls(window) if c[2] > LONGEST_CALL_S and not c[0].startswith("build: Creating")
    ]
    assert not slow, slow


def report(window: BlenderWindow, *lines: str) -> None:
    slowest = sorted(calls(window), key=lambda call: -call[2])[:6]
    named = [
        f"{name}: {cpu * 1000:.0f} ms ({wall * 1000:.0f} ms wall)" for name, wall, cpu in slowest
    ]
    text = "\n".join(["", *lines, "slowest calls: " + ("; ".join(named) or "none over 5 ms")])
    sys.stdout.write(text + "\n")
    target = ROOT / "out" / "gui" / "heartbeat.txt"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


@pytest.mark.usefixtures("server")
def test_twenty_photos_are_reconstructed_beside_a_fluid_window(
    window: BlenderWindow, work: Path
) -> None:
    window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
    for photo in PHOTOS:
        (work / "photos").mkdir(exist_ok=True)
        (work / "photos" / photo.name).write_bytes(photo.read_bytes())

    def by_command_line() -> None:
        # of eight photos: the same stages in less time, and all that is compared is how long gaps are
        (window.exchange / "redraw").touch()
        command = [sys.executable, "-m", "maquette.cli.main", "reconstruct", *PHOTOS[:8]]
        subprocess.run([*command, "-o", work / "out", "--quality", "draft"], check=True)
        (window.exchange / "redraw").unlink()

    def by_panel() -> None:
        photos = [str(p) for p in sorted((work / "photos").iterdir())]
        window.ask("import", photos=photos, quality="draft")
        window.wait_for(
            lambda s: (s["jobs"] and s["jobs"][-1]["phase"] == "arrived") or is_over(s),
            "the end",
            1500,
        )

    def is_over(state: dict[str, Any]) -> bool:
        return bool(state["jobs"]) and state["jobs"][-1]["phase"] in ("building", "built", "failed")

    # the first of each kind of widget makes the software renderer compile for a second: not what is measured
    window.ask("import", photos=[str(p) for p in PHOTOS[:3]], quality="draft")
    window.wait_for(
        lambda s: s["jobs"] and s["jobs"][-1]["phase"] == "running", "a first import", 60
    )
    time.sleep(3)
    window.click("cancel")
    window.wait_for(lambda s: s["jobs"][-1]["phase"] == "cancelled", "its end", 60)
    window.click("clear-photos")
    window.wait_for(lambda s: s["photos"] == 0, "an empty list", 30)
    without = window.measure(by_command_line)
    with_ours = window.measure(by_panel)
    state = window.wait_for(
        lambda s: s["jobs"][-1]["phase"] in ("built", "failed"), "the scene", 120
    )
    assert state["jobs"][-1]["phase"] == "built", state["jobs"]
    report(
        window,
        describe("8 photos by command line, viewport redrawn", without),
        describe("20 photos by the panel", with_ours),
    )
    assert_short(window)


def test_a_million_vertices_arrive_in_slices(window: BlenderWindow, work: Path) -> None:
    folder = million_vertices(work / "million")

    def nothing() -> None:
        (window.exchange / "redraw").touch()
        time.sleep(10)
        (window.exchange / "redraw").unlink()

    def arrival() -> None:
        window.ask("arrive", folder=str(folder), title="Million")
        window.wait_for(lambda s: "Million" in s["collections"], "the mesh", 300)
        time.sleep(3)

    without = window.measure(nothing)
    with_ours = window.measure(arrival)
    report(
        window,
        describe("idle, viewport redrawn", without),
        describe("1,000,000 vertices arrive", with_ours),
    )
    assert_short(window)
    mesh = [call for call in calls(window) if call[0].startswith("build: Creating")]
    assert mesh, "the one long call is not among those measured"


def million_vertices(folder: Path) -> Path:
    """A scene folder with one hilly surface of 1000 by 1000 vertices, UVs, colours, and a 2048 texture."""
    side = 1000
    row, column = np.mgrid[0:side, 0:side].astype(np.float32)
    height = 0.3 * np.sin(column / 60) * np.cos(row / 45)
    vertices = np.stack([column / 250, row / 250, height], axis=-1).reshape(-1, 3)
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    one = np.stack([corner, corner + 1, corner + side], axis=1)
    two = np.stack([corner + 1, corner + side + 1, corner + side], axis=1)
    arrays = {
        "s.vertices": vertices.astype(np.float32),
        "s.triangles": np.concatenate([one, two]).astype(np.int32),
        "s.uvs": np.stack([column / side, row / side], axis=-1).reshape(-1, 2).astype(np.float32),
        "s.colors": np.full((side * side, 3), 0.5, np.float32),
    }
    folder.mkdir(parents=True)
    save_file(arrays, folder / "arrays.safetensors")
    noise = np.random.default_rng(0).integers(0, 255, (2048, 2048, 3), np.uint8)
    Image.fromarray(noise).save(folder / "texture.jpg")
    surface = {
        "id": "s",
        "name": "Surface",
        "kind": "surface",
        "geometry": {"mesh": "s"},
        "material": {"name": "Surface", "texture": "texture.jpg"},
    }
    document = {
        "format": "maquette-scene",
        "version": 1,
        "units": {"metric": True},
        "objects": [surface],
    }
    (folder / "scene.json").write_text(json.dumps(document), "utf-8")
    return folder
