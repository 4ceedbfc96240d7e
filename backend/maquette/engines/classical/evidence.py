"""How well a model explains the matches, and whether two models agree: the facts behind trust.

Registered photos and reprojection error are no proof: wrong models had all photos and an error below one pixel. What
tells them apart: verified matches that contradict the model's epipolar geometry, few points per photo, and
independent solutions that differ.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maquette.types import FloatArray, IntArray, Trust

_EPIPOLAR_SHARE = 0.0025  # of the long side: matches further off their epipolar line contradict
_MIN_POINTS = 15  # points that a photo must see, with enough angle, to stay
_MAX_CONTRADICTION = 0.15
_AGREE_ROTATION_DEG = 2.0
_AGREE_DIRECTION_DEG = 6.0


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Verified matches: pixels[first[i]:first[i + 1]] are those of pair names[i]."""

    names: tuple[tuple[str, str], ...]
    first: IntArray
    pixels: FloatArray  # (M, 4) x, y in the first photo, x, y in the second

    @classmethod
    def read(cls, path: Path) -> "Pairs":
        with np.load(path) as arrays:
            names = tuple((str(a), str(b)) for a, b in arrays["pairs"])
            first = np.concatenate([[0], np.cumsum(arrays["counts"])]).astype(np.int64)
            return cls(names=names, first=first, pixels=arrays["pixels"])


@dataclass(frozen=True, kw_only=True)
class Model:
    """One mapper's answer. `label` names how it was made."""

    label: str
    names: tuple[str, ...]
    intrinsics: FloatArray  # (C, 5) fx, fy, cx, cy, k1
    camera_from_world: FloatArray  # (C, 3, 4)
    xyz: FloatArray  # (N, 3)
    error_px: FloatArray  # (N,)
    observations: IntArray  # (M, 2) point, camera
    pixels: FloatArray  # (M, 2) distorted

    @classmethod
    def read(cls, folder: Path) -> "Model":
        with np.load(folder / "model.npz") as a:
            return cls(
                label=folder.name,
                names=tuple(str(name) for name in a["names"]),
                intrinsics=a["intrinsics"],
                camera_from_world=a["camera_from_world"],
                xyz=a["xyz"],
                error_px=a["error_px"],
                observations=a["observations"],
                pixels=a["pixels"],
            )

    def points_per_camera(self) -> IntArray:
        """(C,) how many points each camera sees."""
        return np.bincount(self.observations[:, 1], minlength=len(self.names))


@dataclass(frozen=True, kw_only=True)
class Support:
    """How the matches speak for and against a model."""

    consistent: int  # matches between its photos that fit its epipolar geometry
    contradiction: float  # share of the matches between its photos that do not

    @property
    def score(self) -> float:
        """Larger is better supported; a model that bends many matches loses what it gained."""
        return self.consistent * (1.0 - min(1.0, 2.0 * self.contradiction))


def undistort(pixels: FloatArray, intrinsics: FloatArray) -> FloatArray:
    """(N, 2) pixels free of radial distortion r' = r (1 + k r²), by fixed-point iteration."""
    fx, fy, cx, cy, k = intrinsics
    distorted = (pixels - [cx, cy]) / [fx, fy]
    plain = distorted.copy()
    for _ in range(12):
        plain = distorted / (1 + k * (plain**2).sum(axis=1, keepdims=True))
    return plain * [fx, fy] + [cx, cy]


def support(model: Model, pairs: Pairs, long_side_px: float) -> Support:
    """Check every verified match between two of the model's photos against its geometry."""
    index = {name: i for i, name in enumerate(model.names)}
    consistent = total = 0
    for number, (one, two) in enumerate(pairs.names):
        if one not in index or two not in index:
            continue
        a, b = index[one], index[two]
        pixels = pairs.pixels[pairs.first[number] : pairs.first[number + 1]]
        distance = _epipolar_distance(model, a, b, pixels)
        total += len(pixels)
        consistent += int((distance < _EPIPOLAR_SHARE * long_side_px).sum())
    return Support(consistent=consistent, contradiction=1 - consistent / max(total, 1))


def _epipolar_distance(model: Model, a: int, b: int, pixels: FloatArray) -> FloatArray:
    """(N,) Sampson distance in pixels (Hartley and Zisserman, section 11.4.3)."""
    Ka, Kb = _K(model.intrinsics[a]), _K(model.intrinsics[b])
    Ra, ta = model.camera_from_world[a, :, :3], model.camera_from_world[a, :, 3]
    Rb, tb = model.camera_from_world[b, :, :3], model.camera_from_world[b, :, 3]
    R = Rb @ Ra.T
    t = tb - R @ ta
    cross = np.array([[0, -t[2], t[1]], [t[2], 0, -t[0]], [-t[1], t[0], 0]])
    F = np.linalg.inv(Kb).T @ cross @ R @ np.linalg.inv(Ka)
    one = np.ones((len(pixels), 1))
    x = np.concatenate([undistort(pixels[:, :2], model.intrinsics[a]), one], axis=1)
    y = np.concatenate([undistort(pixels[:, 2:], model.intrinsics[b]), one], axis=1)
    Fx, Fty = x @ F.T, y @ F
    value = (y * Fx).sum(axis=1)
    scale = np.sqrt((Fx[:, :2] ** 2).sum(axis=1) + (Fty[:, :2] ** 2).sum(axis=1))
    return np.abs(value) / np.maximum(scale, 1e-12)


def _K(intrinsics: FloatArray) -> FloatArray:
    fx, fy, cx, cy, _ = intrinsics
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])


def agreement(one: Model, other: Model) -> tuple[int, float, float]:
    """(shared photos, median rotation difference, median direction difference), degrees.

    Compared pair by pair, so no common frame is needed.
    """
    shared = [name for name in one.names if name in other.names]
    if len(shared) < 2:
        return len(shared), np.inf, np.inf
    poses = []
    for model in (one, other):
        rows = [model.names.index(name) for name in shared]
        rotation = model.camera_from_world[rows, :, :3]
        centre = -np.einsum("nji,nj->ni", rotation, model.camera_from_world[rows, :, 3])
        poses.append((rotation, centre))
    rotations, directions = [], []
    for i in range(len(shared)):
        for j in range(i + 1, len(shared)):
            relative = [R[j] @ R[i].T for R, _ in poses]
            cosine = (np.trace(relative[0].T @ relative[1]) - 1) / 2
            rotations.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
            t = [R[i] @ (c[j] - c[i]) for R, c in poses]
            norms = np.linalg.norm(t[0]) * np.linalg.norm(t[1])
            if norms > 1e-12:
                directions.append(np.degrees(np.arccos(np.clip(t[0] @ t[1] / norms, -1, 1))))
    return len(shared), float(np.median(rotations)), float(np.median(directions or [0.0]))


def judge(
    model: Model,
    pairs: Pairs,
    others: list[Model],
    long_side_px: float,
) -> Trust:
    """Trusted only where nothing speaks against the model and an independent one agrees."""
    reasons = []
    seen = model.points_per_camera()
    length = len(model.observations) / max(len(model.xyz), 1)
    found = support(model, pairs, long_side_px)
    ratio = float(np.median(model.intrinsics[:, 0]) / long_side_px)
    k1 = float(np.abs(model.intrinsics[:, 4]).max())
    edge = k1 * ((long_side_px / 2 / model.intrinsics[:, 0].min()) ** 2)
    evidence = {
        "points": float(len(model.xyz)),
        "points_per_photo_median": float(np.median(seen)),
        "points_per_photo_least": float(seen.min()),
        "track_length": length,
        "reprojection_error_px": float(model.error_px.mean()) if len(model.error_px) else 0.0,
        "contradicting_matches": found.contradiction,
        "focal_over_long_side": ratio,
        "radial_distortion": k1,
    }
    if found.contradiction > _MAX_CONTRADICTION:
        reasons.append(f"{found.contradiction:.0%} of the verified matches contradict the cameras")
    if np.median(seen) < 40:
        reasons.append(f"a photo sees only {np.median(seen):.0f} points (median)")
    if len(model.names) > 2 and length < 2.3:
        reasons.append(f"a point is seen by only {length:.1f} photos on average")
    if not 0.35 <= ratio <= 4:
        reasons.append(f"the focal length is implausible ({ratio:.2f} of the long side)")
    if edge > 0.35:
        reasons.append(f"the lens distortion is implausible (k = {k1:.2f})")
    if len(model.names) == 2:
        if len(model.xyz) < 100 or found.contradiction > 0.08:
            reasons.append("two photos with so few matches cannot be checked")
    else:
        reasons += _disagreement(model, others, pairs, long_side_px, evidence)
    return Trust(
        level="unsure" if reasons else "trusted", reasons=tuple(reasons), evidence=evidence
    )


def _disagreement(
    model: Model,
    others: list[Model],
    pairs: Pairs,
    long_side_px: float,
    evidence: dict[str, float],
) -> list[str]:
    """A solution that the matches themselves contradict says nothing against one that they support."""
    best: tuple[int, float, float] | None = None
    own = support(model, pairs, long_side_px)
    for other in others:
        if support(other, pairs, long_side_px).score < 0.5 * own.score:
            continue
        shared, rotation, direction = agreement(model, other)
        if shared >= max(3, 0.6 * len(model.names)) and (best is None or rotation < best[1]):
            best = (shared, rotation, direction)
    if best is None:
        return ["no independent solution has the same photos"]
    evidence["agreement_rotation_deg"], evidence["agreement_direction_deg"] = best[1], best[2]
    if best[1] > _AGREE_ROTATION_DEG or best[2] > _AGREE_DIRECTION_DEG:
        return [
            f"independent solutions differ by {best[1]:.1f}° in rotation and {best[2]:.1f}° in "
            "direction"
        ]
    return []


def weak_cameras(model: Model) -> list[str]:
    """Photos that too few points hold in place."""
    seen = model.points_per_camera()
    return [name for name, count in zip(model.names, seen, strict=True) if count < _MIN_POINTS]
