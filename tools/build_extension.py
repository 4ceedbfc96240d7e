"""Build the extension: one zip per platform in out/extension/, each checked by Blender's own tool.

    .venv/bin/python tools/build_extension.py                        all platforms
    .venv/bin/python tools/build_extension.py --platform linux-x64   one (`here`: this machine's)

addon/, the manifest and the wheels are staged in an empty folder, so nothing else can get in. The backend's own wheel
and the versions that it is tested with go along as files: the set-up button installs them into another environment.
"""

import argparse
import platform as machine
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from extension_wheels import PINS, WheelError, pure_wheel, wheels_for

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = tuple(tomllib.loads(PINS.read_text(encoding="utf-8")))
_TOOL = "bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
_NOT_PACKED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the Blender extension.")
    parser.add_argument(
        "--platform", action="append", choices=[*PLATFORMS, "here"], help="default: all"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "extension")
    asked = parser.parse_args()
    chosen = [this_platform() if p == "here" else p for p in asked.platform or PLATFORMS]
    asked.out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="maquette-extension-") as name:
            backend = backend_wheel(Path(name))
            for platform in chosen:
                print(build(platform, backend, asked.out))
    except (WheelError, subprocess.CalledProcessError) as error:
        told = error.stderr if isinstance(error, subprocess.CalledProcessError) else ""
        print(f"{error}\n{told or ''}", file=sys.stderr)
        return 1
    return 0


def this_platform() -> str:
    """Blender's name for the machine that this runs on."""
    system = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}[machine.system()]
    processor = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        machine.machine().lower(), machine.machine().lower()
    )
    return f"{system}-{processor}"


def version() -> str:
    """The one version of extension and backend. Raises WheelError where they differ."""
    found = {}
    for file, *keys in (("pyproject.toml", "project"), ("blender_manifest.toml",)):
        data = tomllib.loads((ROOT / file).read_text(encoding="utf-8"))
        for key in keys:
            data = data[key]
        found[file] = data["version"]
    if len(set(found.values())) != 1:
        raise WheelError(f"The versions differ: {found}")
    return found["blender_manifest.toml"]


def backend_wheel(folder: Path) -> Path:
    """The backend as a wheel, from a copy of the sources: an old build folder must not leak in."""
    source = folder / "source"
    for part in ("backend", "protocol", "kernels", "addon"):
        shutil.copytree(ROOT / part, source / part, ignore=_NOT_PACKED)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / file, source / file)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / f"maquette-{version()}-py3-none-any.whl"


def build(platform: str, backend: Path, out: Path) -> Path:
    """Stage, build and validate the zip of one platform."""
    with tempfile.TemporaryDirectory(prefix="maquette-stage-") as name:
        stage = Path(name) / "maquette"
        shutil.copytree(ROOT / "addon", stage, ignore=_NOT_PACKED)
        shutil.copyfile(ROOT / "LICENSE", stage / "LICENSE")
        (stage / "wheels").mkdir()
        (stage / "backend").mkdir()
        shutil.copyfile(backend, stage / "backend" / backend.name)
        shutil.copyfile(ROOT / "constraints.txt", stage / "backend" / "constraints.txt")
        wheels = wheels_for(platform, stage / "wheels")
        protocol = ROOT / "protocol" / "maquette_protocol"
        wheels.append(pure_wheel(protocol, version(), stage / "wheels"))
        (stage / "blender_manifest.toml").write_text(manifest(platform, wheels), encoding="utf-8")
        target = out / f"maquette-{version()}-{platform.replace('-', '_')}.zip"
        _blender_tool("validate", str(stage))
        _blender_tool("build", "--source-dir", str(stage), "--output-filepath", str(target))
        _blender_tool("validate", str(target))
    return target


def manifest(platform: str, wheels: list[Path]) -> str:
    """The manifest of one platform's zip."""
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    head, tables, rest = text.partition("[permissions]")
    listed = "".join(f'    "./wheels/{wheel.name}",\n' for wheel in sorted(wheels))
    return f'{head}platforms = ["{platform}"]\nwheels = [\n{listed}]\n\n{tables}{rest}'


def _blender_tool(*arguments: str) -> None:
    """Blender's own extension tool: a plain Python file that runs without Blender."""
    places = [ROOT / ".venv-blender" / "lib", ROOT / ".venv-blender" / "Lib"]
    tools = sorted(tool for place in places for tool in place.glob(f"**/site-packages/{_TOOL}"))
    if not tools:
        raise WheelError("Blender's extension tool is not here: run `make blender`.")
    command = [sys.executable, str(tools[-1]), *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
