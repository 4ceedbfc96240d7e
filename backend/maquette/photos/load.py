"""Take in photos and videos: every usable one becomes a View, every other is named with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maquette.photos.decode import Decoded, UnusableError, decode, thumbnail
from maquette.photos.devices import assign_devices
from maquette.photos.duplicates import find_duplicates, why_blank
from maquette.photos.exif import Exif
from maquette.photos.masks import MaskFolder, read_user_mask
from maquette.photos.options import PhotoOptions, PhotoSet
from maquette.photos.sources import VIDEO_SUFFIXES, Names, list_sources
from maquette.photos.store import write_jpeg, write_mask, write_png
from maquette.photos.video import read_key_frames
from maquette.progress import Progress
from maquette.types import ByteArray, View
from maquette_protocol.errors import NoReconstructionError, PhotoError

_VIDEO_WORK = 20  # progress counts a video as so many photos
_REASONS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A view that can be read, before it is compared with the others."""

    view: View
    thumb: ByteArray
    camera: str  # EXIF's camera and setting, or the video; "" unknown


class _Loader:
    """Collects candidates, and the reasons for what is left out."""

    def __init__(self, workdir: Path, options: PhotoOptions) -> None:
        self._options = options
        self._photos = workdir / "photos"
        self._masks = workdir / "masks"
        self._mask_folder = MaskFolder(options.masks) if options.masks is not None else None
        self._names = Names()
        self.candidates: list[_Candidate] = []
        self.left_out: dict[str, str] = {}
        self.warnings: list[str] = []

    def add_photo(self, source: Path) -> None:
        name = self._names.unique(source.name)
        try:
            decoded = decode(source, self._options.max_pixels)
            self._check(decoded.width, decoded.height, decoded.thumb)
            path = source
            if decoded.rgb is not None:
                path = self._store(name, decoded.rgb)
            mask_path = self._mask(name, source.name, decoded)
        except UnusableError as reason:
            self.left_out[name] = str(reason)
            return
        if decoded.note:
            self.warnings.append(f"{name}: {decoded.note}.")
        exif = decoded.exif
        longer = max(decoded.width, decoded.height)
        view = View(
            name=name,
            path=path,
            width=decoded.width,
            height=decoded.height,
            source=source,
            focal_px=exif.focal_per_side * longer if exif.focal_per_side else None,
            mask_path=mask_path,
            gps=exif.gps,
            taken_at=exif.taken_at,
        )
        self.candidates.append(_Candidate(view=view, thumb=decoded.thumb, camera=exif.camera))

    def add_video(self, source: Path, progress: Progress, start: float, stop: float) -> None:
        name = self._names.unique(source.name)

        def tick(share: float) -> None:
            progress.update(start + (stop - start) * share, f"key frames of {name}")

        num_taken = 0
        try:
            for index, rgb in read_key_frames(source, self._options, tick):
                num_taken += self._add_frame(source, name, index, rgb)
        except UnusableError as reason:
            self.left_out[name] = str(reason)
            return
        if num_taken == 0:
            self.left_out[name] = "none of its frames shows anything."

    def _add_frame(self, source: Path, video_name: str, index: int, rgb: ByteArray) -> bool:
        thumb = thumbnail(rgb)
        height, width = rgb.shape[:2]
        name = self._names.unique(f"{Path(video_name).stem}_{index:06d}.jpg")
        frame = Decoded(width=width, height=height, thumb=thumb, exif=Exif(), rgb=None, usable=None)
        try:
            self._check(width, height, thumb)
            mask_path = self._mask(name, name, frame)
        except UnusableError as reason:
            self.left_out[name] = str(reason)
            return False
        path = self._photos / name
        write_jpeg(path, rgb)
        view = View(
            name=name, path=path, width=width, height=height, source=source, mask_path=mask_path
        )
        self.candidates.append(_Candidate(view=view, thumb=thumb, camera=f"video {video_name}"))
        return True

    def _check(self, width: int, height: int, thumb: ByteArray) -> None:
        """Raises UnusableError for what cannot help a reconstruction."""
        long_side, short_side = max(width, height), min(width, height)
        options = self._options
        if long_side < options.min_long_side_px or short_side < options.min_short_side_px:
            raise UnusableError(
                f"it is too small: {width}x{height} pixels, at least "
                f"{options.min_long_side_px}x{options.min_short_side_px} are needed."
            )
        blank = why_blank(thumb)
        if blank is not None:
            raise UnusableError(blank)

    def _store(self, name: str, rgb: ByteArray) -> Path:
        if rgb.shape[0] * rgb.shape[1] <= self._options.png_max_pixels:
            path = self._photos / f"{name}.png"
            write_png(path, rgb)
        else:
            path = self._photos / f"{name}.jpg"
            write_jpeg(path, rgb)
        return path

    def _mask(self, name: str, file_name: str, decoded: Decoded) -> Path | None:
        usable = decoded.usable
        file = self._mask_folder.find(file_name) if self._mask_folder is not None else None
        if file is not None:
            try:
                drawn = read_user_mask(file, decoded.width, decoded.height)
            except UnusableError as reason:
                self.warnings.append(f"{name}: its mask {file.name} was ignored: {reason}")
            else:
                usable = drawn if usable is None else usable & drawn
        elif self._mask_folder is not None:
            self.warnings.append(f"{name} has no mask and is used whole.")
        if usable is None or usable.all():
            return None
        if not usable.any():
            raise UnusableError("its mask leaves nothing of it.")
        path = self._masks / f"{name}.png"
        write_mask(path, usable)
        return path


def load_photos(
    inputs: Sequence[Path | str], workdir: Path, options: PhotoOptions, progress: Progress
) -> PhotoSet:
    """The usable photos behind `inputs` (files, folders, patterns, videos), upright 8-bit sRGB.

    A photo that is that already keeps its path; of the others a copy is written to
    `workdir/photos`, masks to `workdir/masks`. Names are the photos' file names; where two are the
    same, the later gets a number.
    Raises PhotoError where a path is missing or no photo is usable, NoReconstructionError where
    only one is, StorageError where `workdir` cannot be written, Cancelled.
    """
    sources = list_sources(inputs)
    loader = _Loader(workdir, options)
    work = [_VIDEO_WORK if _is_video(source) else 1 for source in sources]
    done = 0
    for number, (source, share) in enumerate(zip(sources, work, strict=True), 1):
        progress.update(done / sum(work), f"{number} of {len(sources)}: {source.name}")
        if _is_video(source):
            loader.add_video(source, progress, done / sum(work), (done + share) / sum(work))
        else:
            loader.add_photo(source)
        done += share
    candidates = _without_duplicates(loader)
    views = assign_devices([(found.view, found.camera) for found in candidates])
    _require_enough(views, loader.left_out, len(sources), options.min_photos)
    progress.update(1.0, f"{len(views)} photos")
    return PhotoSet(views=tuple(views), left_out=loader.left_out, warnings=tuple(loader.warnings))


def _is_video(source: Path) -> bool:
    return source.suffix.lower() in VIDEO_SUFFIXES


def _without_duplicates(loader: _Loader) -> list[_Candidate]:
    found = loader.candidates
    pixels = [candidate.view.width * candidate.view.height for candidate in found]
    same_as = find_duplicates([candidate.thumb for candidate in found], pixels)
    for index, kept in sorted(same_as.items()):
        loader.left_out[found[index].view.name] = (
            f"it is the same photo as {found[kept].view.name}."
        )
    return [candidate for index, candidate in enumerate(found) if index not in same_as]


def _require_enough(
    views: Sequence[View], left_out: dict[str, str], num_given: int, min_photos: int
) -> None:
    if len(views) >= min_photos:
        return
    reasons = [f"{name}: {reason}" for name, reason in list(left_out.items())[:_REASONS_SHOWN]]
    if len(left_out) > _REASONS_SHOWN:
        reasons.append(f"and {len(left_out) - _REASONS_SHOWN} more.")
    if not views:
        raise PhotoError(
            f"None of the {num_given} photos can be used."
            if num_given > 1
            else "The photo cannot be used.",
            hint=" ".join(reasons),
        )
    raise NoReconstructionError(
        f"Only one photo can be used: {views[0].name}.",
        hint=" ".join(
            [
                *reasons,
                "Add at least one more photo of the same place, taken from a step to the side; "
                "or choose an engine that estimates depth from one photo.",
            ]
        ),
    )
