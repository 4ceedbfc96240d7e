"""Photos into COLMAP's database: reduced copies, SIFT features, matches checked by two-view geometry.

Runs in the child process. COLMAP sees reduced grey copies under plain names, so that no path, size or colour
space of a user's photo reaches it, and memory is bounded by the reduced size. All its coordinates are pixels
of those copies; with the centre of the top-left pixel at (0.5, 0.5), full size is a plain multiplication.

Evidence for the two strengths, on rooms, facades, table tops and streets: standard SIFT is enough where
texture and overlap are good, at a fifth of the time; affine shape with a lower contrast threshold registers
weak texture and wide baselines (13 → 16 of 16 on a turntable, 5 → 11 of 20 in a plain room). A ratio test
looser than 0.8 registers more photos wrongly, so it stays.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pycolmap

from maquette.engines.classical.request import ViewRequest

SEED = 0
GUESSED_FOCAL = 0.9  # of the long side: between a phone's main lens (0.75) and a short zoom (1.2)
Report = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How hard to look for features and matches."""

    name: str
    max_features: int
    peak_threshold: float  # COLMAP's contrast threshold; its default is 0.0067
    edge_threshold: float
    affine: bool  # affine shape adaptation: wide baselines
    guided: bool  # search again along the epipolar lines


STANDARD = Strength(
    name="standard",
    max_features=4096,
    peak_threshold=0.0067,
    edge_threshold=10.0,
    affine=False,
    guided=False,
)
STRONG = Strength(
    name="strong",
    max_features=8192,
    peak_threshold=0.003,
    edge_threshold=12.0,
    affine=True,
    guided=True,
)


@dataclass(frozen=True, kw_only=True)
class SmallPhoto:
    """A reduced grey copy that COLMAP works on."""

    view: ViewRequest
    file: str  # name in the folder
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Full-size pixels per reduced pixel, across and down."""
        return self.view.width / self.width, self.view.height / self.height


def reduce_photos(
    views: Sequence[ViewRequest], folder: Path, max_side: int, report: Report
) -> list[SmallPhoto]:
    """Write each view's reduced grey copy and mask into `folder`; photos that cannot be read are skipped."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    (folder / "photos").mkdir(exist_ok=True)
    small = []
    for index, view in enumerate(views):
        report(index / len(views), f"{index + 1} of {len(views)} photos")
        photo = _reduce_photo(view, folder, f"{index:05d}.png", max_side)
        if photo is not None:
            small.append(photo)
    return small


def _reduce_photo(view: ViewRequest, folder: Path, file: str, max_side: int) -> SmallPhoto | None:
    pixels = read_image(view.path, cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        return None
    shrink = min(1.0, max_side / max(view.width, view.height))
    width, height = round(view.width * shrink), round(view.height * shrink)
    if pixels.shape != (height, width):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    write_png(folder / "photos" / file, pixels)
    usable = np.full((height, width), 255, np.uint8)
    for path, hides in ((view.mask_path, _below_half), (view.sky_path, _above_half)):
        mask = read_image(path, cv2.IMREAD_GRAYSCALE) if path else None
        if mask is not None:
            usable[hides(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA))] = 0
    write_png(folder / "masks" / f"{file}.png", usable)
    return SmallPhoto(view=view, file=file, width=width, height=height)


def _below_half(mask: np.ndarray) -> np.ndarray:
    return mask < 128


def _above_half(mask: np.ndarray) -> np.ndarray:
    return mask >= 128


def read_image(path: Path, flags: int) -> np.ndarray | None:
    """The pixels of a file whose path may hold any letters (cv2.imread fails on them on Windows)."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        return None
    return cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION) if len(data) else None


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write a lightly compressed PNG, whatever letters the path holds."""
    _, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    data.tofile(path)


def camera_groups(photos: Sequence[SmallPhoto]) -> list[list[SmallPhoto]]:
    """Photos that share one set of intrinsics: same device, same size, same focal length in EXIF."""
    groups: dict[tuple[object, ...], list[SmallPhoto]] = {}
    for photo in photos:
        view = photo.view
        focal = None if view.focal_px is None else round(view.focal_px / view.width, 3)
        key = (view.device or f"alone {photo.file}", view.width, view.height, focal)
        groups.setdefault(key, []).append(photo)
    return list(groups.values())


def extract(
    database: Path,
    folder: Path,
    photos: Sequence[SmallPhoto],
    strength: Strength,
    threads: int,
    report: Report,
    focal_share: float | None = None,
) -> None:
    """Write cameras, images and features of all photos. `focal_share`: focal length over long side, if known."""
    options = pycolmap.FeatureExtractionOptions()
    options.use_gpu, options.num_threads = False, threads
    options.sift.max_num_features = strength.max_features
    options.sift.peak_threshold = strength.peak_threshold
    options.sift.edge_threshold = strength.edge_threshold
    options.sift.estimate_affine_shape = strength.affine
    done = 0
    for group in camera_groups(photos):
        camera_id = -1
        for start in range(0, len(group), 2 * threads):
            batch = group[start : start + 2 * threads]
            report(done / len(photos), f"{done} of {len(photos)} photos")
            pycolmap.extract_features(
                database,
                folder / "photos",
                image_names=[photo.file for photo in batch],
                camera_mode=pycolmap.CameraMode.SINGLE,
                reader_options=_reader(folder, group[0], camera_id, focal_share),
                extraction_options=options,
                device=pycolmap.Device.cpu,
            )
            if camera_id < 0:
                camera_id = _mark_prior(database, batch[0], focal_share)
            done += len(batch)


def _reader(
    folder: Path, photo: SmallPhoto, camera_id: int, focal_share: float | None
) -> pycolmap.ImageReaderOptions:
    reader = pycolmap.ImageReaderOptions()
    reader.mask_path = folder / "masks"
    if camera_id >= 0:
        reader.existing_camera_id = camera_id
        return reader
    focal = photo.view.focal_px
    long_side = max(photo.width, photo.height)
    focal_small = focal / photo.scale[0] if focal else (focal_share or GUESSED_FOCAL) * long_side
    reader.camera_model = "SIMPLE_RADIAL"
    reader.camera_params = f"{focal_small},{photo.width / 2},{photo.height / 2},0"
    return reader


def _mark_prior(database: Path, photo: SmallPhoto, focal_share: float | None) -> int:
    """The id of the photo's camera, after saying whether its focal length is known or guessed."""
    with pycolmap.Database.open(database) as opened:
        image = opened.read_image_with_name(photo.file)
        assert image is not None  # written by extract_features just now
        camera = opened.read_camera(image.camera_id)
        camera.has_prior_focal_length = bool(photo.view.focal_px or focal_share)
        opened.update_camera(camera)
        return image.camera_id


def match(
    database: Path,
    folder: Path,
    pairs: Sequence[tuple[str, str]],
    strength: Strength,
    threads: int,
    report: Report,
) -> None:
    """Match and verify the pairs of files; what is in the database already is kept."""
    options = pycolmap.FeatureMatchingOptions()
    options.use_gpu, options.num_threads = False, threads
    options.guided_matching = strength.guided
    pairing = pycolmap.ImportedPairingOptions()
    pairing.match_list_path = folder / "pairs.txt"
    for start, batch in _batches(pairs, max(16, -(-len(pairs) // 12))):
        report(start / len(pairs), f"{start} of {len(pairs)} pairs")
        lines = (f"{one} {other}\n" for one, other in batch)
        pairing.match_list_path.write_text("".join(lines), encoding="ascii")
        pycolmap.match_image_pairs(
            database,
            matching_options=options,
            pairing_options=pairing,
            verification_options=verification_options(),
            device=pycolmap.Device.cpu,
        )


def verification_options() -> pycolmap.TwoViewGeometryOptions:
    """Two-view verification with a fixed seed."""
    options = pycolmap.TwoViewGeometryOptions()
    options.ransac.random_seed = SEED
    return options


def _batches(
    pairs: Sequence[tuple[str, str]], size: int
) -> Iterable[tuple[int, Sequence[tuple[str, str]]]]:
    for start in range(0, len(pairs), size):
        yield start, pairs[start : start + size]
