"""The extension's zips for all platforms, and the wheels in them, without any Blender."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import BLENDER, ROOT

sys.path.insert(0, str(ROOT / "tools"))

import build_extension
import extension_wheels
from extension_wheels import WheelError

PLATFORMS = build_extension.PLATFORMS


def wheel(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def two_wheels(folder: Path, changed: dict[str, bytes]) -> list[Path]:
    """A package for two Pythons, alike but for the compiled module and what is `changed` in the second."""
    info = "pack-1.0.dist-info"
    described = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: %s-win_amd64\n"
    shared = {"pack/__init__.py": b"x = 1\n", f"{info}/METADATA": b"Name: pack\n"}
    first = {**shared, "pack/_c.cp311.pyd": b"one", f"{info}/WHEEL": described % b"cp311-cp311"}
    other = {**shared, "pack/_c.abi3.pyd": b"two", f"{info}/WHEEL": described % b"cp312-abi3"}
    other |= changed
    return [
        wheel(folder / "pack-1.0-cp311-cp311-win_amd64.whl", {**first, f"{info}/RECORD": b""}),
        wheel(folder / "pack-1.0-cp312-abi3-win_amd64.whl", {**other, f"{info}/RECORD": b""}),
    ]


def test_a_merged_wheel_has_both_compiled_modules_and_names_no_python(tmp_path: Path) -> None:
    merged = extension_wheels.merge(two_wheels(tmp_path, {}), tmp_path)
    assert merged.name == "pack-1.0-py3-none-win_amd64.whl"
    with zipfile.ZipFile(merged) as archive:
        names = set(archive.namelist())
        assert {"pack/_c.cp311.pyd", "pack/_c.abi3.pyd", "pack/__init__.py"} <= names
        tags = [
            x for x in archive.read("pack-1.0.dist-info/WHEEL").decode().splitlines() if "Tag" in x
        ]
        assert tags == ["Tag: py3-none-win_amd64"]
        record = archive.read("pack-1.0.dist-info/RECORD").decode().splitlines()
    assert {line.split(",")[0] for line in record} == names


def test_wheels_that_differ_in_more_are_not_merged(tmp_path: Path) -> None:
    wheels = two_wheels(tmp_path, {"pack/__init__.py": b"x = 2\n"})
    with pytest.raises(WheelError, match=r"pack/__init__\.py differs"):
        extension_wheels.merge(wheels, tmp_path)


def test_a_wheel_with_another_checksum_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAQUETTE_WHEELS", str(tmp_path))
    (tmp_path / "pack-1.0-py3-none-any.whl").write_bytes(b"something else")
    with pytest.raises(WheelError, match="checksum"):
        extension_wheels.fetch("pack-1.0-py3-none-any.whl", "0" * 64)


def test_the_protocols_wheel_is_one_that_pip_installs(tmp_path: Path) -> None:
    package = ROOT / "protocol" / "maquette_protocol"
    built = extension_wheels.pure_wheel(package, "1.2.3", tmp_path)
    target = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(built)], check=True)
    for source in package.rglob("*.py"):
        installed = target / "maquette_protocol" / source.relative_to(package)
        assert installed.read_bytes() == source.read_bytes()


def test_the_same_files_give_the_same_wheel(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    package = ROOT / "protocol" / "maquette_protocol"
    one, two = (extension_wheels.pure_wheel(package, "1", folder) for folder in folders)
    assert one.read_bytes() == two.read_bytes()


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The zips of all platforms, built by the command that `make extension` runs; each was validated there."""
    if not BLENDER.exists():
        pytest.skip("no Blender here: make blender")
    out = tmp_path_factory.mktemp("extension")
    command = [sys.executable, ROOT / "tools" / "build_extension.py", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True)
    if "could not be fetched" in done.stderr:
        pytest.skip(f"wheels of other platforms: {done.stderr}")
    assert done.returncode == 0, done.stderr
    return {
        Path(line).stem.split("-")[-1].replace("_", "-"): Path(line) for line in done.stdout.split()
    }


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_has_its_own_wheels(platform: str, zips: dict[str, Path]) -> None:
    with zipfile.ZipFile(zips[platform]) as archive:
        wheels = [name for name in archive.namelist() if name.endswith(".whl")]
        compiled = [n for n in wheels if "pyzmq" in n or "safetensors" in n]
        marks = {"linux-x64": ("manylinux", "x86_64"), "windows-x64": ("win_amd64",)}
        marks |= {"macos-arm64": ("macosx",), "macos-x64": ("macosx",)}
        assert len(compiled) == 2
        assert all(mark in name for name in compiled for mark in marks[platform])
        (zmq,) = [name for name in compiled if "pyzmq" in name]
        with archive.open(zmq) as file, zipfile.ZipFile(file) as inner:
            modules = [n for n in inner.namelist() if "/_zmq." in n and n.endswith((".so", ".pyd"))]
        assert len(modules) == 2
        assert f'platforms = ["{platform}"]' in archive.read("blender_manifest.toml").decode()
