"""The scene document: kept whole on rewriting, refused with the path where malformed."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maquette_protocol.document import (
    document_from_json,
    document_to_json,
    format_document,
    parse_document,
)
from maquette_protocol.errors import DocumentError

EYE4 = [[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]]
EXAMPLE: dict[str, Any] = {
    "format": "maquette-scene",
    "version": 1,
    "units": {"metric": True, "author": "x"},
    "cameras": [
        {
            "id": "cam_0",
            "image": "images/a.jpg",
            "width": 640,
            "height": 480,
            "K": [[500.0, 0, 320], [0, 500.0, 240], [0, 0, 1]],
            "world_from_camera": EYE4,
            "note": "kept",
        }
    ],
    "view": "cam_0",
    "selection": ["chair_2"],
    "objects": [
        {
            "id": "chair_2",
            "name": "Chair.001",
            "label": "chair",
            "kind": "object",
            "world_from_object": EYE4,
            "bounds": {"min": [0, 0, 0], "max": [1, 1, 1], "tight": True},
            "front": [0, -1, 0],
            "geometry": {"primitive": "box", "bevel": 0.1},
            "material": {
                "name": "red",
                "base_color": [1, 0, 0, 1],
                "metallic": 0,
                "roughness": 0.5,
                "emission": [0, 0, 0],
                "texture": None,
                "sheen": 1,
            },
            "light": {"type": "POINT", "power": 60.0, "color": [1, 1, 1], "radius": 1},
            "parent": None,
            "visible": True,
            "locked": False,
            "tags": ["a"],
        }
    ],
    "reconstruction": {"engine": "classical"},
}


def test_a_document_comes_back_equal_with_keys_that_nobody_knows() -> None:
    again = document_to_json(parse_document(format_document(document_from_json(EXAMPLE))))
    assert again == json.loads(json.dumps(EXAMPLE))


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            found += paths(child, (*here, key))
    return found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(paths(EXAMPLE)), value=json_values)
def test_any_value_anywhere_is_read_or_refused_with_a_path(
    place: tuple[Any, ...], value: Any
) -> None:
    broken = copy.deepcopy(EXAMPLE)
    inner = broken
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        document_from_json(broken)
    except DocumentError as error:
        assert error.message.startswith("$")  # noqa: PT017  (most values are read)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d.pop("format"), "$.format"),
        (lambda d: d.update(version=2), "$.version"),
        (lambda d: d["cameras"][0].update(K=[[1, 2], [3, 4]]), "$.cameras[0].K"),
        (lambda d: d["objects"][0].update(kind="thing"), "$.objects[0].kind"),
        (lambda d: d["objects"][0].update(parent="nobody"), "$.objects[0].parent"),
        (lambda d: d["objects"][0].update(parent="chair_2"), "$.objects[0].parent"),
        (lambda d: d["objects"][0]["bounds"].update(min=[2, 0, 0]), "$.objects[0].bounds"),
        (lambda d: d.update(view="cam_9"), "$.view"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(change: Any, path: str) -> None:
    broken = copy.deepcopy(EXAMPLE)
    change(broken)
    with pytest.raises(DocumentError) as caught:
        document_from_json(broken)
    assert caught.value.message.startswith(path)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(DocumentError, match="not JSON"):
        parse_document("{" * 5000)
