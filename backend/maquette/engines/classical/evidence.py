"""How well a model explains the matches, and whether two models agree: the facts behind trust.

Registered photos and reprojection error are no proof: wrong models had all photos and an error below one pixel. What
tells them apart: pairs of photos whose verified matches lie far from the model's epipolar lines, few points per
photo, and independent solutions that differ. Where solutions differ about some photos only, those are dropped and the
rest stays: what is trusted is the largest part of a model that a solution of another kind confirms. Another start of
the same mapper on the same features is no such solution: it repeats the mistakes that those features lead to.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from maquette.types import FloatArray, IntArray, Trust

_EPIPOLAR_SHARE = 0.0025  # of the long side: matches nearer to their epipolar line support a model
_GROSS_SHARE = (
    0.01  # of the long side: matches further off contradict it; between lie blur and shutter
)
_PAIR_WEIGHT = 100  # matches after which a pair of photos has its full vote
_MIN_POINTS = 15  # points that a photo must see, with enough angle, to stay
_MAX_CONTRADICTION = 0.15
_MAX_MISFIT = 0.35  # of the matches may miss their line by a little
_AGREE_ROTATION_DEG = 2.0
_AGREE_POSITION = 0.1  # of the cameras' spread: six degrees of direction at that distance
_AGREE_FOCAL = 1.1


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
    """One mapper's answer. `label` names how it was made: mapper_features[-verified how][start]_number."""

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

    @property
    def kind(self) -> tuple[str, str]:
        """Mapper and features: models of one kind differ in start, verification or held lens only."""
        mapper, made = self.label.split("_")[:2]
        return mapper, made.split("-")[0].rstrip("0123456789")

    def points_per_camera(self) -> IntArray:
        """(C,) how many points each camera sees."""
        return np.bincount(self.observations[:, 1], minlength=len(self.names))

    def centres(self) -> FloatArray:
        """(C, 3) where the cameras stand."""
        turn, shift = self.camera_from_world[:, :, :3], self.camera_from_world[:, :, 3]
        return -np.einsum("nji,nj->ni", turn, shift)

    def only(self, names: set[str]) -> "Model":
        """The model without the other photos, and without points that fewer than two of these see."""
        rows = [row for row, name in enumerate(self.names) if name in names]
        new_row = np.full(len(self.names), -1, np.int32)
        new_row[rows] = np.arange(len(rows), dtype=np.int32)
        stays = new_row[self.observations[:, 1]] >= 0
        counts = np.bincount(self.observations[stays, 0], minlength=len(self.xyz))
        new_point = np.full(len(self.xyz), -1, np.int32)
        new_point[counts >= 2] = np.arange((counts >= 2).sum(), dtype=np.int32)
        stays &= new_point[self.observations[:, 0]] >= 0
        point, camera = self.observations[stays].T
        return replace(
            self,
            names=tuple(self.names[row] for row in rows),
            intrinsics=self.intrinsics[rows],
            camera_from_world=self.camera_from_world[rows],
            xyz=self.xyz[counts >= 2],
            error_px=self.error_px[counts >= 2],
            observations=np.stack([new_point[point], new_row[camera]], axis=1),
            pixels=self.pixels[stays],
        )


@dataclass(frozen=True, kw_only=True)
class Support:
    """How the matches speak for and against a model."""

    consistent: int  # matches between its photos that fit its epipolar geometry
    misfit: float  # share of the matches between its photos that do not
    contradiction: float  # share of the pairs' votes that lie far off: blur does not explain them

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
    votes = against = 0.0
    for number, (one, two) in enumerate(pairs.names):
        if one not in index or two not in index:
            continue
        pixels = pairs.pixels[pairs.first[number] : pairs.first[number + 1]]
        distance = _epipolar_distance(model, index[one], index[two], pixels)
        total += len(pixels)
        consistent += int((distance < _EPIPOLAR_SHARE * long_side_px).sum())
        # a pair counts once however many its matches: two photos from one place have most of them
        # and say the least
        votes += min(len(pixels), _PAIR_WEIGHT)
        gross = float((distance > _GROSS_SHARE * long_side_px).mean())
        against += min(len(pixels), _PAIR_WEIGHT) * gross
    return Support(
        consistent=consistent,
        misfit=1 - consistent / max(total, 1),
        contradiction=against / max(votes, 1.0),
    )


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


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What two solutions say alike, after the similarity that most of their shared photos follow."""

    names: frozenset[str]  # photos whose cameras agree
    rotation_deg: float  # median over these
    position: float  # median over these, of the cameras' spread


def agreement(one: Model, other: Model) -> Agreement:
    """The largest set of photos whose cameras stand alike in both solutions.

    The similarity is taken from each pair of cameras in turn (rotation from one of them, scale and place from both).
    """
    nothing = Agreement(names=frozenset(), rotation_deg=np.inf, position=np.inf)
    shared = [name for name in one.names if name in other.names]
    if len(shared) < 3:
        return nothing
    turns, centres = [], []
    for model in (one, other):
        rows = [model.names.index(name) for name in shared]
        turns.append(model.camera_from_world[rows, :, :3])
        centres.append(model.centres()[rows])
    spread = float(np.sqrt(((centres[0] - centres[0].mean(axis=0)) ** 2).sum(axis=1).mean()))
    best: tuple[int, float, FloatArray, FloatArray] | None = None
    for i in range(len(shared)):
        R = turns[0][i].T @ turns[1][i]  # world of `one` from world of `other`
        cosine = (np.einsum("nij,nij->n", turns[0] @ R, turns[1]) - 1) / 2
        rotation = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        a, b = centres[0] - centres[0][i], (centres[1] - centres[1][i]) @ R.T
        length = np.linalg.norm(b, axis=1)
        for j in np.flatnonzero(length > 1e-9 * max(length.max(), 1e-12)):
            moved = b * (np.linalg.norm(a[j]) / length[j])
            position = np.linalg.norm(moved - a, axis=1) / max(spread, 1e-12)
            good = (rotation < _AGREE_ROTATION_DEG) & (position < _AGREE_POSITION)
            cost = float(position[good].sum()) if good.any() else 0.0
            if best is None or (good.sum(), -cost) > (best[0], -best[1]):
                best = (int(good.sum()), cost, np.where(good, rotation, np.nan), position)
    if best is None or best[0] < 3:
        return nothing
    good = np.isfinite(best[2])
    return Agreement(
        names=frozenset(name for name, fits in zip(shared, good, strict=True) if fits),
        rotation_deg=float(np.median(best[2][good])),
        position=float(np.median(best[3][good])),
    )


def confirmed(
    model: Model, others: list[Model], pairs: Pairs, long_side_px: float
) -> Agreement | None:
    """The largest agreement with a solution of another kind; None where there is none.

    A solution that the matches themselves contradict, or that sees through another lens, confirms nothing.
    """
    best: Agreement | None = None
    focal = np.median(model.intrinsics[:, 0])
    for other in others:
        if other.kind == model.kind:
            continue
        ratio = float(np.median(other.intrinsics[:, 0]) / focal)
        if not 1 / _AGREE_FOCAL < ratio < _AGREE_FOCAL:
            continue
        found = agreement(model, other)
        if not found.names or (best is not None and len(found.names) <= len(best.names)):
            continue
        part = support(other.only(set(found.names)), pairs, long_side_px)
        if part.contradiction <= _MAX_CONTRADICTION:
            best = found
    return best


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
        "misfitting_matches": found.misfit,
        "focal_over_long_side": ratio,
        "radial_distortion": k1,
    }
    if found.contradiction > _MAX_CONTRADICTION:
        reasons.append(f"{found.contradiction:.0%} of the verified matches contradict the cameras")
    elif found.misfit > _MAX_MISFIT:
        reasons.append(f"{found.misfit:.0%} of the verified matches miss the cameras by a little")
    if np.median(seen) < 40:
        reasons.append(f"a photo sees only {np.median(seen):.0f} points (median)")
    if len(model.names) > 2 and length < 2.3:
        reasons.append(f"a point is seen by only {length:.1f} photos on average")
    if not 0.35 <= ratio <= 4:
        reasons.append(f"the focal length is implausible ({ratio:.2f} of the long side)")
    if edge > 0.35:
        reasons.append(f"the lens distortion is implausible (k = {k1:.2f})")
    if len(model.names) == 2:
        if len(model.xyz) < 100 or found.misfit > 0.08:
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
    best = confirmed(model, others, pairs, long_side_px)
    if best is None:
        return ["no independent solution agrees with it"]
    evidence["agreement_photos"] = float(len(best.names))
    evidence["agreement_rotation_deg"] = best.rotation_deg
    evidence["agreement_position"] = best.position
    missing = len(model.names) - len(best.names)
    if missing:
        return [f"independent solutions differ about {missing} of {len(model.names)} photos"]
    return []


def weak_cameras(model: Model) -> list[str]:
    """Photos that too few points hold in place."""
    seen = model.points_per_camera()
    return [name for name, count in zip(model.names, seen, strict=True) if count < _MIN_POINTS]
