"""A real Blender window on a virtual screen, driven as a user does: by mouse, keys and what is seen."""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOOKS = HERE / "looks"
SCRIPT = HERE / "blender-folder.sh"
CANNOT = 77  # status of the script where this machine does not allow it
_START_S, _SEE_S = 180, 30


class CannotShowBlender(Exception):  # noqa: N818  (it is no fault)
    """This machine allows no folder with a Debian of its own."""


def lab_folder(suite: str) -> Path:
    """Where the Blender of this Debian release is kept, made where it is missing. Raises CannotShowBlender."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "maquette" / "blender-lab" / suite
    made = subprocess.run([SCRIPT, "make", folder, suite], capture_output=True, text=True)
    if made.returncode == CANNOT:
        raise CannotShowBlender(made.stderr.strip())
    if made.returncode != 0:
        raise RuntimeError(made.stderr)
    return folder


class BlenderWindow:
    """Blender in `folder`, its HOME and all that is exchanged with it below `work` (in /tmp, which both see)."""

    def __init__(self, folder: Path, work: Path, *, size: tuple[int, int] = (1280, 800)) -> None:
        self.folder, self.work, self.size = folder, work, size
        self.home = work / "home"
        self.exchange = work / "exchange"
        for path in (self.home, self.exchange):
            path.mkdir(parents=True, exist_ok=True)
        left_out = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        self.environ = {k: v for k, v in os.environ.items() if k not in left_out}
        self._display = ""
        self._screen: subprocess.Popen[str] | None = None
        self._blender: subprocess.Popen[bytes] | None = None

    def install(self, extension: Path) -> None:
        """Install and enable a zip by Blender's own command."""
        command = ["blender", "--command", "extension", "install-file", "-r", "user_default", "-e"]
        self._inside([*command, str(extension)], check=True)

    def start(self, *arguments: str) -> None:
        """Open the window with the Maquette tab of the sidebar shown."""
        self._start_screen()
        environ = {
            "MAQUETTE_GUI": str(self.exchange),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "GALLIUM_DRIVER": "llvmpipe",
            "SDL_AUDIODRIVER": "dummy",
        }
        width, height = map(str, self.size)
        command = ["blender", "--gpu-backend", "opengl", "-noaudio"]
        command += ["--window-geometry", "0", "0", width, height, *arguments]
        command += ["--python", str(HERE / "inside.py")]
        with (self.work / "blender.log").open("wb") as log:
            self._blender = subprocess.Popen(
                self._run(command), stdout=log, stderr=log, env=self._environ() | environ
            )
        self.wait_for(lambda state: True, "the window", _START_S)

    def close(self) -> int:
        """Have Blender quit; its exit status."""
        (self.exchange / "quit").touch()
        try:
            status = self._blender.wait(timeout=60) if self._blender is not None else 0
        finally:
            for process in (self._blender, self._screen):
                if process is not None and process.poll() is None:
                    process.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(timeout=10)
            if self._screen is not None and self._screen.stdout is not None:
                self._screen.stdout.close()
        return status

    # What is known ---------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """What Blender wrote down last; {} before the first time."""
        assert self._blender is not None
        if self._blender.poll() is not None:
            raise AssertionError(f"Blender ended:\n{self.log()[-4000:]}")
        try:
            known: dict[str, Any] = json.loads((self.exchange / "state.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return known

    def wait_for(
        self, condition: Callable[[dict[str, Any]], object], what: str, timeout_s: float = 300
    ) -> dict[str, Any]:
        """The first state that meets the condition; fails with the last one."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            state = self.state
            if state and condition(state):
                return state
            time.sleep(0.1)
        self.screenshot(self.work / "stuck.png")
        state = {k: v for k, v in self.state.items() if k != "slices"}
        raise AssertionError(f"waited for {what}: {state}; see {self.work / 'stuck.png'}")

    def log(self) -> str:
        """What Blender printed."""
        return (self.work / "blender.log").read_text("utf-8", "replace")

    def measure(self, action: Callable[[], object]) -> list[tuple[float, str]]:
        """The gaps of a 50 ms timer in Blender's main thread while the action goes on: seconds, phase of the import."""
        (self.exchange / "heartbeat.json").unlink(missing_ok=True)
        (self.exchange / "heartbeat").touch()
        try:
            action()
        finally:
            (self.exchange / "heartbeat").unlink()
        result = self.exchange / "heartbeat.json"
        end = time.monotonic() + 60
        while not result.exists():
            assert time.monotonic() < end, "no heartbeat"
            time.sleep(0.1)
        return [(gap, phase) for gap, phase in json.loads(result.read_text("utf-8"))]

    def ask(self, name: str, **arguments: object) -> None:
        """Have inside.py do what no mouse can do here: see its `write_state`."""
        (self.exchange / f"{name}.new").write_text(json.dumps(arguments), "utf-8")
        (self.exchange / f"{name}.new").rename(self.exchange / f"{name}.json")

    # What a user does ------------------------------------------------------------------------------

    def screenshot(self, path: Path | None = None) -> "np.ndarray[Any, Any]":
        """What the screen shows, (H, W, 3) BGR; also into a file."""
        shot = self._inside(["import", "-window", "root", "png:-"], check=True)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(shot.stdout)
        image = cv2.imdecode(np.frombuffer(shot.stdout, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        return image

    def find(self, look: str, timeout_s: float = _SEE_S) -> tuple[int, int]:
        """The middle of what looks like looks/`look`.png, or `look`@4.3.png, as that Blender draws it;
        waits until it is seen."""
        paths = [LOOKS / f"{look}.png", *LOOKS.glob(f"{look}@*.png")]
        end = time.monotonic() + timeout_s
        best = 0.0
        while time.monotonic() < end:
            screen = self.screenshot()
            for path in paths:
                wanted = cv2.imread(str(path))
                assert wanted is not None, path
                found = cv2.matchTemplate(screen, wanted, cv2.TM_CCOEFF_NORMED)
                _, best, _, (left, top) = cv2.minMaxLoc(found)
                if best > 0.9:
                    return left + wanted.shape[1] // 2, top + wanted.shape[0] // 2
            time.sleep(0.3)
        self.screenshot(self.work / "stuck.png")
        raise AssertionError(f"{look} is not seen (best {best:.2f}); see {self.work / 'stuck.png'}")

    def move_to(self, look: str) -> tuple[int, int]:
        """Put the mouse on its middle, and follow it where the panel is drawn anew meanwhile; where that is."""
        place = self.find(look)
        self.move(*place)
        while (now := self.find(look)) != place:
            place = now
            self.move(*place)
        return place

    def click(self, look: str) -> None:
        """Move to it, then press: a click in the same instant as the move is lost."""
        self.move_to(look)
        self.xdotool("click", "1", "sleep", "0.3")

    def move(self, x: int, y: int) -> None:
        """Put the mouse there."""
        self.xdotool("mousemove", x, y, "sleep", "0.5")

    def key(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.xdotool("key", key, "sleep", "0.4")

    def click_at(self, x: int, y: int, *, times: int = 1) -> None:
        """Click where a test knows that something is."""
        self.xdotool("mousemove", x, y, "sleep", "0.5")
        self.xdotool("click", "--repeat", times, "--delay", "80", "1", "sleep", "0.5")

    def type(self, text: str) -> None:
        """Type text as by keyboard."""
        self.xdotool("type", "--delay", "30", text)

    def xdotool(self, *arguments: object) -> None:
        """Mouse and keyboard."""
        self._inside(["xdotool", *map(str, arguments)], check=True)

    # -------------------------------------------------------------------------------------------

    def _start_screen(self) -> None:
        width, height = self.size
        screen = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24"]
        with (self.work / "screen.log").open("wb") as log:
            self._screen = subprocess.Popen(
                self._run([*screen, "-nolisten", "tcp", "-noreset", "+extension", "GLX"]),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self._environ(),
            )
        assert self._screen.stdout is not None
        self._display = ":" + self._screen.stdout.readline().strip()

    def _run(self, command: list[str]) -> list[str]:
        return [str(SCRIPT), "run", str(self.folder), "--bind", str(ROOT), "--", *command]

    def _environ(self) -> dict[str, str]:
        return self.environ | {
            "LAB_HOME": str(self.home),
            "DISPLAY": self._display,
            "XDG_RUNTIME_DIR": str(self.work),
        }

    def _inside(self, command: list[str], *, check: bool) -> "subprocess.CompletedProcess[bytes]":
        done = subprocess.run(
            self._run(command), capture_output=True, env=self._environ(), timeout=120
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.stderr.decode()[-2000:]}")
        return done
