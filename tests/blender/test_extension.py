"""The built zip as Blender installs it: its wheels, its permissions, its names, on and off again."""

import importlib
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import addon_utils
import bpy
import pytest
from support_blender import MODULE


@pytest.fixture(scope="module")
def manifest(extension_zip: Path) -> dict[str, Any]:
    with zipfile.ZipFile(extension_zip) as archive:
        return tomllib.loads(archive.read("blender_manifest.toml").decode())


def operators() -> list[type]:
    found = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith("MAQUETTE_OT_")]
    assert len(found) > 8
    return found


def test_the_wheels_come_from_the_extension() -> None:
    for name in ("zmq", "safetensors", "maquette_protocol"):
        file = Path(importlib.import_module(name).__file__)
        assert ".local" in file.parts, f"{name} is {file}"
        assert "extensions" in file.parts


def test_zeromq_speaks_curve() -> None:
    import zmq

    assert zmq.has("curve")
    assert zmq.curve_keypair()


def test_wheels_fit_every_python_of_blender(manifest: dict[str, Any]) -> None:
    """A wheel for one Python would make Blenders with another one refuse the whole extension."""
    for wheel in manifest["wheels"]:
        python, abi, _ = wheel.removesuffix(".whl").rsplit("-", 3)[1:]
        assert python == "py3" or abi == "abi3", wheel


def test_permissions_have_reasons(manifest: dict[str, Any]) -> None:
    assert set(manifest["permissions"]) == {"files", "network", "clipboard"}
    for reason in manifest["permissions"].values():
        assert 10 < len(reason) <= 64
        assert not reason.endswith(".")


def test_the_zip_holds_what_is_needed_and_nothing_else(extension_zip: Path) -> None:
    with zipfile.ZipFile(extension_zip) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"__init__.py", "blender_manifest.toml", "wheels", "demo", "backend", "LICENSE"} <= tops
    assert "demo/ATTRIBUTION.txt" in names
    assert any(name.startswith("backend/maquette-") and name.endswith(".whl") for name in names)
    assert "backend/constraints.txt" in names
    assert not [name for name in names if "__pycache__" in name or "/." in name or "test" in name]
    assert len(names) == len(set(names))
    assert extension_zip.stat().st_size < 10_000_000


def test_every_operator_reads_as_blenders_own() -> None:
    for operator in operators():
        label = operator.bl_label
        words = [w for w in label.split() if w not in {"as", "to", "a", "the", "in", "of", "for"}]
        assert all(word[0].isupper() or word[0].isdigit() for word in words), label
        description = operator.bl_description
        assert len(description) > 10, operator
        assert not description.endswith("."), description
        assert description[0].isupper(), description
        assert operator.bl_idname == operator.__name__.replace("MAQUETTE_OT_", "maquette.")


def test_every_command_stands_in_a_menu_where_search_finds_it() -> None:
    menu = importlib.import_module(f"{MODULE}.menu")
    commands = {c.bl_idname for c in operators() if "INTERNAL" not in getattr(c, "bl_options", ())}
    in_menu = {f"MAQUETTE_OT_{c.partition('.')[2]}" for c in menu.COMMANDS if c}
    assert in_menu == {c.replace("maquette.", "MAQUETTE_OT_") for c in commands}


def test_every_property_has_a_name_and_says_what_it_does() -> None:
    for operator in operators():
        for prop in operator.bl_rna.properties:
            if prop.is_hidden or prop.identifier in {"rna_type", "bl_idname"}:
                continue
            if prop.identifier in {"filepath", "filename", "directory", "files", "check_existing"}:
                continue
            assert prop.name, (operator, prop.identifier)
            assert not prop.description.endswith("."), (operator, prop.identifier)


def test_switching_off_and_on_twice_leaves_nothing_behind() -> None:
    def classes() -> set[str]:
        return {name for name in dir(bpy.types) if name.startswith("MAQUETTE_")}

    def handlers() -> int:
        lists = [getattr(bpy.app.handlers, name) for name in dir(bpy.app.handlers)]
        return sum(len(found) for found in lists if isinstance(found, list))

    def menus() -> list[int]:
        found = (bpy.types.TOPBAR_MT_file_import, bpy.types.TOPBAR_MT_file_export)
        return [len(getattr(menu.draw, "_draw_funcs", ())) for menu in found]

    on = classes(), handlers(), menus()
    for _ in range(2):
        addon_utils.disable(MODULE)
        assert classes() == set()
        assert not hasattr(bpy.types.Scene, "maquette")
        assert all(now < before for now, before in zip(menus(), on[2], strict=True))
        addon_utils.enable(MODULE, default_set=True)
        assert (classes(), handlers(), menus()) == on


def test_nothing_is_written_beside_the_code(extension_zip: Path) -> None:
    folder = Path(sys.modules[MODULE].__file__).parent
    files = [p.relative_to(folder) for p in folder.rglob("*") if p.is_file()]
    found = {p.as_posix() for p in files if "__pycache__" not in p.parts}
    with zipfile.ZipFile(extension_zip) as archive:
        assert found <= set(archive.namelist())
