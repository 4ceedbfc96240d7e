"""The report's pictures: the mesh from any camera, depth in colours, the cameras from above."""

import base64
from html import escape

import cv2
import numpy as np

from maquette.types import ByteArray, Camera, DepthMap, FloatArray, Reconstruction, TexturedMesh
from maquette_kernels.rasterize import rasterize, render_texture


def render_mesh(
    mesh: TexturedMesh, camera: Camera, width: int, height: int, *, shaded: bool = False
) -> ByteArray:
    """(height, width, 3) uint8: the mesh as the camera sees it, textured or as grey clay; white where nothing is."""
    scaled = camera.scaled(width, height)
    raster = rasterize(
        mesh.vertices, mesh.triangles, scaled.K, scaled.camera_from_world, width, height
    )
    shown = raster.triangle >= 0
    if not shaded:
        picture = render_texture(raster, mesh.triangles, mesh.uvs, mesh.texture)
        picture[~shown] = 255
        return picture
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-12)[:, None]
    local = normal[raster.triangle[shown]] @ scaled.camera_from_world[:3, :3].T
    light = np.array([-0.35, -0.55, -0.76])
    value = 70 + 170 * np.clip(np.abs(local @ light), 0, 1)
    picture = np.full((height, width, 3), 255, np.uint8)
    picture[shown] = value[:, None].astype(np.uint8)
    return picture


def novel_camera(camera: Camera, target: FloatArray, yaw_deg: float, raise_by: float) -> Camera:
    """The camera turned about the vertical through `target` (3,) and raised, looking at it; world Z up."""
    yaw = np.radians(yaw_deg)
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    away = turn @ (camera.centre - target)
    centre = target + away + np.array([0, 0, raise_by * np.linalg.norm(away)])
    forward = (target - centre) / np.linalg.norm(target - centre)
    right = np.cross(forward, [0, 0, 1.0])
    right /= max(np.linalg.norm(right), 1e-9)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = centre
    return Camera(
        name=camera.name,
        width=camera.width,
        height=camera.height,
        K=camera.K,
        world_from_camera=pose,
    )


def depth_picture(found: DepthMap) -> ByteArray:
    """(H, W, 3) uint8: near is warm, far is cool, filled is paler, unknown is white."""
    known = found.depth > 0
    picture = np.full((*found.depth.shape, 3), 255, np.uint8)
    if not known.any():
        return picture
    inverse = np.where(known, 1 / np.maximum(found.depth, 1e-9), 0)
    low, high = np.percentile(inverse[known], [2, 98])
    share = np.clip((inverse - low) / max(high - low, 1e-9), 0, 1)
    colors = cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_TURBO)[..., ::-1]
    picture[known] = colors[known]
    pale = known & found.filled
    picture[pale] = (picture[pale] * 0.55 + 255 * 0.45).astype(np.uint8)
    return picture


def data_uri(picture: ByteArray, quality: int = 82) -> str:
    """A JPEG (H, W, 3) sRGB inside the page."""
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality]
    data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), flags)[1]
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def plan_svg(reconstruction: Reconstruction, axes: tuple[int, int], title: str) -> str:
    """An SVG of points and cameras seen along the axis that `axes` leaves out (0, 1 from above)."""
    xyz = reconstruction.points.xyz
    centres = np.array([camera.centre for camera in reconstruction.cameras])
    rng = np.random.default_rng(0)
    pick = rng.permutation(len(xyz))[:3000]
    shown = xyz[pick][:, axes]
    rgb = reconstruction.points.rgb[pick]
    cloud = np.concatenate([shown, centres[:, axes]]) if len(shown) else centres[:, axes]
    low, high = np.percentile(cloud, [2, 98], axis=0)
    low, high = np.minimum(low, centres[:, axes].min(0)), np.maximum(high, centres[:, axes].max(0))
    span = max(float((high - low).max()), 1e-9) * 1.15
    middle = (low + high) / 2

    def place(points: FloatArray) -> FloatArray:
        out = (points - middle) / span * 400 + 200
        out[:, 1] = 400 - out[:, 1]
        return out

    parts = [f'<svg viewBox="0 0 400 400" role="img" aria-label="{escape(title)}">']
    for (x, y), color in zip(place(shown), rgb, strict=True):
        if 0 <= x <= 400 and 0 <= y <= 400:
            fill = f"rgb({color[0]},{color[1]},{color[2]})"
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.3" fill="{fill}"/>')
    reach = span * 0.05
    for camera in reconstruction.cameras:
        side = np.array([-0.5, 0.5]) * camera.width / camera.K[0, 0]
        corners = [camera.centre]
        for s in side:
            ray = camera.world_from_camera[:3, :3] @ np.array([s, 0, 1.0])
            corners.append(camera.centre + reach * ray)
        drawn = place(np.array(corners)[:, axes])
        outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        parts.append(
            f'<polygon class="cam" points="{outline}"><title>{escape(camera.name)}</title></polygon>'
        )
    parts.append("</svg>")
    return "".join(parts)
