"""The texture stage: choose a photo for each triangle, level colours, pack charts, bake."""

from dataclasses import dataclass

import cv2
import numpy as np

from maquette.options import Quality
from maquette.photos.pixels import read_pixels
from maquette.progress import Progress
from maquette.texture.charts import (
    absorb_small_charts,
    diffuse_colors,
    find_charts,
    pack,
    triangle_neighbours,
)
from maquette.texture.color import level_seams, photo_gains, without_outliers
from maquette.texture.visibility import Candidates, find_candidates
from maquette.types import ByteArray, Camera, FloatArray, IntArray, Mesh, TexturedMesh, View
from maquette_kernels.texture_bake import bake, smooth_labels

_MARGIN_PX = 3  # around each chart in the atlas
_CELL_PX = 6  # side of the cell of a triangle that no photo shows
# Of the photos' differences in exposure; the rest is left to the levelling of seams. Taken out in full, places no
# longer look as the photos that show them: unseen photos of a room were met 3.5 dB worse.
_GAIN_STRENGTH = 0.3
_MAX_CELLS = 40_000  # of those; more share cells by colour


@dataclass(frozen=True, kw_only=True)
class TextureOptions:
    """How large the atlas may be, and how large its charts are wished."""

    max_side_px: int = 4096
    smoothness: float = 0.35  # cost of a seam along one edge, beside a view's lost quality of 0..1
    rounds: int = 12
    min_chart: int = 12  # triangles

    @classmethod
    def for_quality(cls, quality: Quality) -> "TextureOptions":
        """The atlas doubles its side from draft to normal to high."""
        side = {"draft": 2048, "normal": 4096, "high": 8192}[quality]
        return cls(max_side_px=side, rounds=6 if quality == "draft" else 12)


@dataclass(frozen=True, kw_only=True)
class _Charts:
    """Triangles by photo, and the corners' places."""

    chart: IntArray  # (T,)
    count: int
    node_of_corner: IntArray  # (T, 3) a node is a vertex in a chart
    vertex_of_node: IntArray
    chart_of_node: IntArray
    view_of_chart: IntArray  # -1: no photo


def texture_mesh(
    mesh: Mesh,
    views: tuple[View, ...],
    cameras: tuple[Camera, ...],
    options: TextureOptions,
    progress: Progress,
) -> TexturedMesh:
    """The mesh with one atlas made of parts of the full-size photos.

    views and cameras in the same order, free of lens distortion. Raises PhotoError, Cancelled.
    """
    candidates = find_candidates(mesh, views, cameras, progress)
    gains = photo_gains(candidates, len(views))
    candidates = without_outliers(candidates, gains)
    gains = gains**_GAIN_STRENGTH
    progress.update(0.5, "choosing photos")
    label = _choose(mesh, candidates, options)
    charts = _charts(mesh, label)
    photo_xy = _project(mesh, charts, cameras)
    progress.update(0.6, "levelling seams")
    colors, corrections = _level(mesh, charts, photo_xy, views, gains, progress)
    progress.update(0.75, "packing")
    atlas, uvs = _bake(mesh, charts, photo_xy, views, gains, corrections, colors, options, progress)
    vertex = charts.vertex_of_node
    return TexturedMesh(
        vertices=mesh.vertices[vertex],
        triangles=charts.node_of_corner.astype(np.int32),
        colors=np.clip(np.rint(colors), 0, 255).astype(np.uint8)[vertex],
        seen=mesh.seen[vertex],
        uvs=uvs,
        texture=atlas,
        textured_share=float((label >= 0).mean()),
    )


def _choose(mesh: Mesh, candidates: Candidates, options: TextureOptions) -> IntArray:
    best = np.zeros(len(candidates.first) - 1)
    has = np.diff(candidates.first) > 0
    best[has] = candidates.score[candidates.first[:-1][has]]
    triangle = np.repeat(np.arange(len(best)), np.diff(candidates.first))
    costs = 1 - np.sqrt(candidates.score / np.maximum(best[triangle], 1e-300))
    neighbours = triangle_neighbours(mesh.triangles)
    label = smooth_labels(
        neighbours, candidates.first, candidates.view, costs, options.smoothness, options.rounds
    )
    return absorb_small_charts(
        neighbours, label, candidates.first, candidates.view, options.min_chart
    )


def _charts(mesh: Mesh, label: IntArray) -> _Charts:
    count, chart = find_charts(triangle_neighbours(mesh.triangles), label)
    keys = chart[:, None].astype(np.int64) * len(mesh.vertices) + mesh.triangles
    unique, node = np.unique(keys.ravel(), return_inverse=True)
    view_of_chart = np.full(count, -1, np.int32)
    view_of_chart[chart] = label
    return _Charts(
        chart=chart,
        count=count,
        node_of_corner=node.reshape(-1, 3).astype(np.int32),
        vertex_of_node=(unique % len(mesh.vertices)).astype(np.int32),
        chart_of_node=(unique // len(mesh.vertices)).astype(np.int32),
        view_of_chart=view_of_chart,
    )


def _project(mesh: Mesh, charts: _Charts, cameras: tuple[Camera, ...]) -> FloatArray:
    """(n, 2) full-size photo pixels of every node; NaN where its chart has no photo."""
    xy = np.full((len(charts.vertex_of_node), 2), np.nan)
    view_of_node = charts.view_of_chart[charts.chart_of_node]
    for number, camera in enumerate(cameras):
        mine = np.flatnonzero(view_of_node == number)
        points = mesh.vertices[charts.vertex_of_node[mine]].astype(np.float64)
        local = points @ camera.camera_from_world[:3, :3].T + camera.camera_from_world[:3, 3]
        pixels = local @ camera.K.T
        xy[mine] = pixels[:, :2] / pixels[:, 2:]
    return xy


def _level(
    mesh: Mesh,
    charts: _Charts,
    photo_xy: FloatArray,
    views: tuple[View, ...],
    gains: FloatArray,
    progress: Progress,
) -> tuple[FloatArray, FloatArray]:
    """(vertex colours (V, 3), corrections (n, 3)) after seam levelling, 0..255."""
    view_of_node = charts.view_of_chart[charts.chart_of_node]
    node_color = np.zeros((len(photo_xy), 3))
    for number, view in enumerate(views):
        mine = np.flatnonzero(view_of_node == number)
        if len(mine) == 0:
            continue
        progress.update(0.6 + 0.1 * number / len(views), "levelling seams")
        rgb = cv2.GaussianBlur(read_pixels(view, 1200), (3, 3), 0)
        scale = rgb.shape[1] / view.width
        x = np.clip(photo_xy[mine, 0] * scale, 0, rgb.shape[1] - 1).astype(int)
        y = np.clip(photo_xy[mine, 1] * scale, 0, rgb.shape[0] - 1).astype(int)
        node_color[mine] = rgb[y, x] * gains[number]
    pictured = view_of_node >= 0
    index = np.cumsum(pictured) - 1
    shown = charts.view_of_chart[charts.chart] >= 0
    corrections = np.zeros_like(node_color)
    if pictured.any():
        corrections[pictured] = level_seams(
            index[charts.node_of_corner[shown]],
            charts.vertex_of_node[pictured],
            node_color[pictured],
            mesh.triangles,
        )
    leveled = node_color + corrections
    total = np.bincount(charts.vertex_of_node, pictured, minlength=len(mesh.vertices))
    colors = np.stack(
        [
            np.bincount(
                charts.vertex_of_node, leveled[:, k] * pictured, minlength=len(mesh.vertices)
            )
            for k in range(3)
        ],
        axis=1,
    )
    colors /= np.maximum(total, 1)[:, None]
    known = total > 0
    colors[~known] = mesh.colors[~known]
    colors = diffuse_colors(mesh.triangles, colors, known)
    return colors, corrections


def _bake(
    mesh: Mesh,
    charts: _Charts,
    photo_xy: FloatArray,
    views: tuple[View, ...],
    gains: FloatArray,
    corrections: FloatArray,
    colors: FloatArray,
    options: TextureOptions,
    progress: Progress,
) -> tuple[ByteArray, FloatArray]:
    """(atlas, uvs of the nodes)."""
    pictured = np.flatnonzero(charts.view_of_chart >= 0)
    slot = np.full(charts.count, -1)
    slot[pictured] = np.arange(len(pictured))
    low = np.full((len(pictured), 2), np.inf)
    high = np.full((len(pictured), 2), -np.inf)
    node_slot = slot[charts.chart_of_node]
    has = node_slot >= 0
    np.minimum.at(low, node_slot[has], photo_xy[has])
    np.maximum.at(high, node_slot[has], photo_xy[has])
    plain = np.flatnonzero(charts.view_of_chart[charts.chart] < 0)
    cell_of, cells = _cells(mesh, plain, colors)
    sizes = np.concatenate([high - low + 2 * _MARGIN_PX, np.full((len(cells), 2), float(_CELL_PX))])
    if len(sizes) == 0:
        sizes = np.full((1, 2), float(_CELL_PX))
    places, width, height, scale = pack(sizes, options.max_side_px)
    node_xy = np.zeros((len(photo_xy), 2))
    chart_places = places[: len(pictured)]
    margin = _MARGIN_PX * scale
    node_xy[has] = (
        (photo_xy[has] - low[node_slot[has]]) * scale + margin + chart_places[node_slot[has]]
    )
    atlas = np.zeros((height, width, 3), np.uint8)
    covered = np.zeros((height, width), np.uint8)
    view_of_triangle = charts.view_of_chart[charts.chart]
    for number, view in enumerate(views):
        mine = charts.node_of_corner[view_of_triangle == number]
        if len(mine) == 0:
            continue
        progress.update(0.78 + 0.2 * number / len(views), "baking")
        photo = _at_scale(read_pixels(view), gains[number], scale)
        bake(
            photo,
            photo_xy[mine] * (photo.shape[1] / view.width),
            node_xy[mine],
            corrections[mine],
            atlas,
            covered,
        )
    _paint_cells(
        charts, plain, cell_of, cells, places[len(pictured) :], scale, node_xy, atlas, covered
    )
    _fill_gutters(atlas, covered)
    uvs = np.stack([node_xy[:, 0] / width, 1 - node_xy[:, 1] / height], axis=1)
    return atlas, np.clip(uvs, 0, 1).astype(np.float32)


def _at_scale(photo: ByteArray, gain: FloatArray, scale: float) -> ByteArray:
    """The photo with its gain, reduced by area where the atlas is much smaller, so nothing aliases."""
    if scale < 0.7:
        reduced = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        photo = np.asarray(reduced, np.uint8)
    table = np.clip(np.rint(np.arange(256)[:, None] * gain), 0, 255).astype(np.uint8)
    return np.stack([table[photo[..., k], k] for k in range(3)], axis=-1)


def _cells(mesh: Mesh, plain: IntArray, colors: FloatArray) -> tuple[IntArray, FloatArray]:
    """(cell of each plain triangle, colour of each cell): triangles of nearly one colour share a cell."""
    mean = colors[mesh.triangles[plain]].mean(axis=1)
    step = 6.0
    while True:
        keys = np.round(mean / step).astype(np.int64)
        unique, cell = np.unique(keys, axis=0, return_inverse=True)
        if len(unique) <= _MAX_CELLS:
            return cell.ravel(), unique * step
        step *= 1.5


def _paint_cells(
    charts: _Charts,
    plain: IntArray,
    cell_of: IntArray,
    cells: FloatArray,
    places: IntArray,
    scale: float,
    node_xy: FloatArray,
    atlas: ByteArray,
    covered: ByteArray,
) -> None:
    side = max(1, int(np.ceil(_CELL_PX * scale)))
    for (x, y), color in zip(places[: len(cells)], cells, strict=True):
        atlas[y : y + side, x : x + side] = np.clip(color, 0, 255)
        covered[y : y + side, x : x + side] = 2
    if len(plain):
        # all three corners at the cell's middle: plain colour, no seam inside
        middle = places[cell_of] + side / 2
        node_xy[charts.node_of_corner[plain]] = middle[:, None]


def _fill_gutters(atlas: ByteArray, covered: ByteArray) -> None:
    """Give every uncovered texel the colour of the nearest covered one: no dark rims in mip levels."""
    if covered.all() or not covered.any():
        return
    free = (covered == 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        free, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    color_of = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    filled = covered > 0
    color_of[nearest[filled]] = atlas[filled]
    atlas[~filled] = color_of[nearest[~filled]]
