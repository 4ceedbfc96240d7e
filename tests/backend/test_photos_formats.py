"""Photos of rarer kinds: transparent and turned at once, deep grey, with odd EXIF; odd masks and videos."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from test_photos_load import HEIGHT, WIDTH, load, photos, picture, save, view_named

from maquette.photos.pixels import read_mask, read_pixels
from maquette_protocol.errors import PhotoError

__all__ = ["photos"]  # the fixture


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_transparent_photo_that_lies_on_its_side_is_turned_with_its_mask(
    suffix: str, photos: Path, tmp_path: Path
) -> None:
    upright = picture(40)
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:60] = 0  # the upper quarter, once upright
    stored = np.ascontiguousarray(np.rot90(np.dstack([upright, alpha]), 1))
    exif = Image.Exif()
    exif[274] = 6
    save(photos / f"t{suffix}", stored, exif=exif, lossless=True)
    view = view_named(load(photos, tmp_path / "work"), f"t{suffix}")
    assert (view.width, view.height) == (WIDTH, HEIGHT)
    usable = read_mask(view, (HEIGHT, WIDTH))
    assert not usable[:60].any()
    assert usable[60:].all()
    assert np.abs(read_pixels(view)[60:].astype(int) - upright[60:]).max() <= 1


def test_a_palette_with_a_transparent_colour_is_masked(photos: Path, tmp_path: Path) -> None:
    image = Image.fromarray(picture(41)).quantize(64, dither=Image.Dither.NONE)
    indices = np.asarray(image).copy()
    indices[:, :50] = 63
    see_through = Image.fromarray(indices, "P")
    see_through.putpalette(image.getpalette() or [])
    see_through.save(photos / "p.png", transparency=63)
    usable = read_mask(view_named(load(photos, tmp_path / "work"), "p.png"), (HEIGHT, WIDTH))
    assert not usable[:, :50].any()
    assert usable[:, 50:].mean() > 0.9


@pytest.mark.parametrize(
    ("name", "dtype", "top"),
    [
        ("f.tif", np.float32, 1.0),
        ("twelve.tif", np.uint16, 4095),
        ("sixteen.tif", np.uint16, 65535),
    ],
)
def test_grey_of_any_depth_becomes_eight_bits_by_its_range(
    name: str, dtype: type, top: float, photos: Path, tmp_path: Path
) -> None:
    grey = picture(42)[..., 0].astype(float)
    grey[0, 0] = 255  # the range is that of the brightest pixel
    Image.fromarray((grey / 255 * top).astype(dtype)).save(photos / name)
    pixels = read_pixels(view_named(load(photos, tmp_path / "work"), name))
    assert np.abs(pixels.astype(int) - grey[..., None]).max() <= 1


def test_brightness_that_is_none_is_named(photos: Path, tmp_path: Path) -> None:
    depth = np.random.default_rng(0).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    Image.fromarray(depth).save(photos / "depth.tif")
    assert "no brightness" in load(photos, tmp_path / "work").left_out["depth.tif"]


@pytest.mark.parametrize("suffix", [".gif", ".ppm", ".png"])
def test_a_file_is_known_by_its_content_not_its_name(
    suffix: str, photos: Path, tmp_path: Path
) -> None:
    rgb = picture(43)
    Image.fromarray(rgb).save(photos / f"b{suffix}")
    (photos / f"b{suffix}").rename(photos / "b.jpg")
    pixels = read_pixels(view_named(load(photos, tmp_path / "work"), "b.jpg"))
    assert np.abs(pixels.astype(int) - rgb).mean() < 12  # a GIF has 256 colours


def test_exif_place_and_time_are_read_and_nonsense_counts_as_unsaid(
    photos: Path, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[306] = "2024:05:01 10:20:30"
    exif[34853] = {
        1: "S", 2: (33.0, 30.0, 0.0), 3: "E", 4: (151.0, 0.0, 36.0), 5: b"\x00", 6: 12.5,
    }  # fmt: skip
    save(photos / "gps.jpg", picture(44), exif=exif)
    odd = Image.Exif()
    odd[274] = 77
    odd[34665] = {41989: 0, 37386: 0.0}
    odd[34853] = {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}
    save(photos / "odd.jpg", picture(45), exif=odd)
    (photos / "bad.jpg").write_bytes(
        save(tmp_path / "x.jpg", picture(46)).read_bytes().replace(b"JFIF", b"Exif", 1)
    )
    loaded = load(photos, tmp_path / "work")
    gps = view_named(loaded, "gps.jpg").gps
    assert gps is not None
    assert gps.latitude_deg == pytest.approx(-33.5)
    assert gps.longitude_deg == pytest.approx(151.01)
    assert gps.altitude_m == pytest.approx(12.5)
    assert view_named(loaded, "gps.jpg").taken_at == "2024:05:01 10:20:30"
    view = view_named(loaded, "odd.jpg")
    assert (view.focal_px, view.gps) == (None, None)
    assert (view.width, view.height) == (WIDTH, HEIGHT)
    view_named(loaded, "bad.jpg")


def test_photos_of_mixed_sizes_keep_their_own(photos: Path, tmp_path: Path) -> None:
    sizes = {"w.jpg": (640, 300), "h.png": (300, 640), "s.webp": (200, 160)}
    for number, (name, (width, height)) in enumerate(sizes.items()):
        save(photos / name, picture(50 + number, width, height))
    loaded = load(photos, tmp_path / "work")
    for name, (width, height) in sizes.items():
        view = view_named(loaded, name)
        assert (view.width, view.height) == (width, height)
        assert read_pixels(view).shape == (height, width, 3)


def test_masks_that_do_not_fit_are_named_and_the_photo_is_used_whole(
    photos: Path, tmp_path: Path
) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    save(masks / "a1.png", np.zeros((HEIGHT, HEIGHT), np.uint8))
    small = np.full((HEIGHT // 2, WIDTH // 2), 255, np.uint8)
    small[:, : WIDTH // 4] = 0
    save(masks / "a2.png", small)
    loaded = load(photos, tmp_path / "work", masks=masks)
    assert any("a1.png" in w and "240x240" in w for w in loaded.warnings)
    assert read_mask(view_named(loaded, "a1.png"), (HEIGHT, WIDTH)).all()
    usable = read_mask(view_named(loaded, "a2.png"), (HEIGHT, WIDTH))
    assert not usable[:, : WIDTH // 2].any()
    assert usable[:, WIDTH // 2 :].all()
    with pytest.raises(PhotoError, match="masks"):
        load(photos, tmp_path / "work", masks=tmp_path / "nowhere")


def test_a_video_that_is_none_is_named_and_the_photos_go_on(photos: Path, tmp_path: Path) -> None:
    (photos / "walk.mp4").write_bytes(b"\0" * 5000)
    loaded = load(photos, tmp_path / "work")
    assert len(loaded.views) == 2
    assert "video" in loaded.left_out["walk.mp4"]


def test_a_video_of_black_frames_is_named(photos: Path, tmp_path: Path) -> None:
    writer = cv2.VideoWriter(
        str(photos / "night.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 30, (320, 240)
    )
    for _ in range(12):
        writer.write(np.zeros((240, 320, 3), np.uint8))
    writer.release()
    loaded = load(photos, tmp_path / "work")
    assert len(loaded.views) == 2
    assert "night.avi" in loaded.left_out
