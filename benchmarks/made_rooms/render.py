"""Photos and exact truth of generated scenes, by Blender's Cycles; run in a Python that has bpy.

    python benchmarks/made_rooms/render.py SEED OUT [--threads N]

OUT gets `images/`, `eval/` (further views without single things), `cameras.json`, `objects.json` and
`truth_mesh.npz`. World: Z up, metres. Cameras: K in pixels, the centre of the top-left pixel is (0.5, 0.5),
OpenCV axes.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import bpy  # pyright: ignore[reportMissingImports]
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from made_rooms.layout import COLORS, Layout, Thing, make_layout

WIDTH, HEIGHT, FOCAL_PX = 720, 540, 590.0
PHOTOS, VIEWS, REMOVED = 24, 3, 5
_SAMPLES = 4  # denoised; with one bounce and matt surfaces a photo costs about 4 CPU-s
_OPENCV_TO_BLENDER = np.diag([1.0, -1.0, -1.0, 1.0])


def render_scene(seed: int, out: Path, threads: int) -> None:
    """Render the scene of a seed into `out`; what is there already is kept."""
    layout = make_layout(seed)
    draw = np.random.default_rng(seed + 10_000)
    scene = _empty_scene(threads)
    objects = {thing.id: _object(thing, draw) for thing in layout.things}
    _light(scene, draw)
    photos = [_camera(layout, *place) for place in _ring(layout, draw)]
    views = [_camera(layout, *place) for place in _held_out(layout)]
    removed = _to_remove(layout, draw)
    cameras: dict[str, dict[str, object]] = {"images": {}, "evaluation": {}}
    for number, pose in enumerate(photos):
        name = f"img_{number:02}.jpg"
        cameras["images"][name] = _camera_entry(pose)
        _shoot(scene, pose, out / "images" / name)
    for number, pose in enumerate(views):
        name, without = f"view_{number}.jpg", {}
        for thing in removed:
            objects[thing].hide_render = True
            without[thing] = f"eval/view_{number}_without_{thing}.jpg"
            _shoot(scene, pose, out / without[thing], half=True)
            objects[thing].hide_render = False
        cameras["evaluation"][name] = {**_camera_entry(pose), "without": without}
    _write_truth(out, seed, layout, removed, cameras)


def _write_truth(
    out: Path, seed: int, layout: Layout, removed: list[str], cameras: dict[str, dict[str, object]]
) -> None:
    """cameras.json, objects.json and truth_mesh.npz; the index of a thing is its place in the list, from 1."""
    entries, vertices, faces, owner, offset = [], [], [], [], 0
    for index, thing in enumerate(layout.things, 1):
        points = thing.vertices_world()
        entries.append(thing.entry(index))
        vertices.append(points)
        faces.append(thing.shape.mesh[1] + offset)
        owner.append(np.full(len(thing.shape.mesh[1]), index))
        offset += len(points)
    np.savez_compressed(
        out / "truth_mesh.npz",
        vertices=np.concatenate(vertices),
        faces=np.concatenate(faces).astype(np.int32),
        face_object=np.concatenate(owner),
    )
    document = {
        "scene": f"{layout.kind}_{seed}",
        "objects": entries,
        "removed_in_evaluation": removed,
    }
    (out / "objects.json").write_text(json.dumps(document, indent=1))
    (out / "cameras.json").write_text(
        json.dumps({"name": document["scene"], "units": "metres", **cameras}, indent=1)
    )


def _to_remove(layout: Layout, draw: np.random.Generator) -> list[str]:
    """Things that carry nothing, spread over large and small."""
    carriers = {thing.rests_on for thing in layout.things}
    free = [thing for thing in layout.things if thing.kind == "object" and thing.id not in carriers]
    return [free[k].id for k in draw.permutation(len(free))[:REMOVED]]


def _ring(layout: Layout, draw: np.random.Generator) -> list[tuple[float, float, float]]:
    """(azimuth and elevation in degrees, distance in metres) of the photos: two arcs before the corner."""
    half = PHOTOS // 2
    low, high = layout.arc_deg
    arcs = [(np.linspace(low, high - 4, half), 20.0), (np.linspace(low + 4, high, half), 42.0)]
    return [
        (
            float(azimuth + draw.uniform(-2, 2)),
            float(height + draw.uniform(-4, 4)),
            float(layout.reach * draw.uniform(0.9, 1.1)),
        )
        for azimuths, height in arcs
        for azimuth in azimuths
    ]


def _held_out(layout: Layout) -> list[tuple[float, float, float]]:
    low, high = layout.arc_deg
    return [
        (float(azimuth), 31.0, 0.95 * layout.reach)
        for azimuth in np.linspace(low + 15, high - 15, VIEWS)
    ]


def _camera(
    layout: Layout, azimuth_deg: float, elevation_deg: float, distance: float
) -> np.ndarray:
    """world_from_camera (4, 4), OpenCV axes: looks at the focus; azimuth 0 stands at -y, positive towards +x."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    focus = np.array(layout.focus)
    away = np.array(
        [
            math.sin(azimuth) * math.cos(elevation),
            -math.cos(azimuth) * math.cos(elevation),
            math.sin(elevation),
        ]
    )
    z = -away
    x = np.cross(z, (0, 0, 1))
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3] = np.column_stack([x, np.cross(z, x), z, focus + distance * away])
    return pose


def _camera_entry(pose: np.ndarray) -> dict[str, object]:
    K = [[FOCAL_PX, 0, WIDTH / 2], [0, FOCAL_PX, HEIGHT / 2], [0, 0, 1]]
    return {"width": WIDTH, "height": HEIGHT, "K": K, "cam_to_world": pose.tolist()}


def _empty_scene(threads: int) -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.denoiser = (
        _SAMPLES,
        True,
        "OPENIMAGEDENOISE",
    )
    scene.cycles.denoising_quality, scene.cycles.denoising_prefilter = "FAST", "NONE"
    scene.cycles.use_fast_gi, scene.cycles.fast_gi_method, scene.cycles.ao_bounces_render = (
        True,
        "REPLACE",
        1,
    )
    scene.cycles.max_bounces, scene.cycles.use_adaptive_sampling = 2, False
    scene.render.use_persistent_data = True
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format, scene.render.image_settings.quality = "JPEG", 94
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.sensor_width = 36.0
    camera.data.lens = 36.0 * FOCAL_PX / WIDTH
    scene.collection.objects.link(camera)
    scene.camera = camera
    return scene


def _shoot(scene: bpy.types.Scene, pose: np.ndarray, path: Path, half: bool = False) -> None:
    if path.exists():
        return
    scene.camera.matrix_world = (pose @ _OPENCV_TO_BLENDER).T.tolist()
    scene.render.resolution_percentage = 50 if half else 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def _object(thing: Thing, draw: np.random.Generator) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(thing.id)
    mesh.from_pydata(thing.shape.mesh[0].tolist(), [], thing.shape.mesh[1].tolist())
    mesh.materials.append(_material(thing, draw))
    item = bpy.data.objects.new(thing.id, mesh)
    item.location, item.rotation_euler = thing.at, (0, 0, thing.yaw)
    bpy.context.scene.collection.objects.link(item)
    return item


def _light(scene: bpy.types.Scene, draw: np.random.Generator) -> None:
    """Daylight from all round and a soft lamp above."""
    world = bpy.data.worlds.new("day")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (1.0, 0.98, 0.95, 1.0)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 1.1
    scene.world = world
    light = bpy.data.lights.new("lamp", "AREA")
    light.energy, light.size = 60.0, 1.6
    lamp = bpy.data.objects.new("lamp", light)
    lamp.location = (draw.uniform(-0.6, 0.6), draw.uniform(-0.9, 0.0), 2.7)
    scene.collection.objects.link(lamp)


def _material(thing: Thing, draw: np.random.Generator) -> bpy.types.Material:
    """The thing's color in two shades by its pattern, with speckles, so that photos of it can be matched."""
    material = bpy.data.materials.new(thing.id)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.remove(nodes["Principled BSDF"])
    shader = nodes.new("ShaderNodeBsdfDiffuse")
    links.new(shader.outputs["BSDF"], nodes["Material Output"].inputs["Surface"])
    where = nodes.new("ShaderNodeTexCoord").outputs["Object"]
    base = np.array(COLORS[thing.color])
    shades = [
        _linear(np.clip(base * factor + lift, 0, 1))
        for factor, lift in ((1.0, 0.0), (draw.uniform(0.55, 0.8), 0.03))
    ]
    coarse = _pattern(nodes, links, where, thing, draw)
    speckles = nodes.new("ShaderNodeTexNoise")
    speckles.inputs["Scale"].default_value, speckles.inputs["Detail"].default_value = 45.0, 12.0
    speckles.inputs["Roughness"].default_value = 0.65
    links.new(where, speckles.inputs["Vector"])
    two = _mix(nodes, links, coarse, (*shades[0], 1.0), (*shades[1], 1.0))
    sharp = nodes.new("ShaderNodeValToRGB")
    sharp.color_ramp.elements[0].position, sharp.color_ramp.elements[1].position = 0.42, 0.58
    links.new(speckles.outputs["Fac"], sharp.inputs["Fac"])
    dark = _mix(nodes, links, sharp.outputs["Color"], (0.45, 0.45, 0.45, 1.0), (1.0, 1.0, 1.0, 1.0))
    product = nodes.new("ShaderNodeMixRGB")
    product.blend_type = "MULTIPLY"
    product.inputs["Fac"].default_value = 1.0
    links.new(two, product.inputs["Color1"])
    links.new(dark, product.inputs["Color2"])
    links.new(product.outputs["Color"], shader.inputs["Color"])
    return material


def _pattern(
    nodes: bpy.types.Nodes,
    links: bpy.types.NodeLinks,
    where: bpy.types.NodeSocket,
    thing: Thing,
    draw: np.random.Generator,
) -> bpy.types.NodeSocket:
    """A socket between 0 and 1 that follows the thing's pattern, in periods that fit its size."""
    period = float(np.clip(0.25 * max(thing.shape.size), 0.03, 0.3))
    kind, output = {
        "noise": ("ShaderNodeTexNoise", "Fac"),
        "cells": ("ShaderNodeTexVoronoi", "Distance"),
        "waves": ("ShaderNodeTexWave", "Fac"),
        "checker": ("ShaderNodeTexChecker", "Fac"),
        "bricks": ("ShaderNodeTexBrick", "Fac"),
    }[thing.pattern]
    node = nodes.new(kind)
    node.inputs["Scale"].default_value = {"waves": 0.4, "bricks": 0.5}.get(
        thing.pattern, 1.0
    ) / period
    if "Distortion" in node.inputs:
        node.inputs["Distortion"].default_value = float(draw.uniform(0.5, 3.0))
    shift = nodes.new("ShaderNodeVectorMath")
    shift.operation = "ADD"
    shift.inputs[1].default_value = tuple(draw.uniform(0, 5, 3))
    links.new(where, shift.inputs[0])
    links.new(shift.outputs["Vector"], node.inputs["Vector"])
    return node.outputs[output]


def _mix(
    nodes: bpy.types.Nodes,
    links: bpy.types.NodeLinks,
    factor: bpy.types.NodeSocket,
    first: tuple[float, ...],
    second: tuple[float, ...],
) -> bpy.types.NodeSocket:
    node = nodes.new("ShaderNodeMixRGB")
    node.inputs["Color1"].default_value, node.inputs["Color2"].default_value = first, second
    links.new(factor, node.inputs["Fac"])
    return node.outputs["Color"]


def _linear(color: np.ndarray) -> tuple[float, float, float]:
    r, g, b = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    return float(r), float(g), float(b)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("seed", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    render_scene(given.seed, given.out, given.threads)
