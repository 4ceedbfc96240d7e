"""Write report.html: one file, nothing loaded from elsewhere."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import maquette
from maquette.level import Leveling
from maquette.photos.pixels import read_pixels
from maquette.report.pictures import (
    data_uri,
    depth_picture,
    novel_camera,
    plan_svg,
    render_mesh,
)
from maquette.types import Camera, Reconstruction, TexturedMesh, View

_STAGES = {
    "photos": "Photos",
    "cameras": "Cameras",
    "depth": "Depth",
    "level": "Level",
    "surface": "Surface",
    "texture": "Texture",
    "scene": "Scene",
}
_CSS = """
:root{color-scheme:light dark;--bg:#f7f6f3;--ink:#1d2329;--soft:#66707a;--card:#fff;--line:#e2dfd8;
--good:#2f7d4f;--warn:#b4690e;--accent:#3a6ea5}
@media(prefers-color-scheme:dark){:root{--bg:#16181b;--ink:#e6e8ea;--soft:#98a2ac;--card:#1f2327;--line:#31373d;
--good:#63c08a;--warn:#e0a355;--accent:#7fb0e6}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:30px;margin:0 0 4px}h2{font-size:19px;margin:40px 0 12px}p{margin:6px 0}
.soft{color:var(--soft)}.badges{margin:14px 0 20px;display:flex;gap:8px;flex-wrap:wrap}
.badge{padding:4px 12px;border-radius:99px;font-weight:600;font-size:14px;border:1.5px solid currentColor}
.good{color:var(--good)}.warn{color:var(--warn)}
.grid{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(250px,1fr))}
.thumbs{display:grid;gap:8px;grid-template-columns:repeat(auto-fill,minmax(110px,1fr))}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
figure img,figure svg{display:block;width:100%;height:auto;background:#fff}
figcaption{padding:6px 10px;font-size:13px;color:var(--soft);overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:2px}
.cam{fill:none;stroke:#c0392b;stroke-width:1.4}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px}
td{padding:6px 12px;border-top:1px solid var(--line)}tr:first-child td{border-top:0}td:last-child{text-align:right;
font-variant-numeric:tabular-nums}
.bar{height:10px;border-radius:5px;background:var(--accent)}.stages td:nth-child(2){width:60%}
li{margin:4px 0}.wipe{position:relative}.wipe img:last-of-type{position:absolute;inset:0;clip-path:inset(0 0 0 50%)}
.wipe input{position:absolute;inset:auto 4% 8px;width:92%}
@media print{.wipe input{display:none}body{background:#fff}}
"""
_WIPE = """
document.querySelectorAll('.wipe input').forEach(i=>i.addEventListener('input',()=>{
i.parentElement.querySelector('img:last-of-type').style.clipPath='inset(0 0 0 '+i.value+'%)'}))
"""


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """What the pipeline knows at its end."""

    views: tuple[View, ...]
    left_out: dict[str, str]
    warnings: tuple[str, ...]
    reconstruction: Reconstruction
    mesh: TexturedMesh
    leveling: Leveling
    seconds: dict[str, float]
    options: dict[str, Any]


def write_report(path: Path, data: ReportData) -> None:
    """Write the page, whole or not at all."""
    parts = [
        _head(data),
        _hero(data),
        _new_viewpoints(data),
        _comparison(data),
        _depth(data),
        _plans(data),
        _photos(data),
        _figures(data),
        _warnings(data),
    ]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Maquette report</title>'
        f"<style>{_CSS}</style><main>{''.join(parts)}</main><script>{_WIPE}</script></html>\n"
    )
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(path)


def _badge(good: bool, text: str) -> str:
    return f'<span class="badge {"good" if good else "warn"}">{escape(text)}</span>'


def _head(data: ReportData) -> str:
    trust = data.reconstruction.trust
    used, given = len(data.views), len(data.views) + len(data.left_out)
    badges = [
        _badge(trust.level == "trusted", f"cameras {trust.level}"),
        _badge(
            data.leveling.up_certain, "level" if data.leveling.up_certain else "up is uncertain"
        ),
        _badge(data.leveling.is_metric, "metric" if data.leveling.is_metric else "not metric"),
    ]
    why = "".join(f"<p class='warn'>{escape(reason)}</p>" for reason in trust.reasons)
    return (
        f"<h1>{used} of {given} photos became a scene</h1>"
        f'<p class="soft">{len(data.mesh.triangles):,} triangles · quality '
        f"{escape(str(data.options.get('quality', '')))} · engine {escape(data.reconstruction.engine)} "
        f"· {sum(data.seconds.values()):.0f} s · Maquette {maquette.__version__}</p>"
        f'<div class="badges">{"".join(badges)}</div>{why}'
    )


def _chosen(data: ReportData, count: int) -> list[int]:
    """Cameras spread over the set."""
    total = len(data.reconstruction.cameras)
    places = np.linspace(0, total - 1, min(count, total))
    return sorted({round(float(place)) for place in places})


def _target(mesh: TexturedMesh, camera: Camera) -> np.ndarray:
    """What the camera looks at: the surface in its middle, as far as the scene's median."""
    local = (
        mesh.vertices[::50] @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
    )
    front = local[local[:, 2] > 0]
    depth = float(np.median(front[:, 2])) if len(front) else 1.0
    return camera.centre + depth * camera.world_from_camera[:3, 2]


def _size(camera: Camera, side: int) -> tuple[int, int]:
    scale = side / max(camera.width, camera.height)
    return max(1, round(camera.width * scale)), max(1, round(camera.height * scale))


def _figure(picture: np.ndarray, caption: str) -> str:
    return f'<figure><img src="{data_uri(picture)}" alt=""><figcaption>{escape(caption)}</figcaption></figure>'


def _hero(data: ReportData) -> str:
    seen = np.bincount(
        data.reconstruction.points.observation_camera, minlength=len(data.reconstruction.cameras)
    )
    camera = data.reconstruction.cameras[int(np.argmax(seen))]
    shifted = novel_camera(camera, _target(data.mesh, camera), 8.0, 0.08)
    width, height = _size(camera, 1040)
    return _figure(render_mesh(data.mesh, shifted, width, height), "The scene from a new viewpoint")


def _new_viewpoints(data: ReportData) -> str:
    figures = []
    for number, yaw in zip(_chosen(data, 3), (-14.0, 14.0, 24.0), strict=False):
        camera = data.reconstruction.cameras[number]
        shifted = novel_camera(camera, _target(data.mesh, camera), yaw, 0.15)
        width, height = _size(camera, 420)
        pair = np.hstack(
            [render_mesh(data.mesh, shifted, width, height, shaded=s) for s in (False, True)]
        )
        figures.append(_figure(pair, f"{yaw:+.0f}° from {camera.name}, textured and plain"))
    return f'<h2>From new viewpoints</h2><div class="grid">{"".join(figures)}</div>'


def _comparison(data: ReportData) -> str:
    views = {view.name: view for view in data.views}
    blocks = []
    for number in _chosen(data, 2):
        camera = data.reconstruction.cameras[number]
        photo = read_pixels(views[camera.name], 800)
        height, width = photo.shape[:2]
        render = render_mesh(data.mesh, camera, width, height)
        blocks.append(
            f'<figure><div class="wipe"><img src="{data_uri(photo)}" alt="">'
            f'<img src="{data_uri(render)}" alt=""><input type="range" value="50" aria-label="wipe">'
            f"</div><figcaption>{escape(camera.name)}: photo left, scene right</figcaption></figure>"
        )
    return f'<h2>Photo and scene</h2><div class="grid">{"".join(blocks)}</div>'


def _depth(data: ReportData) -> str:
    views = {view.name: view for view in data.views}
    figures = []
    for number in _chosen(data, 6):
        camera = data.reconstruction.cameras[number]
        found = data.reconstruction.depth.get(camera.name)
        if found is None:
            continue
        picture = depth_picture(found)
        scale = 320 / max(picture.shape[:2])
        step = max(1, int(1 / scale)) if scale < 1 else 1
        picture = picture[::step, ::step]
        height, width = picture.shape[:2]
        photo = read_pixels(views[camera.name], max(width, height))
        if photo.shape[:2] != (height, width):
            continue
        share = (found.depth > 0).mean()
        figures.append(_figure(np.hstack([photo, picture]), f"{camera.name}: depth at {share:.0%}"))
    return (
        '<h2>Depth</h2><p class="soft">Warm is near, cool is far, pale is filled from its '
        f'surroundings, white is unknown.</p><div class="grid">{"".join(figures)}</div>'
    )


def _plans(data: ReportData) -> str:
    above = plan_svg(data.reconstruction, (0, 1), "cameras from above")
    side = plan_svg(data.reconstruction, (0, 2), "cameras from the side")
    return (
        '<h2>Cameras</h2><div class="grid">'
        f"<figure>{above}<figcaption>From above</figcaption></figure>"
        f"<figure>{side}<figcaption>From the side; up: {escape(data.leveling.up_reason)}"
        "</figcaption></figure></div>"
    )


def _photos(data: ReportData) -> str:
    seen = np.bincount(
        data.reconstruction.points.observation_camera, minlength=len(data.reconstruction.cameras)
    )
    count = {c.name: int(n) for c, n in zip(data.reconstruction.cameras, seen, strict=True)}
    # many photos: every so manieth, the page must stay light
    step = max(1, len(data.views) // 60)
    thumbs = [
        _figure(read_pixels(view, 160), f"{view.name} · {count.get(view.name, 0)} points")
        for view in data.views[::step]
    ]
    left = "".join(
        f"<li><b>{escape(name)}</b>: {escape(why)}</li>" for name, why in data.left_out.items()
    )
    left = f"<h2>Left out</h2><ul>{left}</ul>" if left else ""
    return f'<h2>Photos used</h2><div class="thumbs">{"".join(thumbs)}</div>{left}'


def _figures(data: ReportData) -> str:
    evidence = data.reconstruction.trust.evidence
    coverage = [float((found.depth > 0).mean()) for found in data.reconstruction.depth.values()]
    rows = [
        ("Points that hold the cameras", f"{len(data.reconstruction.points.xyz):,}"),
        ("Photos per point", f"{evidence.get('track_length', 0):.1f}"),
        ("Reprojection error", f"{evidence.get('reprojection_error_px', 0):.2f} px"),
        ("Matches that contradict", f"{evidence.get('contradicting_matches', 0):.1%}"),
        ("Depth known, mean", f"{np.mean(coverage or [0]):.0%}"),
        ("Vertices, triangles", f"{len(data.mesh.vertices):,} · {len(data.mesh.triangles):,}"),
        ("Triangles that show a photo", f"{data.mesh.textured_share:.1%}"),
        ("Surface seen in photos", f"{data.mesh.seen.mean():.0%}"),
        ("Texture", f"{data.mesh.texture.shape[1]} × {data.mesh.texture.shape[0]}"),
    ]
    table = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    longest = max([*data.seconds.values(), 1e-9])
    stages = "".join(
        f'<tr><td>{_STAGES.get(key, key)}</td><td><div class="bar" style="width:'
        f'{100 * value / longest:.1f}%"></div></td><td>{value:.1f} s</td></tr>'
        for key, value in data.seconds.items()
    )
    return (
        f"<h2>Figures</h2><table>{table}</table>"
        f'<h2>Seconds per stage</h2><table class="stages">{stages}</table>'
    )


def _warnings(data: ReportData) -> str:
    if not data.warnings:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in data.warnings)
    return f"<h2>What you should know</h2><ul>{items}</ul>"
