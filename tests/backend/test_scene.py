"""The scene folder: opened, changed, saved over an existing one, refused where it is not ours."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import OfficeScene

import maquette
from maquette_protocol.document import document_to_json
from maquette_protocol.errors import DocumentError, InputError


def names_below(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_a_scene_saved_elsewhere_is_the_same_scene(office: OfficeScene, tmp_path: Path) -> None:
    scene = maquette.open_scene(office.folder)
    scene.save(tmp_path / "new" / "Kopie")
    again = maquette.open_scene(tmp_path / "new" / "Kopie" / "scene.json")
    assert document_to_json(again.document) == document_to_json(scene.document)
    assert again.arrays.keys() == scene.arrays.keys()
    for name, value in scene.arrays.items():
        assert again.arrays[name].dtype == value.dtype
        np.testing.assert_array_equal(again.arrays[name], value)
    assert names_below(tmp_path / "new" / "Kopie") == names_below(office.folder)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["Kopie"]


def test_a_changed_scene_replaces_the_one_that_was_there(
    office: OfficeScene, tmp_path: Path
) -> None:
    target = tmp_path / "room"
    maquette.open_scene(office.folder).save(target)
    (target / "stale.txt").write_text("of the scene that goes")
    scene = maquette.open_scene(office.folder)
    (surface,) = scene.document.objects
    renamed = replace(surface, name="Büro", extra={"mood": "calm"})
    replace(scene, document=replace(scene.document, objects=(renamed,))).save(target)
    again = maquette.open_scene(target)
    assert again.document.objects[0].name == "Büro"
    assert again.document.objects[0].extra == {"mood": "calm"}
    assert names_below(target) == names_below(office.folder)
    again.save(target)  # onto itself
    assert document_to_json(maquette.open_scene(target).document) == document_to_json(
        again.document
    )
    assert [path.name for path in tmp_path.iterdir()] == ["room"]


def test_a_save_that_fails_leaves_the_old_scene(
    office: OfficeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "room"
    scene = maquette.open_scene(office.folder)
    scene.save(target)
    before = names_below(target)
    rename = Path.rename

    def fail_at_the_last_step(self: Path, to: Path) -> Path:
        if self.name.endswith(".partial"):
            raise OSError(5, "Input/output error", str(self))
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_at_the_last_step)
    with pytest.raises(OSError, match="Input/output"):
        scene.save(target)
    assert names_below(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["room"]


def test_a_foreign_folder_is_refused(office: OfficeScene, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="not a Maquette scene"):
        maquette.open_scene(office.folder).save(tmp_path)
    with pytest.raises(InputError, match="no scene"):
        maquette.open_scene(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("form", ["{}", "../{}", "./{}", "{}/../{}", "{}/scene.json"])
def test_a_scene_opens_by_any_way_of_naming_it(
    form: str, office: OfficeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = office.folder.parent
    if form.startswith("../"):
        here = tmp_path / "below"
        here.mkdir()
        (tmp_path / office.folder.name).symlink_to(office.folder)
    monkeypatch.chdir(here)
    scene = maquette.open_scene(form.format(*[office.folder.name] * 2))
    scene.export(tmp_path / "room.glb")
    assert (tmp_path / "room.glb").stat().st_size > 10_000


def damage(folder: Path, how: str) -> None:
    document = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    surface = document["objects"][0]
    if how == "picture outside":
        surface["material"]["texture"] = "../../secret.png"
    elif how == "picture at the root":
        surface["material"]["texture"] = Path.cwd().anchor
    elif how == "no such mesh":
        surface["geometry"]["mesh"] = "chair"
    elif how == "no arrays":
        (folder / "arrays.safetensors").unlink()
    elif how == "damaged arrays":
        (folder / "arrays.safetensors").write_bytes(b"\0" * 100)
    text = json.dumps(document)
    data = b"\xff\xfe" + text.encode() if how == "not text" else text.encode()
    (folder / "scene.json").write_bytes(data)


@pytest.mark.parametrize(
    "how",
    [
        "picture outside",
        "picture at the root",
        "no such mesh",
        "no arrays",
        "damaged arrays",
        "not text",
    ],
)
def test_a_damaged_scene_is_refused_with_the_place(
    how: str, office: OfficeScene, tmp_path: Path
) -> None:
    shutil.copytree(office.folder, tmp_path / "room")
    damage(tmp_path / "room", how)
    with pytest.raises(DocumentError) as caught:
        maquette.open_scene(tmp_path / "room")
    assert "$" in caught.value.message or "arrays.safetensors" in caught.value.message


def test_lengths_are_finite_the_floor_lies_low_and_photos_are_there(office: OfficeScene) -> None:
    scene = maquette.open_scene(office.folder)
    vertices, triangles = (scene.arrays[f"surface.{n}"] for n in ("vertices", "triangles"))
    assert np.isfinite(vertices).all()
    assert 0 <= triangles.min() <= triangles.max() == len(vertices) - 1
    assert set(np.unique(scene.arrays["surface.seen"])) <= {0.0, 1.0}
    uvs = scene.arrays["surface.uvs"]
    assert 0 <= uvs.min() <= uvs.max() <= 1
    heights = [camera.world_from_camera[2][3] for camera in scene.document.cameras]
    assert min(heights) > 0  # Z is up, and nobody photographs from below the floor
    for camera in scene.document.cameras:
        assert camera.image is not None
        assert (scene.folder / camera.image).is_file()
        rotation = np.array(camera.world_from_camera)[:3, :3]
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(rotation) > 0
