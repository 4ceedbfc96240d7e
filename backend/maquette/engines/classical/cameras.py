"""Cameras from photos: COLMAP in a child process, several independent solutions, and the evidence to choose by.

A ladder of rungs, each climbed only where those below leave photos out or nothing vouches for their answer: plain
features; weaker and affine-adapted ones; these verified anew by the focal length that was found meanwhile; and
matches guided by that. Each rung maps incrementally and globally, from several starts. Of all models the largest part
that a solution of another kind confirms (another mapper's, or one from other features) is taken, and trusted only if
nothing speaks against it (see evidence.judge).
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from maquette.engines.classical.evidence import (
    Model,
    Pairs,
    confirmed,
    judge,
    support,
    weak_cameras,
)
from maquette.engines.classical.undistort import to_reconstruction
from maquette.options import Quality
from maquette.progress import Progress
from maquette.sofar import partial_scene
from maquette.types import Reconstruction, Trust, View
from maquette_kernels.parallel import num_threads
from maquette_protocol.errors import (
    CrashError,
    InputError,
    NoReconstructionError,
    OutOfMemoryError,
)

_FOCAL_START = 0.9  # of the long side, from which mapping refines it where EXIF says nothing
_EXIF_FOCAL = 1.25  # a free focal length further from EXIF's was led astray by weak geometry
_TWO_VIEW_FOCAL = 1.1  # of the long side: between a phone's and a portrait lens


@dataclass(frozen=True, kw_only=True)
class CameraOptions:
    """Effort for features and matching."""

    max_side_px: int = (
        1600  # photos are reduced to this for features; more is slower, hardly better
    )
    max_features: int = 4096  # per photo; where they fail, a second rung takes more and weaker ones

    @classmethod
    def for_quality(cls, quality: Quality) -> "CameraOptions":
        """Larger photos with more time."""
        return cls(max_side_px={"draft": 1200, "normal": 1600, "high": 2400}[quality])


@dataclass(frozen=True, kw_only=True)
class CameraSolution:
    """Cameras and points, and the photos that they describe."""

    reconstruction: Reconstruction  # without depth
    views: tuple[View, ...]  # free of lens distortion, in the cameras' order


@dataclass(frozen=True, kw_only=True)
class _Rung:
    """Settings of one attempt."""

    label: str
    max_features: int
    affine: bool = False
    guided: bool = False
    peak_threshold: float = 0.0067
    edge_threshold: float = 10.0
    init_inliers: int = 50
    init_angle_deg: float = 8.0
    pose_inliers: int = 20
    max_forward_motion: float = 0.95
    holds_lens: bool = False  # also try without lens distortion: weak matches bend a free lens
    calibrates: bool = False  # keeps the matches of the rung below, verifies them by a known focal


@dataclass(kw_only=True)
class _Attempt:
    """What one rung found."""

    pairs: Pairs
    models: list[Model] = field(default_factory=list)


def estimate_cameras(
    views: tuple[View, ...], workdir: Path, options: CameraOptions, progress: Progress
) -> CameraSolution:
    """Cameras of as many photos as can be vouched for.

    Raises NoReconstructionError where no two photos can be placed, CrashError, Cancelled.
    """
    photos = _Photos(views, workdir / "sfm")
    attempts: list[_Attempt] = []
    best: _Choice | None = None
    for number, rung in enumerate(_rungs(options)):
        if number > 0 and len(views) <= 2:
            break
        lenses = _lenses(attempts, photos) if rung.calibrates else []
        if rung.calibrates and not lenses:
            break
        span = (number / 4, (number + 1) / 4)
        placed: set[str] = set()
        if best is not None and best.is_trusted:
            placed = set(best.model.names) - set(weak_cameras(best.model))
        left_out = [name for name in photos.names if name not in placed]
        attempts.append(_attempt(photos, rung, lenses, left_out, options, progress, span))
        best = _choose(attempts, photos)
        if best is not None and best.is_trusted and best.held >= 0.9 * len(views):
            break
    if best is None:
        raise NoReconstructionError(
            f"The {len(views)} photos share too little to place even two of them.",
            hint="Take more photos with two thirds overlap, sharp, of things with texture; "
            "walk sideways rather than straight ahead.",
        )
    return photos.solution(best.model, best.trust, attempts, workdir, progress)


def _rungs(options: CameraOptions) -> tuple[_Rung, ...]:
    plain = _Rung(label="plain", max_features=options.max_features)
    deep = _Rung(
        label="deep",
        max_features=6144,
        affine=True,
        peak_threshold=0.002,
        edge_threshold=16.0,
        init_angle_deg=6.0,
        pose_inliers=15,
        max_forward_motion=1.0,
        holds_lens=True,
    )
    calibrated = replace(deep, label="deep-calibrated", calibrates=True)
    return plain, deep, calibrated, replace(calibrated, label="deep-guided", guided=True)


def use_cameras(
    views: tuple[View, ...],
    model_folder: Path,
    workdir: Path,
    options: CameraOptions,
    progress: Progress,
    *,
    adjusts: bool = False,
) -> CameraSolution:
    """The cameras of a COLMAP model that there is; points are triangulated anew from matches.

    adjusts: the cameras are about right, and are adjusted to the points
    Photos are found by file name. Raises InputError where the folder is no model or shares no photo.
    """
    # adjusted, photos of one device share their lens: each alone would fit noise
    photos = _Photos(views, workdir / "sfm", one_each=not adjusts)
    rung = _Rung(label="given", max_features=options.max_features)
    request = photos.request(rung, options)
    request |= {"camera_model": "PINHOLE", "focal_px": {}}
    _run_child({**request, "task": "match"}, progress, (0.0, 0.7))
    given = {"task": "triangulate", "user_model": str(model_folder), **request}
    given["adjusts"] = adjusts
    given["names_of_views"] = {
        view.name: name for view, name in zip(views, photos.names, strict=True)
    }
    _run_child(given, progress, (0.7, 1.0))
    folder = photos.folder / "models" / "given_0"
    if not (folder / "model.npz").exists():
        raise InputError(
            f"{model_folder} is no COLMAP model of these photos.",
            hint="Give the folder with cameras, images and points3D (.txt or .bin); names must match.",
        )
    model = Model.read(folder)
    trust = Trust(level="trusted", evidence={"points": float(len(model.xyz))})
    pairs = Pairs.read(photos.folder / "pairs.npz")
    attempt = _Attempt(pairs=pairs, models=[model])
    return photos.solution(model, trust, [attempt], workdir, progress)


class _Photos:
    """The views as COLMAP sees them: numbered links, one folder per device."""

    def __init__(self, views: tuple[View, ...], folder: Path, *, one_each: bool = False) -> None:
        self.views, self.folder = views, folder
        shutil.rmtree(folder, ignore_errors=True)
        devices: dict[str, str] = {}
        self.names: list[str] = []
        self.focal_px: dict[str, float] = {}
        self.has_masks = False
        self.num_shown = 0  # photos with a place in the best model that was shown while mapping
        for number, view in enumerate(views):
            key = view.name if one_each else f"{view.device} {view.width}x{view.height}"
            device = devices.setdefault(key, f"d{len(devices)}")
            name = f"{device}/{number:05d}{view.path.suffix.lower()}"
            self.names.append(name)
            if view.focal_px:
                self.focal_px[device] = view.focal_px
            _link(view.path.absolute(), folder / "images" / name)
            if view.mask_path is not None:
                self.has_masks = True
                _link(view.mask_path.absolute(), folder / "masks" / f"{name}.png")
        self.long_side_px = float(max(max(view.width, view.height) for view in views))
        self.focal_is_known = bool(self.focal_px)
        if len(views) == 2 and not self.focal_px:
            self.focal_px = dict.fromkeys(devices.values(), _TWO_VIEW_FOCAL * self.long_side_px)

    def request(self, rung: _Rung, options: CameraOptions) -> dict[str, Any]:
        """What the child needs to know."""
        few = len(self.views) <= 3
        return {
            **asdict(rung),
            "database": str(self.folder / "database.db"),
            "images": str(self.folder / "images"),
            "masks": str(self.folder / "masks") if self.has_masks else "",
            "models": str(self.folder / "models"),
            "names": self.names,
            "threads": num_threads(),
            "max_side_px": options.max_side_px,
            "focal_px": self.focal_px,
            "focal_start_px": _FOCAL_START * self.long_side_px,
            "camera_model": "SIMPLE_RADIAL",
            "refine": len(self.views) > 2,
            "refine_focal": len(self.views) > 2,
            "refine_extra": len(self.views) > 2,
            "min_model_size": 2 if few else 3,
            "ignore_two_view_tracks": len(self.views) > 3,
            "min_angle_deg": 0.4 if len(self.views) == 2 else 1.5,
            "init_angle_deg": 0.5 if len(self.views) == 2 else rung.init_angle_deg,
            "seed": 0,
        }

    def solution(
        self,
        model: Model,
        trust: Trust,
        attempts: list[_Attempt],
        workdir: Path,
        progress: Progress,
    ) -> CameraSolution:
        """The chosen model in the house's types; what has no camera is named with the reason."""
        number_of = {name: number for number, name in enumerate(self.names)}
        weak = set(weak_cameras(model)) if len(model.names) > 3 else set()
        placed = [(number_of[n], row) for row, n in enumerate(model.names) if n not in weak]
        matched = {name for attempt in attempts for pair in attempt.pairs.names for name in pair}
        elsewhere = {n for attempt in attempts for other in attempt.models for n in other.names}
        left_out = {}
        placed_numbers = {number for number, _ in placed}
        for number, name in enumerate(self.names):
            if number in placed_numbers:
                continue
            if name not in matched:
                reason = "it shares nothing with the others."
            elif name in weak:
                reason = "too few points hold its camera in place."
            elif name in elsewhere:
                reason = "it belongs to another part of the scene that could not be joined."
            else:
                reason = "too few of its matches fit the others."
            left_out[self.views[number].name] = reason
        reconstruction, views = to_reconstruction(
            model, placed, self.views, trust, left_out, workdir, progress
        )
        warnings = ()
        if len(model.names) == 2 and not self.focal_is_known:
            warnings = (
                "Two photos do not tell the focal length: proportions in depth are a guess. "
                "Photos with EXIF, or a third one, tell it.",
            )
        reconstruction = replace(reconstruction, warnings=warnings)
        return CameraSolution(reconstruction=reconstruction, views=views)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source)
    except OSError:  # Windows without the right to make links
        shutil.copyfile(source, target)


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """A model, or the part of one that is vouched for."""

    model: Model
    trust: Trust
    score: float
    keeps_exif: bool  # False where the focal length wandered far from what EXIF tells

    @property
    def is_trusted(self) -> bool:
        return self.trust.level == "trusted"

    @property
    def held(self) -> int:
        """Photos that enough points hold in place."""
        return len(self.model.names) - len(weak_cameras(self.model))

    @property
    def rank(self) -> tuple[bool, int, float]:
        """More trusted photos before better supported ones; of untrusted, the best supported."""
        is_plausible = not any("implausible" in reason for reason in self.trust.reasons)
        if self.is_trusted:
            return True, self.held if self.keeps_exif else self.held // 2, self.score
        is_plausible &= self.keeps_exif
        return False, 0, self.score * (1.0 if is_plausible else 0.1)


def _attempt(
    photos: _Photos,
    rung: _Rung,
    lenses: list[dict[str, float]],
    left_out: list[str],
    options: CameraOptions,
    progress: Progress,
    span: tuple[float, float],
) -> _Attempt:
    request = photos.request(rung, options)
    middle = span[0] + 0.8 * (span[1] - span[0])
    if rung.calibrates:
        asked = {**request, "task": "calibrate", "lenses": lenses, "left_out": left_out}
        _run_child(asked, progress, (span[0], middle))
    else:
        for old in ("database.db", "database.db-wal", "database.db-shm", "pairs.npz"):
            (photos.folder / old).unlink(missing_ok=True)
        _run_child({**request, "task": "match"}, progress, (span[0], middle))
    pairs = Pairs.read(photos.folder / "pairs.npz")
    # another start, where the first led astray; it proves nothing about the first
    again = {"seed": 1, "init_angle_deg": 14.0}
    tries: list[dict[str, Any]] = [
        {"mapper": "incremental"},
        {"mapper": "global"},
        {"mapper": "incremental", **again, "label": f"{rung.label}2"},
    ]
    if photos.focal_is_known or rung.holds_lens:
        held = {"refine_focal": not photos.focal_is_known, "refine_extra": False}
        if rung.calibrates:
            held["refine_focal"] = False
        for mapper in ("incremental", "global"):
            tries.append({"mapper": mapper, **held, "label": f"{rung.label}3"})
            tries.append({"mapper": mapper, **held, **again, "label": f"{rung.label}4"})
    for one in tries if len(photos.views) > 2 else tries[:1]:
        ask = {**request, "label": rung.label, **one, "task": "map"}
        ask["shows"] = progress.on_partial is not None
        try:
            _run_child(ask, progress, (middle, span[1]), photos)
        except CrashError:
            continue  # the other mapper may still answer
    folders = sorted((photos.folder / "models").glob(f"*_{rung.label}[_0-9]*"))
    models = [Model.read(folder) for folder in folders]
    return _Attempt(pairs=pairs, models=[model for model in models if _is_sound(model)])


def _is_sound(model: Model) -> bool:
    numbers = (model.camera_from_world, model.intrinsics, model.xyz)
    return len(model.xyz) >= 10 and all(np.isfinite(a).all() for a in numbers)


def _lenses(attempts: list[_Attempt], photos: _Photos) -> list[dict[str, float]]:
    """Focal lengths per device worth a hypothesis: those of plausible models, best supported first, and EXIF's."""
    found: list[tuple[float, dict[str, float]]] = []
    for attempt in attempts:
        for model in attempt.models:
            lens: dict[str, float] = {}
            for name, row in zip(model.names, model.intrinsics, strict=True):
                lens[name.split("/")[0]] = float(row[0])
            shares = np.array(list(lens.values())) / photos.long_side_px
            bend = np.abs(model.intrinsics[:, 4]) / (2 * shares.min()) ** 2
            if (
                len(model.names) >= 3
                and _keeps_exif(model, photos)
                and shares.min() >= 0.5
                and shares.max() <= 2
                and bend.max() < 0.2
            ):
                found.append((support(model, attempt.pairs, photos.long_side_px).score, lens))
    found.sort(key=lambda entry: -entry[0])
    distinct: list[dict[str, float]] = [dict(photos.focal_px)] if photos.focal_px else []
    for _, lens in found:
        if not any(_is_same_lens(lens, other) for other in distinct) and len(distinct) < 4:
            distinct.append({**photos.focal_px, **lens})
    return distinct


def _is_same_lens(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        abs(np.log(focal / other.get(device, focal))) < 0.03 for device, focal in one.items()
    )


def _choose(attempts: list[_Attempt], photos: _Photos) -> _Choice | None:
    """The largest model, or part of one, that can be trusted; else the best supported."""
    choices: list[_Choice] = []
    everyone = [model for attempt in attempts for model in attempt.models]
    for attempt in attempts:
        for model in attempt.models:
            others = [other for other in everyone if other is not model]
            parts = [model]
            found = confirmed(model, others, attempt.pairs, photos.long_side_px)
            if found is not None and 3 <= len(found.names) < len(model.names):
                parts.append(model.only(set(found.names)))
            for part in parts:
                score = support(part, attempt.pairs, photos.long_side_px).score
                trust = judge(part, attempt.pairs, others, photos.long_side_px)
                keeps = _keeps_exif(part, photos)
                choices.append(_Choice(model=part, trust=trust, score=score, keeps_exif=keeps))
    return max(choices, key=lambda choice: choice.rank, default=None)


def _keeps_exif(model: Model, photos: _Photos) -> bool:
    for name, row in zip(model.names, model.intrinsics, strict=True):
        known = photos.focal_px.get(name.split("/")[0])
        if known and abs(np.log(row[0] / known)) > np.log(_EXIF_FOCAL):
            return False
    return True


def _show(photos: _Photos, path: Path, progress: Progress) -> None:
    """Show the growing model, unless an earlier try had placed more photos."""
    with np.load(path) as sofar:
        xyz, poses = sofar["xyz"], sofar["world_from_camera"]
        if progress.on_partial is None or not len(xyz) or len(poses) < photos.num_shown:
            return
        photos.num_shown = len(poses)
        progress.on_partial(partial_scene(xyz, sofar["rgb"], poses, len(photos.views)))


def _run_child(
    request: dict[str, Any],
    progress: Progress,
    span: tuple[float, float],
    photos: _Photos | None = None,
) -> None:
    """Run one task in a process of its own. Raises CrashError where it ended without finishing.

    photos: whose growing model is shown, where the request asks for it
    """
    with tempfile.TemporaryFile() as log:
        _converse(request, progress, span, log, photos)


def _converse(
    request: dict[str, Any],
    progress: Progress,
    span: tuple[float, float],
    log: IO[bytes],
    photos: _Photos | None,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "maquette.engines.classical.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        share, note = 0.0, ""
        for line in _lines(process.stdout, process):
            if line is None:  # nothing new: the place to stop, twice a second
                progress.update(span[0] + share * (span[1] - span[0]), note)
                continue
            event = json.loads(line)
            if event.get("finished"):
                return
            share, note = event["done"], event["note"]
            if "sofar" in event and photos is not None:
                _show(photos, Path(event["sofar"]), progress)
            progress.update(span[0] + share * (span[1] - span[0]), note)
        status = process.wait()
        log.seek(0)
        told = log.read()[-4000:].decode("utf-8", "replace").strip().splitlines()[-1:]
        killed = -9  # by the system: nobody else ends it so
        is_memory = status == killed or any("MemoryError" in line for line in told)
        kind = OutOfMemoryError if is_memory else CrashError
        raise kind(
            f"COLMAP ended with status {status} while {request['task']} was running. "
            + " ".join(told),
            hint="If memory ran out, try --quality draft; else leave out the last photo added.",
        )
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _lines(stream: Any, process: "subprocess.Popen[str]") -> Iterator[str | None]:
    """The stream's lines; None after each half second without one."""
    from queue import Empty, Queue

    queue: Queue[str | None] = Queue()

    def read() -> None:
        try:
            for line in stream:
                queue.put(line)
        except ValueError:
            pass  # closed under us while stopping
        queue.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = queue.get(timeout=0.5)
        except Empty:
            yield None
            continue
        if line is None:
            return
        yield line
