"""The colour that a thing has in photos, and that words find it by."""

import numpy as np
import pytest

from maquette.editing.conversation import Conversation
from maquette.objects.appearance import photo_colors
from maquette.objects.skin import lab
from maquette_protocol.document import SceneDocument, document_from_json

PAINTS = {  # sRGB 0..1
    "white": (0.9, 0.9, 0.88),
    "red": (0.75, 0.1, 0.1),
    "green": (0.13, 0.5, 0.17),
    "blue": (0.13, 0.3, 0.8),
}


def _photographed(exposure: float, tint: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """(len(PAINTS), 3) linear RGB found for half-shaded things of all paints under one light."""
    srgb = np.array(list(PAINTS.values()))
    linear = ((srgb + 0.055) / 1.055) ** 2.4 * exposure * np.array(tint)
    faces = np.concatenate([linear, 0.3 * linear])  # lit and in shadow
    shown = 255 * np.clip(1.055 * faces ** (1 / 2.4) - 0.055, 0, 1)
    part = np.tile(np.arange(len(PAINTS)), 2)
    return photo_colors(lab(shown), np.ones(len(part)), part, len(PAINTS))


def _scene(colors: np.ndarray) -> SceneDocument:
    """A row of boxes that have these colours in photos."""
    objects = [
        {
            "id": f"object_{k}", "name": f"Object {k}", "label": None, "kind": "object",
            "world_from_object": [[1, 0, 0, k], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
            "bounds": {"min": [-0.2, -0.2, 0], "max": [0.2, 0.2, 0.4]}, "geometry": {"primitive": "box"},
            "material": {"name": "Photos", "base_color": [1, 1, 1, 1], "texture": "textures/objects.jpg"},
            "photo_color": color.tolist(),
        }
        for k, color in enumerate(colors)
    ]  # fmt: skip
    return document_from_json(
        {"format": "maquette-scene", "version": 1, "units": {"metric": True}, "objects": objects}
    )


@pytest.mark.parametrize("exposure", [1.0, 0.5, 0.3])
@pytest.mark.parametrize("tint", [(1, 1, 1), (1.08, 1.0, 0.92)], ids=["daylight", "lamp"])
def test_words_find_what_has_the_colour_in_the_photos(
    exposure: float, tint: tuple[float, float, float]
) -> None:
    document = _scene(_photographed(exposure, tint))
    for number, name in enumerate(PAINTS):
        assert Conversation(document, {}).say(f"delete the {name} thing").deleted == [
            f"object_{number}"
        ]


def test_shadow_does_not_darken_a_thing() -> None:
    lit = _photographed(1.0)
    assert lit == pytest.approx(_photographed(0.4), abs=0.02)
    assert lit[0].min() > 0.6  # white, though half of it is in shadow


def test_new_paint_counts_more_than_the_photos() -> None:
    talk = Conversation(_scene(_photographed(1.0)), {})
    assert talk.say("make the red thing yellow").changed == ["object_1"]
    assert talk.say("delete the red thing").status == "refused"
    assert talk.say("delete the yellow thing").deleted == ["object_1"]
