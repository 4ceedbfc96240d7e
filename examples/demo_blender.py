"""`make demo-blender`: the example photos through the panel of a real Blender window, into the pictures of the README.

Needs root and leave to mount, for the folder with Debian's Blender; elsewhere install out/extension/*.zip in your own.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "gui"))

from window import BlenderWindow, CannotShowBlender, lab_folder  # noqa: E402  (driven as the tests do)

PICTURES = ROOT / "docs" / "images"
SIZE = (1600, 1000)


def main() -> int:
    try:
        lab = lab_folder("sid")
    except CannotShowBlender as error:
        print(f"No window here: {error}", file=sys.stderr)
        return 77
    work = Path(tempfile.mkdtemp(prefix="maquette-demo-", dir="/tmp"))
    try:
        with Demo(lab, work) as demo:
            demo.run()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\nMade:")
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"  {picture.relative_to(ROOT)}")
    return 0


class Demo:
    """A server and a window, both gone at the end."""

    def __init__(self, lab: Path, work: Path) -> None:
        self.window = BlenderWindow(lab, work, size=SIZE)
        self.window.environ |= {"MAQUETTE_GUI_PICTURES": "1"} | {
            f"MAQUETTE_{name.upper()}": str(work / name) for name in ("runtime", "store", "cache")
        }
        self.server = subprocess.Popen(
            [sys.executable, "-m", "maquette.cli.main", "serve"],
            env=self.window.environ,
            stderr=subprocess.DEVNULL,
        )
        shutil.copytree(ROOT / "examples" / "office_desk", self.window.home / "office_desk")

    def __enter__(self) -> "Demo":
        say("building and installing the extension")
        built = ROOT / "out" / "extension"
        command = [sys.executable, ROOT / "tools/build_extension.py", "--platform", "here"]
        subprocess.run([*command, "--out", built], check=True)
        self.window.install(max(built.glob("*.zip"), key=lambda path: path.stat().st_mtime))
        say("opening Blender")
        self.window.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.window.close()
        self.server.terminate()
        self.server.wait()

    def run(self) -> None:
        """From the panel's list of photos to the scene."""
        window = self.window
        window.wait_for(lambda s: s["status"][0] == "ready", "the backend", 60)
        say(f"adding the photos, in Blender {window.state['blender']}")
        window.click("add-photos")
        window.wait_for(lambda s: "FILE_BROWSER" in s["areas"], "the file browser", 30)
        window.click_at(290, 108, times=2)  # the folder, first in the list
        window.click_at(SIZE[0] - 73, SIZE[1] - 43)  # all in it
        window.wait_for(lambda s: s["photos"] == 24, "24 photos", 60)
        window.click("quality-normal")
        window.click("quality-draft")
        say("reconstructing")
        window.click("reconstruct")
        window.wait_for(lambda s: s["jobs"][-1]["points"] > 3000, "the first points", 600)
        self.picture("progress")
        state = window.wait_for(
            lambda s: s["jobs"][-1]["phase"] in ("built", "failed", "kept"), "the scene", 1200
        )
        say(state["jobs"][-1]["message"])
        window.move(SIZE[0] // 3, SIZE[1] // 2)
        window.key("KP_Decimal")  # View Selected
        time.sleep(8)  # the report in the status bar fades, the picture is drawn
        self.picture("panel")
        window.click("look-through")
        window.wait_for(lambda s: s["view"] == "CAMERA", "the photo's camera", 30)
        time.sleep(4)
        self.picture("look-through")

    def picture(self, name: str) -> None:
        """What the screen shows, with as many colours as a picture for reading needs: a third of the bytes."""
        path = PICTURES / f"{name}.png"
        self.window.screenshot(path)
        with Image.open(path) as shot:
            few = shot.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
        few.save(path, optimize=True)


def say(words: str) -> None:
    print(f"— {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
