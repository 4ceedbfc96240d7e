"""The few types that carry the data from photos to scene: frozen dataclasses of numpy arrays.

Frames: cameras are OpenCV (x right, y down, z forward), the centre of the top-left pixel is (0.5, 0.5).
World is the engine's own until levelling, then Z up; lengths are scene units, metres where metric.
Letters: N points, V vertices, T triangles, H×W pixels, C cameras, M observations.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

# The names say the kind; docstrings say the exact dtype. As type parameters dtypes are left open:
# the stubs of cv2 and scipy give none that would check.
FloatArray = npt.NDArray[Any]
IntArray = npt.NDArray[Any]
ByteArray = npt.NDArray[Any]
BoolArray = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Gps:
    """Where a photo says that it was taken (WGS 84)."""

    latitude_deg: float
    longitude_deg: float
    altitude_m: float | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """One photo, made uniform: upright 8-bit sRGB on disk, read when needed."""

    name: str  # the photo's file name, unique in the run
    path: Path  # upright 8-bit RGB file; the original where it is that already
    width: int  # pixels, upright
    height: int
    source: Path  # the file that the user gave (the video, for a frame)
    focal_px: float | None = None  # from EXIF, at this size
    device: str = ""  # views with the same key share one set of intrinsics
    mask_path: Path | None = None  # 8-bit PNG at this size: 0 = leave out of everything
    sky_path: Path | None = None  # 8-bit PNG at this size: 255 = sky, no geometry there
    gps: Gps | None = None
    taken_at: str | None = None  # EXIF date and time, as written


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A pinhole camera whose photo is free of lens distortion."""

    name: str  # the view's name
    width: int
    height: int
    K: FloatArray  # (3, 3) float64, pixels
    world_from_camera: FloatArray  # (4, 4) float64, OpenCV camera axes

    @property
    def camera_from_world(self) -> FloatArray:
        """(4, 4) float64, the rigid inverse of world_from_camera."""
        rotation = self.world_from_camera[:3, :3].T
        inverse = np.eye(4)
        inverse[:3, :3] = rotation
        inverse[:3, 3] = -rotation @ self.world_from_camera[:3, 3]
        return inverse

    @property
    def centre(self) -> FloatArray:
        """(3,) float64, the optical centre in world."""
        return self.world_from_camera[:3, 3]

    def scaled(self, width: int, height: int) -> "Camera":
        """The same camera for a resized photo."""
        scale = np.diag([width / self.width, height / self.height, 1.0])
        return Camera(
            name=self.name,
            width=width,
            height=height,
            K=scale @ self.K,
            world_from_camera=self.world_from_camera,
        )


@dataclass(frozen=True, kw_only=True)
class SparsePoints:
    """Triangulated points with their tracks; observations are grouped by nothing, sorted by point."""

    xyz: FloatArray  # (N, 3) float64, world
    rgb: ByteArray  # (N, 3) sRGB
    error_px: FloatArray  # (N,) mean reprojection error, full-size pixels
    observation_point: IntArray  # (M,) int32 into xyz
    observation_camera: IntArray  # (M,) int32 into Reconstruction.cameras
    observation_xy: FloatArray  # (M, 2) float64, undistorted full-size pixels


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whether the cameras can be relied on, and the evidence in words."""

    level: Literal["trusted", "unsure"]
    reasons: tuple[str, ...] = ()  # why unsure; empty when trusted
    evidence: dict[str, float] = field(default_factory=dict)  # measured figures, by name


@dataclass(frozen=True, kw_only=True)
class DepthMap:
    """Depth of one view along camera z, at stereo's resolution (the camera scaled to it)."""

    depth: FloatArray  # (H, W) float32, scene units, 0 = unknown
    confidence: (
        FloatArray  # (H, W) float32, 0..1: weight in fusion, by views that agree and texture
    )
    filled: BoolArray  # (H, W) true where a surface prior, not photo-consistency, gave the depth


@dataclass(frozen=True, kw_only=True)
class Reconstruction:
    """What an engine gives: cameras, points, depth, and what is known about their quality."""

    cameras: tuple[Camera, ...]
    points: SparsePoints
    trust: Trust
    engine: str
    depth: dict[str, DepthMap] = field(default_factory=dict)  # by camera name
    is_metric: bool = False  # lengths are metres; before levelling, as far as the engine knows
    left_out: dict[str, str] = field(default_factory=dict)  # view name → why it has no camera
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A triangle surface in world."""

    vertices: FloatArray  # (V, 3) float32
    triangles: IntArray  # (T, 3) int32, counter-clockwise seen from outside
    colors: ByteArray  # (V, 3) sRGB
    seen: FloatArray  # (V,) float32: 1 seen in photos, 0 filled


@dataclass(frozen=True, kw_only=True)
class TexturedMesh:
    """A mesh with an atlas. Vertices are split where charts meet: one UV per vertex."""

    vertices: FloatArray  # (V, 3) float32
    triangles: IntArray  # (T, 3) int32
    colors: ByteArray  # (V, 3) sRGB
    seen: FloatArray  # (V,) float32: 1 seen in photos, 0 filled
    uvs: FloatArray  # (V, 2) float32, v up, 0..1
    texture: ByteArray  # (H, W, 3) sRGB
    textured_share: float  # share of triangles that show a photo, 0..1
