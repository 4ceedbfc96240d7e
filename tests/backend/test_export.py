"""The shared reconstruction in every format, read back by a reader that is not our writer."""

import json
import os
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pycolmap
import pytest
from support import BLENDER, OfficeScene

import maquette
from maquette.scene import Scene
from maquette_protocol.document import SceneCamera
from maquette_protocol.errors import InputError

INSPECTOR = Path(__file__).with_name("inspect_in_blender.py")
FORMATS = (".blend", ".glb", ".usda", ".usdz", ".obj", ".ply")


@pytest.fixture(scope="module")
def scene(office: OfficeScene) -> Scene:
    return maquette.open_scene(office.folder)


@pytest.fixture(scope="module")
def cropped(scene: Scene) -> Scene:
    """The scene with optical axes that miss the middle of the photos, each by another step."""
    cameras = []
    for number, camera in enumerate(scene.document.cameras):
        (fx, _, cx), (_, fy, cy), last = camera.K
        K = ((fx, 0.0, cx + 31 + number), (0.0, fy, cy - 17 - 2 * number), last)
        cameras.append(replace(camera, K=K))
    return replace(scene, document=replace(scene.document, cameras=tuple(cameras)))


@pytest.fixture(scope="module")
def exported(cropped: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scene in each file format, under a name with a space and an umlaut."""
    folder = tmp_path_factory.mktemp("export")
    for suffix in FORMATS:
        if suffix != ".blend" or BLENDER.exists():
            cropped.export(folder / f"ein Büro{suffix}")
    return folder


@pytest.fixture(scope="module")
def world_points(office: OfficeScene) -> np.ndarray:
    """(20, 3) points that the cameras were found by."""
    model = pycolmap.Reconstruction(office.folder / "sparse")
    xyz = np.array([point.xyz for _, point in sorted(model.points3D.items())])
    return xyz[:: len(xyz) // 20][:20]


@pytest.fixture(scope="module")
def in_blender(
    exported: Path,
    scene: Scene,
    world_points: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What Blender finds in each file, by the file's ending."""
    if not BLENDER.exists():
        pytest.skip("no Blender here: make blender")
    folder = tmp_path_factory.mktemp("blender")
    request = {
        "files": [str(exported / f"ein Büro{suffix}") for suffix in FORMATS],
        "points": world_points.tolist(),
        "size": [scene.document.cameras[0].width, scene.document.cameras[0].height],
        "answer": str(folder / "answer.json"),
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    done = subprocess.run(
        [str(BLENDER), str(INSPECTOR), str(folder / "request.json")],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "HOME": str(folder), "PYTHONPATH": ""},
        timeout=300,
    )
    assert (folder / "answer.json").exists(), done.stderr[-3000:]
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    return {Path(name).suffix: found for name, found in answer.items()}


def project(camera: SceneCamera, points_world: np.ndarray) -> np.ndarray:
    """(N, 2) pixels by the document's own convention; NaN behind the camera."""
    camera_from_world = np.linalg.inv(np.array(camera.world_from_camera))
    local = points_world @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    pixels = local @ np.array(camera.K).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(local[:, 2:] > 0, pixels[:, :2] / pixels[:, 2:], np.nan)


def bounds(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    vertices = scene.arrays["surface.vertices"]
    return vertices.min(axis=0), vertices.max(axis=0)


def distinct_triangles(scene: Scene) -> int:
    """Triangles with three places, each set of places once."""
    _, place = np.unique(scene.arrays["surface.vertices"], axis=0, return_inverse=True)
    corners = np.sort(place.ravel()[scene.arrays["surface.triangles"]], axis=1)
    proper = (np.diff(corners, axis=1) > 0).all(axis=1)
    return len(np.unique(corners[proper], axis=0))


def test_nothing_but_the_files_themselves_is_left(exported: Path) -> None:
    names = {path.name for path in exported.iterdir()}
    files = {f"ein Büro{suffix}" for suffix in FORMATS if suffix != ".blend" or BLENDER.exists()}
    assert files <= names
    assert names - files == {"ein Büro.mtl", "ein Büro_surface.jpg"}


# .glb


def parse_glb(path: Path) -> tuple[dict[str, Any], bytes]:
    """(document, binary chunk), every length checked."""
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    json_length, json_kind = struct.unpack_from("<I4s", data, 12)
    assert json_kind == b"JSON"
    assert json_length % 4 == 0
    binary_length, binary_kind = struct.unpack_from("<I4s", data, 20 + json_length)
    assert binary_kind == b"BIN\0"
    assert 28 + json_length + binary_length == len(data)
    return json.loads(data[20 : 20 + json_length]), data[28 + json_length :]


def accessor(document: dict[str, Any], binary: bytes, number: int) -> np.ndarray:
    given = document["accessors"][number]
    view = document["bufferViews"][given["bufferView"]]
    kind = {5126: "<f4", 5125: "<u4", 5121: "u1"}[given["componentType"]]
    width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[given["type"]]
    count = given["count"] * width
    assert view["byteOffset"] % 4 == 0
    assert count * np.dtype(kind).itemsize == view["byteLength"]
    return np.frombuffer(binary, kind, count, view["byteOffset"]).reshape(-1, width)


def gltf_matrix(node: dict[str, Any]) -> np.ndarray:
    matrix = np.eye(4)
    if "matrix" in node:
        return np.array(node["matrix"]).reshape(4, 4).T
    if "rotation" in node:
        x, y, z, w = node["rotation"]
        matrix[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    return matrix


@pytest.fixture(scope="module")
def glb(exported: Path) -> tuple[dict[str, Any], bytes]:
    return parse_glb(exported / "ein Büro.glb")


def placed_nodes(document: dict[str, Any]) -> list[tuple[dict[str, Any], np.ndarray]]:
    """(node, world matrix) of all nodes below the scene."""
    found: list[tuple[dict[str, Any], np.ndarray]] = []

    def walk(number: int, above: np.ndarray) -> None:
        node = document["nodes"][number]
        here = above @ gltf_matrix(node)
        found.append((node, here))
        for child in node.get("children", []):
            walk(child, here)

    for root in document["scenes"][document["scene"]]["nodes"]:
        walk(root, np.eye(4))
    return found


def test_glb_holds_the_surface_with_y_up(glb: tuple[dict[str, Any], bytes], scene: Scene) -> None:
    document, binary = glb
    node, matrix = next((n, m) for n, m in placed_nodes(document) if "mesh" in n)
    primitive = document["meshes"][node["mesh"]]["primitives"][0]
    places = accessor(document, binary, primitive["attributes"]["POSITION"])
    y_up = places @ matrix[:3, :3].T + matrix[:3, 3]
    x, y, z = scene.arrays["surface.vertices"].T
    np.testing.assert_allclose(y_up, np.stack([x, z, -y], axis=1), atol=1e-5)
    triangles = accessor(document, binary, primitive["indices"]).reshape(-1, 3)
    np.testing.assert_array_equal(triangles, scene.arrays["surface.triangles"])
    declared = document["accessors"][primitive["attributes"]["POSITION"]]
    np.testing.assert_array_equal(declared["min"], places.min(axis=0))
    np.testing.assert_array_equal(declared["max"], places.max(axis=0))


def test_glb_embeds_the_texture_and_its_coordinates_run_down(
    glb: tuple[dict[str, Any], bytes], scene: Scene
) -> None:
    document, binary = glb
    primitive = document["meshes"][0]["primitives"][0]
    uv = accessor(document, binary, primitive["attributes"]["TEXCOORD_0"])
    expected = scene.arrays["surface.uvs"] * [1, -1] + [0, 1]
    np.testing.assert_allclose(uv, expected, atol=1e-6)
    surface = document["materials"][primitive["material"]]["pbrMetallicRoughness"]
    image = document["images"][document["textures"][surface["baseColorTexture"]["index"]]["source"]]
    view = document["bufferViews"][image["bufferView"]]
    data = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    assert image["mimeType"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] > 256
    assert "uri" not in json.dumps(document)


def test_glb_cameras_show_world_points_where_the_scene_has_them(
    glb: tuple[dict[str, Any], bytes], cropped: Scene, world_points: np.ndarray
) -> None:
    document, _ = glb
    cameras = {
        node["name"]: (node, matrix) for node, matrix in placed_nodes(document) if "camera" in node
    }
    y_up = world_points[:, [0, 2, 1]] * [1, 1, -1]
    for camera in cropped.document.cameras:
        node, matrix = cameras[camera.id]
        lens = document["cameras"][node["camera"]]["perspective"]
        inverse = np.linalg.inv(matrix)
        local = y_up @ inverse[:3, :3].T + inverse[:3, 3]
        half_height = np.tan(lens["yfov"] / 2)
        across = local[:, 0] / -local[:, 2] / (half_height * lens["aspectRatio"])
        up = local[:, 1] / -local[:, 2] / half_height
        pixels = np.stack([(1 + across) / 2 * camera.width, (1 - up) / 2 * camera.height], axis=1)
        # glTF knows no principal point: it lies in the middle there
        K = np.array(camera.K)
        pixels += K[:2, 2] - [camera.width / 2, camera.height / 2]
        in_front = local[:, 2] < 0
        assert in_front.sum() > 5
        expected = project(camera, world_points)
        np.testing.assert_allclose(pixels[in_front], expected[in_front], atol=1e-3)


# .ply, .obj, .usd


def test_ply_holds_the_whole_surface_with_its_colours(exported: Path, scene: Scene) -> None:
    data = (exported / "ein Büro.ply").read_bytes()
    header, _, body = data.partition(b"end_header\n")
    lines = header.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    count, faces = (int(line.split()[2]) for line in lines if line.startswith("element"))
    vertex = np.frombuffer(body, [("xyz", "<f4", 3), ("rgb", "u1", 3)], count)
    face = np.frombuffer(body, [("n", "u1"), ("v", "<i4", 3)], faces, vertex.nbytes)
    assert vertex.nbytes + face.nbytes == len(body)
    assert (face["n"] == 3).all()
    np.testing.assert_array_equal(vertex["xyz"], scene.arrays["surface.vertices"])
    np.testing.assert_array_equal(vertex["rgb"], scene.arrays["surface.colors"])
    np.testing.assert_array_equal(face["v"], scene.arrays["surface.triangles"])


def test_obj_names_a_material_and_a_texture_that_are_there(exported: Path, scene: Scene) -> None:
    lines = (exported / "ein Büro.obj").read_text(encoding="utf-8").splitlines()
    rows = {
        key: [line.split()[1:] for line in lines if line.startswith(f"{key} ")]
        for key in ("v", "vt", "f")
    }
    vertices = np.array(rows["v"], float)
    np.testing.assert_allclose(vertices, scene.arrays["surface.vertices"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(np.array(rows["vt"], float), scene.arrays["surface.uvs"], atol=1e-5)
    corners = np.array([[corner.split("/") for corner in face] for face in rows["f"]], int)
    np.testing.assert_array_equal(corners[..., 0] - 1, scene.arrays["surface.triangles"])
    np.testing.assert_array_equal(corners[..., 0], corners[..., 1])
    (library,) = (line.partition(" ")[2] for line in lines if line.startswith("mtllib"))
    materials = (exported / library).read_text(encoding="utf-8").splitlines()
    (picture,) = (line.partition(" ")[2] for line in materials if line.startswith("map_Kd"))
    assert cv2.imread(str(exported / picture)) is not None


def test_usdz_is_stored_plain_and_aligned(exported: Path) -> None:
    with zipfile.ZipFile(exported / "ein Büro.usdz") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["scene.usda", "surface.jpg"]
        data = (exported / "ein Büro.usdz").read_bytes()
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
            assert (info.header_offset + 30 + name + extra) % 64 == 0


@pytest.mark.parametrize("suffix", FORMATS)
def test_blender_finds_the_surface_where_the_scene_has_it(
    suffix: str, in_blender: dict[str, Any], scene: Scene
) -> None:
    (mesh,) = in_blender[suffix]["meshes"]
    low, high = bounds(scene)
    np.testing.assert_allclose(mesh["low"], low, atol=1e-3)
    np.testing.assert_allclose(mesh["high"], high, atol=1e-3)
    # Blender, and what builds scenes in it, keep one of two triangles with the same corners
    assert distinct_triangles(scene) <= mesh["faces"] <= len(scene.arrays["surface.triangles"])
    if suffix != ".ply":
        assert mesh["uvs"] == 1
        assert len(mesh["pictures"]) == 1


@pytest.mark.parametrize("suffix", [".blend", ".usda", ".usdz", ".glb"])
def test_blenders_cameras_show_world_points_where_the_scene_has_them(
    suffix: str, in_blender: dict[str, Any], cropped: Scene, world_points: np.ndarray
) -> None:
    found = in_blender[suffix]["cameras"]
    assert len(found) == len(cropped.document.cameras)
    for camera in cropped.document.cameras:
        matches = [c for name, c in found.items() if camera.id in (c["id"], name)]
        if suffix in (".usda", ".usdz"):  # its importer names objects by their prims
            matches = [c for name, c in found.items() if name.split(".")[0] == camera.id]
        (shown,) = matches
        places = np.array(shown["projected"])
        pixels = np.stack([places[:, 0] * camera.width, (1 - places[:, 1]) * camera.height], axis=1)
        if suffix == ".glb":
            K = np.array(camera.K)
            pixels += K[:2, 2] - [camera.width / 2, camera.height / 2]
        expected = project(camera, world_points)
        in_front = np.isfinite(expected[:, 0])
        assert in_front.sum() > 5
        np.testing.assert_allclose(pixels[in_front], expected[in_front], atol=0.05)


def test_blend_is_ready_to_work_in(
    in_blender: dict[str, Any], office: OfficeScene, scene: Scene
) -> None:
    found = in_blender[".blend"]
    assert all(image["packed"] for image in found["images"].values())
    assert all(min(image["size"]) > 0 for image in found["images"].values())
    backgrounds = [name for camera in found["cameras"].values() for name in camera["backgrounds"]]
    assert sorted(backgrounds) == sorted(office.photos)
    chosen = next(c for c in scene.document.cameras if c.id == scene.document.view)
    assert found["cameras"][found["scene_camera"]]["id"] == chosen.id
    assert found["resolution"] == [chosen.width, chosen.height]
    assert found["view_transform"] == "Standard"
    (mesh,) = found["meshes"]
    assert {"Color", "seen"} <= set(mesh["attributes"])


# folders


def test_colmap_folder_is_the_same_world_and_reprojects(
    scene: Scene, office: OfficeScene, tmp_path: Path
) -> None:
    scene.export(tmp_path / "for colmap", format="colmap")
    model = pycolmap.Reconstruction(tmp_path / "for colmap" / "sparse" / "0")
    cameras = {Path(camera.image or "").name: camera for camera in scene.document.cameras}
    assert sorted(image.name for image in model.images.values()) == sorted(office.photos)
    errors = []
    for image in model.images.values():
        camera = cameras[image.name]
        assert (tmp_path / "for colmap" / "images" / image.name).is_file()
        matrix = np.eye(4)
        matrix[:3] = image.cam_from_world().matrix()
        np.testing.assert_allclose(
            np.linalg.inv(matrix), np.array(camera.world_from_camera), atol=1e-6
        )
        np.testing.assert_allclose(model.cameras[image.camera_id].calibration_matrix(), camera.K)
        seen = [point for point in image.points2D if point.has_point3D()]
        xyz = np.array([model.points3D[point.point3D_id].xyz for point in seen])
        errors.append(project(camera, xyz) - np.array([point.xy for point in seen]))
    off = np.linalg.norm(np.concatenate(errors), axis=1)
    assert np.median(off) < 0.8
    assert np.quantile(off, 0.95) < 4
    for point in list(model.points3D.values())[:50]:
        for element in point.track.elements:
            image = model.images[element.image_id]
            assert image.points2D[element.point2D_idx].point3D_id in model.points3D


def test_nerfstudio_folder_has_opengl_cameras_that_see_the_points(
    scene: Scene, world_points: np.ndarray, tmp_path: Path
) -> None:
    scene.export(tmp_path / "nerf", format="nerfstudio")
    document = json.loads((tmp_path / "nerf" / "transforms.json").read_text(encoding="utf-8"))
    assert (tmp_path / "nerf" / document["ply_file_path"]).is_file()
    assert len(document["frames"]) == len(scene.document.cameras)
    for frame, camera in zip(document["frames"], scene.document.cameras, strict=True):
        assert (tmp_path / "nerf" / frame["file_path"]).is_file()
        inverse = np.linalg.inv(np.array(frame["transform_matrix"]))
        local = world_points @ inverse[:3, :3].T + inverse[:3, 3]
        x = frame["fl_x"] * local[:, 0] / -local[:, 2] + frame["cx"]
        y = frame["cy"] - frame["fl_y"] * local[:, 1] / -local[:, 2]
        in_front = local[:, 2] < 0
        assert in_front.sum() > 5
        expected = project(camera, world_points)
        np.testing.assert_allclose(np.stack([x, y], axis=1)[in_front], expected[in_front])


def test_a_folder_that_holds_something_is_not_filled(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="exists"):
        scene.export(tmp_path, format="colmap")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_unknown_ending_is_refused_with_the_known_ones(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        scene.export(tmp_path / "room.max")
    assert ".blend" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_nothing(scene: Scene, tmp_path: Path) -> None:
    broken = replace(scene, arrays={})
    for suffix in (".glb", ".ply", ".obj", ".usda", ".usdz"):
        with pytest.raises(KeyError):
            broken.export(tmp_path / f"room{suffix}")
    lost = tmp_path / "lost"
    shutil.copytree(scene.folder, lost)
    opened = maquette.open_scene(lost)
    shutil.rmtree(lost / "textures")
    for suffix in (".glb", ".obj", ".usda", ".usdz"):
        with pytest.raises(OSError, match="surface"):
            opened.export(tmp_path / f"room{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == ["lost"]
