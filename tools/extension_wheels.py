"""The wheels that go into the extension: fetched by name and checked, merged where one is needed for every Python.

wheels_for("linux-x64", folder)    fetches, merges and copies them into `folder`
"""

import base64
import hashlib
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

PINS = Path(__file__).with_name("wheels.toml")
_TIME = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel


class WheelError(Exception):
    """A wheel cannot be had, or is not what it should be."""


def wheels_for(platform: str, folder: Path) -> list[Path]:
    """Put the wheels of others for a platform into `folder`. Raises WheelError."""
    pins = tomllib.loads(PINS.read_text(encoding="utf-8"))[platform]
    found = []
    for parts in pins.values():
        files = [fetch(part["file"], part["sha256"]) for part in parts]
        if len(files) > 1:
            found.append(merge(files, folder))
        else:
            found.append(folder / files[0].name)
            found[-1].write_bytes(files[0].read_bytes())
    return found


def cache_folder() -> Path:
    """Where fetched wheels stay: MAQUETTE_WHEELS, else the user's cache."""
    asked = os.environ.get("MAQUETTE_WHEELS")
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(asked) if asked else base / "maquette" / "wheels"


def fetch(name: str, sha256: str) -> Path:
    """The wheel of that file name, from the cache or by pip; its checksum is the pinned one. Raises WheelError."""
    file = cache_folder() / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        package, version, python, _, platforms = name.removesuffix(".whl").split("-")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", str(file.parent)]
        command += ["--python-version", f"{python[2]}.{python[3:]}", f"{package}=={version}"]
        for tag in platforms.split("."):
            command += ["--platform", tag]
        done = subprocess.run(command, capture_output=True, text=True)
        if not file.exists():
            raise WheelError(f"{name} could not be fetched:\n{done.stderr.strip()}")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise WheelError(f"{file} has the checksum {found}, not {sha256}: delete it and try again")
    return file


def merge(wheels: list[Path], folder: Path) -> Path:
    """One py3-none wheel from wheels that differ only in which Python their compiled modules are for.

    The compiled modules lie side by side: Python 3.11 takes the one named for it, later ones the abi3 one. Any other
    file must be the same in all. Raises WheelError.
    """
    names = [wheel.name.removesuffix(".whl").split("-") for wheel in wheels]
    if len({(name[0], name[1], name[4]) for name in names}) != 1:
        raise WheelError(f"not one package, version and platform: {[w.name for w in wheels]}")
    package, version, _, _, platforms = names[0]
    files: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                if files.setdefault(name, data) != data and not name.endswith(
                    (".dist-info/RECORD", ".dist-info/WHEEL")
                ):
                    raise WheelError(f"{name} differs between {[w.name for w in wheels]}")
    described = f"{package}-{version}.dist-info/WHEEL"
    lines = [x for x in files[described].decode().splitlines() if x and not x.startswith("Tag:")]
    lines += [f"Tag: py3-none-{tag}" for tag in platforms.split(".")]
    files[described] = "\n".join([*lines, ""]).encode()
    return _write(folder / f"{package}-{version}-py3-none-{platforms}.whl", files)


def pure_wheel(package: Path, version: str, folder: Path) -> Path:
    """A py3-none-any wheel of a package that is Python alone."""
    info = f"{package.name}-{version}.dist-info"
    sources = sorted(p for p in package.rglob("*") if p.suffix == ".py" or p.name == "py.typed")
    files = {f"{package.name}/{p.relative_to(package).as_posix()}": p.read_bytes() for p in sources}
    metadata = f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {version}\n"
    files[f"{info}/METADATA"] = f"{metadata}License: GPL-3.0-or-later\n".encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: maquette\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/RECORD"] = b""
    return _write(folder / f"{package.name}-{version}-py3-none-any.whl", files)


def _write(wheel: Path, files: dict[str, bytes]) -> Path:
    record = next(name for name in files if name.endswith(".dist-info/RECORD"))
    rows = []
    for name, data in files.items():
        if name != record and not name.endswith("/"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(data)}")
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data, zipfile.ZIP_DEFLATED)
    return wheel
