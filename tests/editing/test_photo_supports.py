"""Surfaces from photos do not meet to the millimetre: what a scene says about who rests where counts as well."""

from maquette.editing.conversation import Conversation
from maquette_protocol.document import SceneDocument, document_from_json

GAP = 0.03  # between a thing and what carries it


def _scene() -> SceneDocument:
    """A red table with a blue and a green box that float a little over it; another blue box on the floor."""
    places = {
        "floor": ("floor", (4.0, 4.0, 0.1), (0, 0, -0.1), None, (0.5, 0.5, 0.5)),
        "table": ("object", (1.2, 0.8, 0.7), (0, 0, GAP), "floor", (0.6, 0.02, 0.02)),
        "box_a": ("object", (0.2, 0.2, 0.2), (-0.3, 0, 0.7 + 2 * GAP), "table", (0.02, 0.05, 0.6)),
        "box_b": ("object", (0.2, 0.2, 0.2), (0.3, 0, 0.7 + 2 * GAP), "table", (0.02, 0.4, 0.05)),
        "box_c": ("object", (0.2, 0.2, 0.2), (1.4, 0, GAP), "floor", (0.02, 0.05, 0.6)),
    }
    objects = [
        {
            "id": key, "name": key, "label": None, "kind": kind,
            "world_from_object": [[1, 0, 0, x], [0, 1, 0, y], [0, 0, 1, z], [0, 0, 0, 1]],
            "bounds": {"min": [-w / 2, -d / 2, 0], "max": [w / 2, d / 2, h]}, "geometry": {"primitive": "box"},
            "material": {"name": "Photos", "base_color": [1, 1, 1, 1], "texture": "textures/objects.jpg"},
            "photo_color": list(color), **({"rests_on": below} if below else {}),
        }
        for key, (kind, (w, d, h), (x, y, z), below, color) in places.items()
    ]  # fmt: skip
    return document_from_json(
        {"format": "maquette-scene", "version": 1, "units": {"metric": True}, "objects": objects}
    )


def _place(talk: Conversation, key: str) -> float:
    return next(o.world_from_object[0][3] for o in talk.document.objects if o.id == key)


def test_on_is_what_the_scene_says() -> None:
    assert Conversation(_scene(), {}).say("delete the blue thing on the red thing").deleted == [
        "box_a"
    ]
    assert Conversation(_scene(), {}).say("delete the blue thing on the floor").deleted == ["box_c"]


def test_it_goes_along_with_what_carries_it() -> None:
    talk = Conversation(_scene(), {})
    assert talk.say("move the red thing 50 cm to the left").status == "applied"
    assert _place(talk, "box_a") == -0.8
    assert _place(talk, "box_c") == 1.4


def test_what_has_left_its_place_is_no_longer_on_it() -> None:
    talk = Conversation(_scene(), {})
    assert talk.say("put the green thing on the floor").status == "applied"
    assert talk.say("move the red thing 20 cm to the left").status == "applied"
    assert "box_b" not in talk.say("delete the things on the red thing").deleted
