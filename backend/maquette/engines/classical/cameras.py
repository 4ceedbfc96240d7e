"""Cameras from photos: COLMAP in a child process, several independent solutions, and the evidence to choose by.

Two rungs: plain settings for photos with texture; low thresholds and domain-size pooling where the first leaves photos
out or nothing vouches for its answer. Each rung maps incrementally and globally; the model that the verified
matches support best is taken, and trusted only if nothing speaks against it (see evidence.judge).
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
    judge,
    support,
    weak_cameras,
)
from maquette.engines.classical.undistort import to_reconstruction
from maquette.options import Quality
from maquette.progress import Progress
from maquette.types import Reconstruction, Trust, View
from maquette_kernels.parallel import num_threads
from maquette_protocol.errors import CrashError, InputError, NoReconstructionError

_FOCAL_START = 0.9  # of the long side, from which mapping refines it where EXIF says nothing
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
    rungs = (
        _Rung(label="plain", max_features=options.max_features),
        _Rung(
            label="deep",
            max_features=8192,
            affine=True,
            guided=True,
            peak_threshold=0.003,
            edge_threshold=12.0,
            max_forward_motion=1.0,
            holds_lens=True,
        ),
    )
    best: tuple[Model, Trust, _Attempt] | None = None
    for number, rung in enumerate(rungs):
        spans = (0.0, 0.5) if number == 0 else (0.5, 1.0)
        attempt = _attempt(photos, rung, options, progress, spans)
        chosen = _choose(attempt, photos)
        if chosen is not None and (best is None or _rank(chosen) > _rank(best[:2])):
            best = (*chosen, attempt)
        is_trusted = best is not None and best[1].level == "trusted"
        if best is not None and is_trusted and len(best[0].names) >= 0.9 * len(views):
            break
    if best is None:
        raise NoReconstructionError(
            f"The {len(views)} photos share too little to place even two of them.",
            hint="Take more photos with two thirds overlap, sharp, of things with texture; "
            "walk sideways rather than straight ahead.",
        )
    model, trust, attempt = best
    return photos.solution(model, trust, attempt, workdir, progress)


def use_cameras(
    views: tuple[View, ...],
    model_folder: Path,
    workdir: Path,
    options: CameraOptions,
    progress: Progress,
) -> CameraSolution:
    """The cameras of a COLMAP model that the user has; points are triangulated anew from matches.

    Photos are found by file name. Raises InputError where the folder is no model or shares no photo.
    """
    photos = _Photos(views, workdir / "sfm", one_each=True)
    rung = _Rung(label="given", max_features=options.max_features)
    request = photos.request(rung, options)
    request |= {"camera_model": "PINHOLE", "focal_px": {}}
    _run_child({**request, "task": "match"}, progress, (0.0, 0.7))
    given = {"task": "triangulate", "user_model": str(model_folder), **request}
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
    return photos.solution(model, trust, _Attempt(pairs=pairs, models=[model]), workdir, progress)


class _Photos:
    """The views as COLMAP sees them: numbered links, one folder per device."""

    def __init__(self, views: tuple[View, ...], folder: Path, *, one_each: bool = False) -> None:
        self.views, self.folder = views, folder
        shutil.rmtree(folder, ignore_errors=True)
        devices: dict[str, str] = {}
        self.names: list[str] = []
        self.focal_px: dict[str, float] = {}
        self.has_masks = False
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
        attempt: _Attempt,
        workdir: Path,
        progress: Progress,
    ) -> CameraSolution:
        """The chosen model in the house's types; what has no camera is named with the reason."""
        number_of = {name: number for number, name in enumerate(self.names)}
        weak = set(weak_cameras(model)) if len(model.names) > 3 else set()
        placed = [(number_of[n], row) for row, n in enumerate(model.names) if n not in weak]
        matched = {name for pair in attempt.pairs.names for name in pair}
        elsewhere = {name for other in attempt.models for name in other.names}
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


def _attempt(
    photos: _Photos,
    rung: _Rung,
    options: CameraOptions,
    progress: Progress,
    span: tuple[float, float],
) -> _Attempt:
    for old in ("database.db", "database.db-wal", "database.db-shm", "pairs.npz"):
        (photos.folder / old).unlink(missing_ok=True)
    request = photos.request(rung, options)
    middle = span[0] + 0.8 * (span[1] - span[0])
    _run_child({**request, "task": "match"}, progress, (span[0], middle))
    pairs = Pairs.read(photos.folder / "pairs.npz")
    tries: list[dict[str, Any]] = [
        {"mapper": "incremental"},
        {"mapper": "global"},
        # another start: what two of them agree about does not hang on where they began
        {"mapper": "incremental", "seed": 1, "init_angle_deg": 14.0, "label": f"{rung.label}2"},
    ]
    if photos.focal_is_known or rung.holds_lens:
        held = {"refine_focal": not photos.focal_is_known, "refine_extra": False}
        tries.append({"mapper": "incremental", **held, "label": f"{rung.label}3"})
        tries.append({"mapper": "incremental", **held, "seed": 1, "label": f"{rung.label}4"})
    for one in tries if len(photos.views) > 2 else tries[:1]:
        ask = {**request, "label": rung.label, **one, "task": "map"}
        try:
            _run_child(ask, progress, (middle, span[1]))
        except CrashError:
            continue  # the other mapper may still answer
    folders = sorted((photos.folder / "models").glob(f"*_{rung.label}*_*"))
    return _Attempt(pairs=pairs, models=[Model.read(folder) for folder in folders])


def _choose(attempt: _Attempt, photos: _Photos) -> tuple[Model, Trust] | None:
    """The best supported model that can be trusted, else the best supported one."""
    judged = []
    for model in attempt.models:
        if not np.isfinite(model.camera_from_world).all() or len(model.xyz) < 10:
            continue
        others = [other for other in attempt.models if other is not model]
        trust = judge(model, attempt.pairs, others, photos.long_side_px)
        score = support(model, attempt.pairs, photos.long_side_px).score
        if any("implausible" in reason for reason in trust.reasons):
            score *= 0.1
        judged.append((trust.level == "trusted", score, len(judged), model, trust))
    if not judged:
        return None
    best_score = max(entry[1] for entry in judged)
    near = [entry for entry in judged if entry[1] >= 0.6 * best_score]
    _, _, _, model, trust = max(near, key=lambda entry: (entry[0], entry[1], -entry[2]))
    return model, trust


def _rank(chosen: tuple[Model, Trust]) -> tuple[int, int, int]:
    model, trust = chosen
    is_plausible = not any("implausible" in reason for reason in trust.reasons)
    held = (len(model.names) - len(weak_cameras(model))) * int(is_plausible)
    return (int(trust.level == "trusted"), held, len(model.observations))


def _run_child(request: dict[str, Any], progress: Progress, span: tuple[float, float]) -> None:
    """Run one task in a process of its own. Raises CrashError where it ended without finishing."""
    with tempfile.TemporaryFile() as log:
        _converse(request, progress, span, log)


def _converse(
    request: dict[str, Any], progress: Progress, span: tuple[float, float], log: IO[bytes]
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
            progress.update(span[0] + share * (span[1] - span[0]), note)
        status = process.wait()
        log.seek(0)
        told = log.read()[-4000:].decode("utf-8", "replace").strip().splitlines()[-1:]
        raise CrashError(
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
