"""Loading photos: every common kind becomes an upright 8-bit sRGB view; the rest is named and left out."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from maquette.photos import PhotoOptions, PhotoSet, find_sky, list_sources, load_photos
from maquette.photos.pixels import read_mask, read_pixels
from maquette.progress import Progress
from maquette.types import ByteArray, View
from maquette_protocol.errors import Cancelled, NoReconstructionError, PhotoError

WIDTH, HEIGHT = 320, 240


def picture(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> ByteArray:
    """(H, W, 3) smooth random colours, another for each seed; no symmetry."""
    coarse = np.random.default_rng(seed).integers(20, 235, (6, 8, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def save(path: Path, rgb: ByteArray, **options: object) -> Path:
    Image.fromarray(rgb).save(path, **options)  # pyright: ignore[reportArgumentType]
    return path


def load(folder: Path, workdir: Path, **options: object) -> PhotoSet:
    return load_photos([folder], workdir, PhotoOptions(**options), Progress())  # pyright: ignore[reportArgumentType]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two good photos; its name has a space and non-ASCII letters."""
    folder = tmp_path / "Fotos Küche 厨房"
    folder.mkdir()
    save(folder / "a1.png", picture(101))
    save(folder / "a2.png", picture(102))
    return folder


def view_named(photo_set: PhotoSet, name: str) -> View:
    return next(view for view in photo_set.views if view.name == name)


def test_given_uniform_photos_when_loaded_then_the_originals_are_used(
    photos: Path, tmp_path: Path
) -> None:
    loaded = load(photos, tmp_path / "work")
    assert [view.path for view in loaded.views] == [photos / "a1.png", photos / "a2.png"]
    assert loaded.left_out == {}
    assert not (tmp_path / "work").exists()
    assert loaded.views[0].device == loaded.views[1].device


def write_kind(kind: str, path: Path, rgb: ByteArray) -> Path:
    image = Image.fromarray(rgb)
    if kind == "heic":
        from pillow_heif import register_heif_opener

        register_heif_opener()
        image.save(path.with_suffix(".heic"), quality=95)
        return path.with_suffix(".heic")
    if kind == "cmyk":
        image.convert("CMYK").save(path.with_suffix(".jpg"), quality=97)
        return path.with_suffix(".jpg")
    if kind in ("png16", "tiff16"):
        suffix = ".png" if kind == "png16" else ".tif"
        deep = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR).astype(np.uint16) * 257
        cv2.imencode(suffix, deep)[1].tofile(path.with_suffix(suffix))
        return path.with_suffix(suffix)
    if kind == "palette":
        image.quantize(256, dither=Image.Dither.NONE).save(path.with_suffix(".png"))
        return path.with_suffix(".png")
    suffix = {"webp": ".webp", "tiff": ".tiff", "bmp": ".bmp", "jpeg": ".JPG"}[kind]
    image.save(path.with_suffix(suffix), quality=97)
    return path.with_suffix(suffix)


@pytest.mark.parametrize(
    "kind", ["jpeg", "webp", "tiff", "bmp", "heic", "cmyk", "png16", "tiff16", "palette"]
)
def test_given_a_kind_of_photo_when_loaded_then_its_pixels_are_right(
    kind: str, photos: Path, tmp_path: Path
) -> None:
    rgb = picture(7)
    file = write_kind(kind, photos / "b", rgb)
    view = view_named(load(photos, tmp_path / "work"), file.name)
    difference = np.abs(read_pixels(view).astype(int) - rgb)
    assert difference.mean() < (10 if kind == "palette" else 3)


@pytest.mark.parametrize("mode", ["L", "I;16", "LA"])
def test_given_grey_photo_when_loaded_then_it_is_grey_rgb(
    mode: str, photos: Path, tmp_path: Path
) -> None:
    grey = picture(8)[..., 0]
    if mode == "I;16":
        Image.fromarray(grey.astype(np.uint16) * 257).save(photos / "g.png")
    else:
        Image.fromarray(grey).convert(mode).save(photos / "g.png")
    pixels = read_pixels(view_named(load(photos, tmp_path / "work"), "g.png"))
    assert np.abs(pixels.astype(int) - grey[..., None]).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_given_exif_orientation_when_loaded_then_the_photo_is_upright(
    orientation: int, photos: Path, tmp_path: Path
) -> None:
    upright = picture(9)
    # What a camera held that way stores: the inverse of the turn that the tag asks for.
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    save(photos / "r.jpg", np.ascontiguousarray(turned), quality=97, exif=exif)
    view = view_named(load(photos, tmp_path / "work"), "r.jpg")
    assert (view.width, view.height) == (WIDTH, HEIGHT)
    assert np.abs(read_pixels(view).astype(int) - upright).mean() < 3


def test_given_another_colour_profile_when_loaded_then_colours_are_srgb(
    photos: Path, tmp_path: Path
) -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    to_lab = ImageCms.buildTransform(srgb, lab, "RGB", "LAB")
    rgb = picture(10)
    image = ImageCms.applyTransform(Image.fromarray(rgb), to_lab)
    assert image is not None
    image.save(photos / "lab.tif", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    pixels = read_pixels(view_named(load(photos, tmp_path / "work"), "lab.tif"))
    assert np.abs(pixels.astype(int) - rgb).mean() < 4


def test_given_exif_focal_lengths_when_loaded_then_focal_px_and_devices_follow(
    photos: Path, tmp_path: Path
) -> None:
    def exif(detail: dict[int, float]) -> Image.Exif:
        tags = Image.Exif()
        tags[271], tags[272], tags[34665] = "Maker", "Model", detail
        return tags

    save(photos / "eq.jpg", picture(11), exif=exif({41989: 28}))
    save(photos / "plane.jpg", picture(12), exif=exif({37386: 5.0, 41486: 500.0, 41488: 3}))
    save(photos / "none.jpg", picture(13), exif=exif({37386: 5.0}))
    loaded = load(photos, tmp_path / "work")
    assert view_named(loaded, "eq.jpg").focal_px == pytest.approx(28 / 43.267 * 400, rel=1e-3)
    assert view_named(loaded, "plane.jpg").focal_px == pytest.approx(250.0)
    assert view_named(loaded, "none.jpg").focal_px is None
    assert view_named(loaded, "eq.jpg").device != view_named(loaded, "none.jpg").device


def test_given_unnamed_photos_of_many_sizes_when_loaded_then_each_is_its_own_device(
    photos: Path, tmp_path: Path
) -> None:
    for number in range(5):
        save(photos / f"w{number}.png", picture(20 + number, width=300 + 10 * number))
    loaded = load(photos, tmp_path / "work")
    assert len({view.device for view in loaded.views}) == len(loaded.views) == 7


def test_given_bad_files_when_loaded_then_each_is_named_with_its_reason(
    photos: Path, tmp_path: Path
) -> None:
    save(photos / "tiny.png", picture(3, width=64, height=48))
    (photos / "text.jpg").write_text("no picture")
    (photos / "empty.jpg").write_bytes(b"")
    whole = save(photos / "cut.jpg", picture(4, width=640, height=480), quality=95).read_bytes()
    (photos / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    save(photos / "black.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    save(photos / "white.png", np.full((HEIGHT, WIDTH, 3), 250, np.uint8))
    save(photos / "copy.jpg", picture(101), quality=95)
    loaded = load(photos, tmp_path / "work")
    assert [view.name for view in loaded.views] == ["a1.png", "a2.png"]
    words = {
        "tiny.png": "too small",
        "text.jpg": "no picture",
        "empty.jpg": "empty",
        "cut.jpg": "cut short",
        "black.png": "black",
        "white.png": "blank",
        "copy.jpg": "same photo as a1.png",
    }
    assert loaded.left_out.keys() == words.keys()
    for name, word in words.items():
        assert word in loaded.left_out[name]


def test_given_a_step_to_the_side_when_loaded_then_both_photos_are_kept(
    photos: Path, tmp_path: Path
) -> None:
    texture = np.random.default_rng(5).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    wide = cv2.resize(texture, (648, 480), interpolation=cv2.INTER_CUBIC)
    save(photos / "p.png", np.ascontiguousarray(wide[:, :640]))
    save(photos / "q.png", np.ascontiguousarray(wide[:, 3:643]))
    assert len(load(photos, tmp_path / "work").views) == 4


def test_given_a_huge_photo_when_loaded_then_it_is_reduced_and_said(
    photos: Path, tmp_path: Path
) -> None:
    save(photos / "huge.jpg", picture(6, width=1600, height=1200))
    loaded = load(photos, tmp_path / "work", max_pixels=400_000)
    view = view_named(loaded, "huge.jpg")
    assert view.width * view.height <= 400_000
    assert any("huge.jpg" in warning and "1600x1200" in warning for warning in loaded.warnings)
    expected = picture(6, view.width, view.height)
    assert np.abs(read_pixels(view).astype(int) - expected).mean() < 4


def test_given_alpha_and_a_mask_folder_when_loaded_then_both_are_left_out(
    photos: Path, tmp_path: Path
) -> None:
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, :100] = 0
    save(photos / "m.png", np.dstack([picture(14), alpha]))
    masks = tmp_path / "masks"
    masks.mkdir()
    drawn = np.full((HEIGHT, WIDTH), 255, np.uint8)
    drawn[200:] = 0
    save(masks / "m.mask.png", drawn)
    view = view_named(load(photos, tmp_path / "work", masks=masks), "m.png")
    usable = read_mask(view, (HEIGHT, WIDTH))
    assert not usable[:, :100].any()
    assert not usable[200:].any()
    assert usable[:200, 100:].all()


def test_given_same_names_in_two_folders_when_loaded_then_names_are_unique(
    photos: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    save(other / "A1.png", picture(30))
    loaded = load_photos([photos, other], tmp_path / "work", PhotoOptions(), Progress())
    assert [view.name for view in loaded.views] == ["a1.png", "a2.png", "A1_2.png"]


def test_given_patterns_and_missing_paths_when_listed_then_found_or_named(photos: Path) -> None:
    assert len(list_sources([str(photos / "*.png"), photos / "a1.png"])) == 2
    with pytest.raises(PhotoError, match="nowhere"):
        list_sources([photos / "nowhere"])
    with pytest.raises(PhotoError, match="matches"):
        list_sources([photos / "*.webp"])


def test_given_too_few_photos_when_loaded_then_the_error_says_so(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(PhotoError) as none:
        load(tmp_path, tmp_path / "work")
    assert "text.jpg" in none.value.hint
    save(tmp_path / "one.png", picture())
    with pytest.raises(NoReconstructionError, match=r"one\.png"):
        load(tmp_path, tmp_path / "work")


def write_video(path: Path, code: str, num_frames: int) -> None:
    texture = np.random.default_rng(1).integers(0, 255, (60, 160, 3)).astype(np.uint8)
    wide = np.asarray(cv2.resize(texture, (1280, 480), interpolation=cv2.INTER_CUBIC))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 30, (640, 480))
    for number in range(num_frames):
        writer.write(np.ascontiguousarray(wide[:, 5 * number : 5 * number + 640]))
    writer.release()


@pytest.mark.parametrize(("suffix", "code"), [(".mp4", "mp4v"), (".avi", "MJPG")])
def test_given_a_moving_video_when_loaded_then_key_frames_lie_a_step_apart(
    suffix: str, code: str, tmp_path: Path
) -> None:
    write_video(tmp_path / f"walk{suffix}", code, 120)
    loaded = load(tmp_path, tmp_path / "work", video_min_frames=4, video_max_frames=20)
    numbers = [int(view.path.stem.split("_")[1]) for view in loaded.views]
    assert 8 <= len(numbers) <= 20
    assert np.diff(numbers).min() >= 3  # 38 pixels are 8 frames; the sharpest near is taken
    assert len({view.device for view in loaded.views}) == 1
    assert all(view.source.name == f"walk{suffix}" for view in loaded.views)


def test_given_a_request_to_stop_when_reading_a_video_then_it_stops(tmp_path: Path) -> None:
    write_video(tmp_path / "walk.avi", "MJPG", 30)
    calls = iter([False] * 4 + [True] * 100)
    progress = Progress(is_cancelled=lambda: next(calls))
    with pytest.raises(Cancelled):
        load_photos([tmp_path], tmp_path / "work", PhotoOptions(), progress)


def street(number: int, *, is_sky: bool) -> ByteArray:
    """Blue above textured ground, or a blue wall that goes on below a textured shelf."""
    rng = np.random.default_rng(number)
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[:] = (110, 160, 225)
    top, bottom = (100, HEIGHT) if is_sky else (90, 130)
    rgb[top:bottom] = rng.integers(30, 200, (bottom - top, WIDTH, 1))
    return rgb


@pytest.mark.parametrize("is_sky", [True, False])
def test_given_blue_above_when_sky_is_sought_then_only_a_sky_is_found(
    is_sky: bool, tmp_path: Path
) -> None:
    for number in range(4):
        save(tmp_path / f"{number}.png", street(number, is_sky=is_sky))
    views = find_sky(load(tmp_path, tmp_path / "work").views, tmp_path / "work", Progress())
    assert [view.sky_path is not None for view in views] == [is_sky] * 4
    if is_sky:
        usable = read_mask(views[0], (HEIGHT, WIDTH))
        assert not usable[:98].any()
        assert usable[104:].all()
