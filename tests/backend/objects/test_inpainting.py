"""What stands before a surface is painted over: pattern in step, lighting continued, nothing of the thing left."""

import numpy as np
import pytest

from maquette.objects.inpainting import continued


def brick_wall(height: int, width: int) -> np.ndarray:
    """(H, W, 3) bricks of 24 x 10 pixels, each of its own shade, under light that falls off to the right."""
    row, column = np.mgrid[:height, :width]
    course = row // 10
    along = column + 12 * (course % 2)
    shade = np.random.default_rng(1).uniform(0.85, 1.15, (height // 10 + 1, width // 24 + 2))
    value = shade[course, along // 24] * (1.3 - 0.6 * column / width)
    is_mortar = (row % 10 < 2) | (along % 24 < 2)
    color = np.where(is_mortar[..., None], [190, 180, 170], [150, 80, 60]) * value[..., None]
    return np.clip(color, 0, 255).astype(np.uint8)


@pytest.fixture
def wall() -> tuple[np.ndarray, np.ndarray]:
    """(true picture, what is known of it)."""
    known = np.ones((160, 240), bool)
    known[50:130, 90:170] = False
    return brick_wall(160, 240), known


def mortar_agreement(made: np.ndarray, true: np.ndarray, where: np.ndarray) -> float:
    """Correlation of the courses and joints, whose blue channel tells them from bricks of any shade."""
    one, other = (picture[where][:, 2] / (picture[where][:, 0] + 1.0) for picture in (made, true))
    return float(np.corrcoef(one, other)[0, 1])


def test_bricks_are_continued_in_step(wall: tuple) -> None:
    true, known = wall
    torn = np.where(known[..., None], true, [0, 200, 0]).astype(np.uint8)
    made = continued(torn, known, ~known)
    assert mortar_agreement(made, true, ~known) > 0.9
    np.testing.assert_array_equal(made[20:40], true[20:40])


def test_the_light_goes_on_evenly_into_the_hole(wall: tuple) -> None:
    true, known = wall
    made = continued(np.where(known[..., None], true, 0).astype(np.uint8), known, ~known)
    for left in (90, 150):
        part = (slice(50, 130), slice(left, left + 20))
        assert made[part].mean() == pytest.approx(true[part].mean(), rel=0.1)


def test_the_fringe_of_the_thing_before_it_is_not_continued(wall: tuple) -> None:
    true, known = wall
    torn = np.where(known[..., None], true, 0).astype(np.uint8)
    rim = (slice(48, 50), slice(90, 170))
    torn[rim] = (0, 255, 0)
    made = continued(torn, known, ~known)
    is_green = made[..., 1] > made[..., 0].astype(int) + 20
    assert not is_green.any()


def test_what_lies_on_the_surface_is_not_copied() -> None:
    rng = np.random.default_rng(0)
    picture = np.clip(rng.normal((190, 150, 100), 4, (120, 160, 3)), 0, 255).astype(np.uint8)
    picture[10:35, 20:60] = (250, 250, 250)  # a sheet of paper
    known = np.ones((120, 160), bool)
    known[60:100, 40:120] = False
    made = continued(np.where(known[..., None], picture, 0).astype(np.uint8), known, ~known)
    assert made[~known].max() < 225
    assert made[~known].std(axis=0).max() < 12


def test_the_same_input_gives_the_same_picture(wall: tuple) -> None:
    true, known = wall
    first, second = (continued(true, known, ~known) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (33, 47)])
def test_with_little_to_copy_from_the_fill_is_smooth(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), (90, 120, 150), np.uint8)
    known = np.zeros(shape, bool)
    known[:, :1] = True
    made = continued(np.where(known[..., None], picture, 0).astype(np.uint8), known, ~known)
    np.testing.assert_allclose(made.astype(int), picture.astype(int), atol=2)


def test_where_nothing_is_known_nothing_is_changed() -> None:
    picture, none = np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), bool)
    np.testing.assert_array_equal(continued(picture, none, ~none), picture)
