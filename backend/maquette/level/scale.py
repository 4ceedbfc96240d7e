"""How long a metre is: from distances that the user knows, from GPS, else sized so that it looks right."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maquette.types import Camera, FloatArray, Reconstruction, View
from maquette_protocol.errors import InputError

_EARTH_RADIUS_M = 6_371_000.0
_GPS_NOISE_M = 4.0
_EYE_HEIGHT_M = 1.5  # of a camera held by a standing person
_FORM = 'Write "a.jpg:x,y b.jpg:x,y metres" for two points in photos, or "a.jpg b.jpg metres" for two cameras.'


@dataclass(frozen=True, kw_only=True)
class Place:
    """A photo, and a pixel of it; without a pixel the camera itself."""

    photo: str
    pixel: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class KnownDistance:
    """Two places, and the metres between them."""

    a: Place
    b: Place
    metres: float

    @classmethod
    def parse(cls, text: str) -> "KnownDistance":
        """From "p1 p2 metres". Raises InputError that shows the form."""
        parts = text.rsplit(None, 1)
        try:
            metres = float(parts[1])
            first, second = _two_places(parts[0])
        except (IndexError, ValueError) as error:
            raise InputError(f"{text!r} is no known distance.", hint=_FORM) from error
        if not 0 < metres < 1e6:
            raise InputError(f"{metres} m is no usable distance.", hint=_FORM)
        return cls(a=first, b=second, metres=metres)


def _two_places(text: str) -> tuple[Place, Place]:
    words = shlex.split(text)  # a name with a space stands in quotes
    if len(words) != 2:
        raise ValueError(text)
    return _place(words[0]), _place(words[1])


def _place(word: str) -> Place:
    name, colon, pixel = word.rpartition(":")
    if not colon:
        return Place(photo=word, pixel=None)
    x, y = pixel.split(",")
    return Place(photo=name, pixel=(float(x), float(y)))


def metres_per_unit_from_known(
    known: Sequence[KnownDistance], reconstruction: Reconstruction
) -> float:
    """Median over the known distances. Raises InputError where a place cannot be found."""
    ratios = []
    for distance in known:
        a, b = (_locate(place, reconstruction) for place in (distance.a, distance.b))
        units = float(np.linalg.norm(a - b))
        if units <= 0:
            raise InputError("The two places of a known distance are the same.", hint=_FORM)
        ratios.append(distance.metres / units)
    return float(np.median(ratios))


def _locate(place: Place, reconstruction: Reconstruction) -> FloatArray:
    cameras = {camera.name: camera for camera in reconstruction.cameras}
    if place.photo not in cameras:
        raise InputError(
            f"The photo {place.photo!r} of a known distance has no camera.",
            hint=f"Choose from: {', '.join(list(cameras)[:8])} …",
        )
    camera = cameras[place.photo]
    if place.pixel is None:
        return camera.centre
    depth = _depth_at(camera, place.pixel, reconstruction)
    if depth is None:
        raise InputError(
            f"There is no depth at {place.photo}:{place.pixel[0]:g},{place.pixel[1]:g}.",
            hint="Choose a point on a surface with texture that several photos show.",
        )
    ray = np.linalg.solve(camera.K, np.array([*place.pixel, 1.0]))
    return camera.world_from_camera[:3, :3] @ (ray * depth) + camera.centre


def _depth_at(
    camera: Camera, pixel: tuple[float, float], reconstruction: Reconstruction
) -> float | None:
    found = reconstruction.depth.get(camera.name)
    if found is None:
        return None
    height, width = found.depth.shape
    column = int(pixel[0] / camera.width * width)
    row = int(pixel[1] / camera.height * height)
    around = found.depth[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
    values = around[around > 0]
    return float(np.median(values)) if values.size else None


def metres_per_unit_from_gps(
    views: Sequence[View], cameras: Sequence[Camera], up: FloatArray
) -> float | None:
    """From photos that say where they were taken, if they spread far wider than GPS errs; else None."""
    placed = [(view.gps, camera) for view, camera in zip(views, cameras, strict=True) if view.gps]
    if len(placed) < 3:
        return None
    latitude = np.radians([gps.latitude_deg for gps, _ in placed])
    longitude = np.radians([gps.longitude_deg for gps, _ in placed])
    east = (longitude - longitude.mean()) * np.cos(latitude.mean()) * _EARTH_RADIUS_M
    north = (latitude - latitude.mean()) * _EARTH_RADIUS_M
    true = np.stack([east, north], axis=1)
    if np.sqrt((true**2).sum(axis=1).mean()) < 4 * _GPS_NOISE_M:
        return None
    x = np.cross(up, [1.0, 0, 0] if abs(up[0]) < 0.9 else [0, 1.0, 0])
    x /= np.linalg.norm(x)
    y = np.cross(up, x)
    flat = np.array([[camera.centre @ x, camera.centre @ y] for _, camera in placed])
    flat -= flat.mean(axis=0)
    u, s, vt = np.linalg.svd(true.T @ flat)
    sign = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    scale = float((s * np.diag(sign)).sum() / (flat**2).sum())
    residual = np.sqrt(((true - scale * flat @ (u @ sign @ vt).T) ** 2).sum(axis=1).mean())
    return scale if scale > 0 and residual < 2 * _GPS_NOISE_M else None


def plausible_metres_per_unit(
    camera_heights: FloatArray, median_depth: float, is_around_an_object: bool
) -> tuple[float, str]:
    """(factor, note) for scenes whose scale nothing tells: an eye's height, or a thing on a table."""
    if is_around_an_object:
        return 0.6 / median_depth, "sized as a thing photographed from 0.6 m"
    height = float(np.median(camera_heights))
    factor = _EYE_HEIGHT_M / height if height > 0.05 * median_depth else 2.5 / median_depth
    # an eye's height must not make a near view huge, nor a street a toy
    factor = float(np.clip(factor, 1.2 / median_depth, 12.0 / median_depth))
    return factor, "sized as if the photos were taken from a standing person's height"
