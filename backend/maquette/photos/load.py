"""Read every photo, name what cannot be used and why, and make the rest uniform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from maquette.photos.decode import Decoded, UnusableError, decode
from maquette.photos.duplicates import find_duplicates, why_blank
from maquette.photos.masks import MaskFolder, read_user_mask
from maquette.photos.options import PhotoOptions, PhotoSet
from maquette.photos.sources import VIDEO_SUFFIXES, Names, list_sources
from maquette.photos.video import key_frames
from maquette.progress import Progress
from maquette.types import BoolArray, ByteArray, View
from maquette_protocol.errors import NoReconstructionError, PhotoError


@dataclass(frozen=True, kw_only=True)
class _Photo:
    """A usable photo before duplicates are looked for."""

    view: View
    thumb: ByteArray


def load_photos(
    inputs: Sequence[Path | str], workdir: Path, options: PhotoOptions, progress: Progress
) -> PhotoSet:
    """The views of all usable photos, in the order of `list_sources`.

    Copies go to workdir/photos, masks to workdir/masks. Raises PhotoError where nothing can be read,
    NoReconstructionError where fewer than two photos show something, Cancelled.
    """
    (workdir / "photos").mkdir(parents=True, exist_ok=True)
    (workdir / "masks").mkdir(exist_ok=True)
    masks = MaskFolder(options.masks) if options.masks is not None else None
    names = Names()
    left_out: dict[str, str] = {}
    warnings: list[str] = []
    photos: list[_Photo] = []
    readable = 0
    for source, file, video in _files(list_sources(inputs), workdir, options, progress, left_out):
        name = names.unique(file.name)
        try:
            decoded = decode(file, options.max_pixels)
            readable += 1
            _check(decoded, options)
            mask = _mask(masks, decoded, name, warnings)
        except UnusableError as error:
            left_out[name] = str(error)
            continue
        if decoded.note:
            warnings.append(f"{name}: {decoded.note}.")
        photos.append(_photo(name, source, file, video, decoded, mask, workdir, options))
    photos = _without_duplicates(photos, left_out)
    _require_two(photos, readable, left_out)
    return PhotoSet(
        views=tuple(photo.view for photo in photos), left_out=left_out, warnings=tuple(warnings)
    )


def _files(
    sources: Sequence[Path],
    workdir: Path,
    options: PhotoOptions,
    progress: Progress,
    left_out: dict[str, str],
) -> Iterator[tuple[Path, Path, str]]:
    """(what the user gave, the picture file, the video's name or "") one after the other."""
    for number, source in enumerate(sources):
        share = number / len(sources)
        progress.update(share, f"{number} of {len(sources)}")
        if source.suffix.lower() not in VIDEO_SUFFIXES:
            yield source, source, ""
            continue
        try:
            frames = key_frames(source, workdir / "photos", options, progress)
        except UnusableError as error:
            left_out[source.name] = str(error)
            continue
        for frame in frames:
            yield source, frame, source.name


def _check(decoded: Decoded, options: PhotoOptions) -> None:
    long_side, short_side = sorted((decoded.width, decoded.height), reverse=True)
    if long_side < options.min_long_side_px or short_side < options.min_short_side_px:
        raise UnusableError(f"at {decoded.width}x{decoded.height} pixels it is too small.")
    reason = why_blank(decoded.thumb)
    if reason is not None:
        raise UnusableError(reason)


def _mask(
    masks: MaskFolder | None, decoded: Decoded, name: str, warnings: list[str]
) -> BoolArray | None:
    usable = decoded.usable
    if masks is None:
        return usable
    file = masks.find(name)
    if file is None:
        warnings.append(f"{name} has no mask; all of it is used.")
        return usable
    try:
        given = read_user_mask(file, decoded.width, decoded.height)
    except UnusableError as error:
        warnings.append(f"The mask {file.name} was ignored: {error}")
        return usable
    return given if usable is None else given & usable


def _photo(
    name: str,
    source: Path,
    file: Path,
    video: str,
    decoded: Decoded,
    mask: BoolArray | None,
    workdir: Path,
    options: PhotoOptions,
) -> _Photo:
    path = file
    if decoded.rgb is not None:
        is_small = decoded.width * decoded.height <= options.png_max_pixels
        path = workdir / "photos" / (name + (".png" if is_small else ".jpg"))
        _write(path, cv2.cvtColor(decoded.rgb, cv2.COLOR_RGB2BGR))
    mask_path = None
    if mask is not None:
        mask_path = workdir / "masks" / f"{name}.png"
        _write(mask_path, mask.astype(np.uint8) * 255)
    exif = decoded.exif
    long_side = max(decoded.width, decoded.height)
    focal_px = exif.focal_per_side * long_side if exif.focal_per_side else None
    # Without EXIF, photos of one shape are taken for one camera's: sharing intrinsics is what makes
    # few photos work, and a set that was mixed from several cameras shows in the trust gate.
    size = f"{long_side}x{min(decoded.width, decoded.height)}"
    turned = "upright" if decoded.height > decoded.width else "across"
    device = f"{video or exif.camera or 'unknown camera'}, {size} {turned}"
    view = View(
        name=name,
        path=path,
        width=decoded.width,
        height=decoded.height,
        source=source,
        focal_px=focal_px,
        device=device,
        mask_path=mask_path,
        gps=exif.gps,
        taken_at=exif.taken_at,
    )
    return _Photo(view=view, thumb=decoded.thumb)


def _write(path: Path, pixels: ByteArray) -> None:
    """Encode in memory first: OpenCV's own writer knows neither all paths nor full disks."""
    flags = [cv2.IMWRITE_JPEG_QUALITY, 95] if path.suffix == ".jpg" else []
    done, data = cv2.imencode(path.suffix, pixels, flags)
    if not done:
        raise PhotoError(f"{path.name} cannot be stored.", hint="Leave this photo out.")
    path.write_bytes(data.tobytes())


def _without_duplicates(photos: list[_Photo], left_out: dict[str, str]) -> list[_Photo]:
    pixels = [photo.view.width * photo.view.height for photo in photos]
    same_as = find_duplicates([photo.thumb for photo in photos], pixels)
    for index, kept in same_as.items():
        left_out[photos[index].view.name] = f"it is the same photo as {photos[kept].view.name}."
    return [photo for index, photo in enumerate(photos) if index not in same_as]


def _require_two(photos: list[_Photo], readable: int, left_out: dict[str, str]) -> None:
    if len(photos) >= 2:
        return
    reasons = "; ".join(f"{name}: {why.rstrip('.')}" for name, why in list(left_out.items())[:4])
    if readable == 0:
        raise PhotoError(
            f"None of the files can be read as a photo ({reasons}).",
            hint="Give JPEG, PNG, WebP, TIFF or HEIC photos, or a video.",
        )
    said = f" The others were left out ({reasons})." if left_out else ""
    raise NoReconstructionError(
        f"{len(photos)} usable photo is not enough: two views of the same thing are needed.{said}",
        hint="Take more photos from different places, with two thirds overlap.",
    )
