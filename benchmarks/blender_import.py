"""How fast a large result comes into Blender, and how long it holds the window.

    .venv-blender/bin/python benchmarks/blender_import.py [--vertices 1000000] [--rounds 5]

    blender --background --python benchmarks/blender_import.py -- [the same]

One mesh with UVs and a color per vertex, made three ways in turn: by us (mesh.make_mesh), by `from_pydata` as most
importers use it, and by the bare `foreach_set` calls with nothing around them. CPU seconds of the process, the median
of the rounds. Then a whole scene is built in steps, and the steps are timed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "addon"), str(ROOT / "protocol")]

import bpy  # noqa: E402
import numpy as np  # noqa: E402

from maquette_scene import BuildOptions, SceneFolder, build_steps  # noqa: E402
from maquette_scene.arrays import MeshArrays, mesh_arrays  # noqa: E402
from maquette_scene.mesh import make_mesh  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vertices", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = sys.argv[1:]
    if not Path(sys.argv[0]).suffix:  # the program's own arguments come first
        given = given[given.index("--") + 1 :] if "--" in given else []
    asked = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as name:
        folder = write_scene(Path(name) / "scene", round(asked.vertices**0.5))
        opened = SceneFolder.open(folder)
        start = time.process_time()
        arrays = mesh_arrays(opened.document.objects[0], opened.arrays)
        laid_out = time.process_time() - start
        assert arrays is not None
        print(f"Blender {bpy.app.version_string}, {len(arrays.vertices):,} vertices, ", end="")
        print(f"{len(arrays.triangles):,} triangles, UVs and colors")
        creation(arrays, asked.rounds)
        print(f"\nlaying out and checking the arrays, in a thread: {laid_out:.2f} CPU s")
        stepping(folder)
    sys.stdout.flush()
    os._exit(0)  # some builds crash while they shut down


def creation(arrays: MeshArrays, rounds: int) -> None:
    ways: dict[str, Callable[[], bpy.types.Mesh]] = {
        "Maquette": lambda: make_mesh("ours", arrays),
        "bare foreach_set": lambda: bare(arrays),
        "from_pydata": lambda: from_pydata(arrays),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, make in ways.items():
            start = time.process_time()
            mesh = make()
            seconds[name].append(time.process_time() - start)
            assert len(mesh.polygons) == len(arrays.triangles)
            bpy.data.meshes.remove(mesh)
    ours = statistics.median(seconds["Maquette"])
    print("\n| way | CPU s | beside ours |\n|---|---|---|")
    for name, values in seconds.items():
        print(
            f"| {name} | {statistics.median(values):.2f} | {statistics.median(values) / ours:.2f} |"
        )


def bare(arrays: MeshArrays) -> bpy.types.Mesh:
    """The calls and nothing else: what no importer can be faster than."""
    mesh = bpy.data.meshes.new("bare")
    count = len(arrays.triangles)
    mesh.vertices.add(len(arrays.vertices))
    mesh.loops.add(3 * count)
    mesh.polygons.add(count)
    mesh.attributes["position"].data.foreach_set("vector", arrays.vertices.ravel())
    corners = mesh.attributes.get(".corner_vert")
    corners = corners or mesh.attributes.new(".corner_vert", "INT", "CORNER")
    corners.data.foreach_set("value", arrays.triangles.ravel())
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    mesh.uv_layers.new(name="UVMap", do_init=False)
    mesh.attributes["UVMap"].data.foreach_set("vector", arrays.corner_uvs.ravel())
    colors = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    colors.data.foreach_set("color_srgb", arrays.colors.ravel())
    return mesh


def from_pydata(arrays: MeshArrays) -> bpy.types.Mesh:
    """As most importers do it."""
    mesh = bpy.data.meshes.new("pydata")
    mesh.from_pydata(arrays.vertices.tolist(), [], arrays.triangles.tolist())
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", arrays.corner_uvs.ravel())
    colors = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    colors.data.foreach_set("color_srgb", arrays.colors.ravel())
    return mesh


def stepping(folder: Path) -> None:
    """Wall and CPU time of every step of a whole build; on a busy machine the wall time holds others' work, too."""
    steps = build_steps(bpy.context.scene, SceneFolder.open(folder), BuildOptions(with_points=True))
    times: list[tuple[float, float, str]] = []
    words = "Opening"
    while words:
        start, start_cpu = time.perf_counter(), time.thread_time()
        step = next(steps, None)
        took = time.perf_counter() - start, time.thread_time() - start_cpu
        times.append((*took, words))
        words = step.words if step is not None else ""
    creating = max(entry for entry in times if entry[2].startswith("Creating"))
    others = [entry for entry in times if not entry[2].startswith("Creating")]
    print(f"\na whole scene of 20 photos in {len(times)} steps:")
    print("\n| step | wall ms | its CPU ms |\n|---|---|---|")
    for name, (wall, cpu, _) in (
        ("the one mesh creation", creating),
        ("longest beside it", max(others)),
        ("most CPU beside it", max(others, key=lambda entry: entry[1])),
        ("median", sorted(others)[len(others) // 2]),
    ):
        print(f"| {name} | {1000 * wall:.1f} | {1000 * cpu:.1f} |")


def write_scene(folder: Path, side: int) -> Path:
    """A wavy square with photo-like pictures, as a scene folder; every tenth vertex is split for the texture."""
    from maquette_protocol.document import (
        Geometry,
        Material,
        SceneCamera,
        SceneDocument,
        SceneObject,
        format_document,
    )

    (folder / "images").mkdir(parents=True)
    steps = np.linspace(0, 1, side, dtype=np.float32)
    u, v = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="xy"))
    vertices = np.stack([u, v, 0.05 * np.sin(20 * u) * np.cos(20 * v)], axis=1)
    corner = np.arange(side * side, dtype=np.int32).reshape(side, side)
    a, b, c, d = (
        part.ravel()
        for part in (corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1])
    )
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    colors = (vertices * [255, 255, 2000] % 256).astype(np.uint8)
    arrays = {
        "s.vertices": vertices,
        "s.triangles": triangles,
        "s.uvs": np.stack([u, v], axis=1),
        "s.colors": colors,
        "s.seen": np.ones(len(vertices), np.float32),
        "points.positions": vertices[::100],
        "points.colors": colors[::100],
    }
    save_tensors(folder / "arrays.safetensors", arrays)
    noise = np.random.default_rng(0).random((960, 1440, 4), np.float32)
    picture = bpy.data.images.new("noise", 1440, 960)
    picture.pixels.foreach_set(noise.ravel())
    picture.file_format = "JPEG"
    cameras = []
    for number in range(20):
        name = f"images/photo_{number:02}.jpg"
        picture.filepath_raw = str(folder / name)
        picture.save()
        cameras.append(
            SceneCamera(
                id=f"cam_{number}",
                image=name,
                width=1440,
                height=960,
                K=((1200, 0, 720), (0, 1200, 480), (0, 0, 1)),
                world_from_camera=(
                    (1, 0, 0, number / 20),
                    (0, -1, 0, 0.5),
                    (0, 0, -1, 2),
                    (0, 0, 0, 1),
                ),
            )
        )
    surface = SceneObject(
        id="s", name="Surface", kind="surface", geometry=Geometry(mesh="s"),
        material=Material(name="Photos", texture=cameras[0].image),
    )  # fmt: skip
    document = SceneDocument(cameras=tuple(cameras), objects=(surface,))
    (folder / "scene.json").write_text(format_document(document), encoding="utf-8")
    return folder


def save_tensors(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """The format's layout, for Blender's Python has no library for it."""
    import json

    names = {"float32": "F32", "int32": "I32", "uint8": "U8"}
    header, end = {}, 0
    for name, values in arrays.items():
        offsets = [end, end + values.nbytes]
        header[name] = {
            "dtype": names[values.dtype.name], "shape": values.shape, "data_offsets": offsets
        }  # fmt: skip
        end = offsets[1]
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for values in arrays.values():
            file.write(np.ascontiguousarray(values).tobytes())


if __name__ == "__main__":
    main()
