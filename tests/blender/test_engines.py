"""Which engine is offered for which photos, and what is said of one that does not fit."""

import bpy
import pytest
from support_blender import part

ALL = ("classical", "g2vlm", "onnx")
ONE, MANY, VIDEO = ("/a.jpg",), ("/a.jpg", "/b.jpg"), ("/walk.MP4",)


def test_the_panel_offers_all_engines() -> None:
    choices = bpy.context.scene.maquette.bl_rna.properties["engine"].enum_items
    assert [one.identifier for one in choices] == list(ALL)


@pytest.mark.parametrize(
    ("chosen", "photos", "ready", "offered"),
    [
        ("classical", ONE, ALL, "onnx"),
        ("classical", ONE, ("classical", "g2vlm"), "g2vlm"),
        ("classical", ONE, ("classical",), "classical"),  # a remark says what is needed
        ("classical", VIDEO, ALL, "classical"),
        ("onnx", MANY, ALL, "classical"),
        ("onnx", VIDEO, ALL, "classical"),
        ("g2vlm", ONE, ALL, "g2vlm"),
        ("g2vlm", MANY, ALL, "g2vlm"),
        ("onnx", (), ALL, "onnx"),
    ],
)
def test_dropped_photos_get_an_engine_that_can_take_them(
    chosen: str, photos: tuple[str, ...], ready: tuple[str, ...], offered: str
) -> None:
    assert part("engines").fitting(chosen, photos, ready) == offered


@pytest.mark.parametrize(
    ("chosen", "photos", "ready", "said"),
    [
        ("classical", ONE, ALL, "One photo alone"),
        ("onnx", MANY, ALL, "one photo alone"),
        ("onnx", ONE, ("classical",), "lacks something"),
        ("onnx", ONE, ALL, ""),
        ("onnx", ONE, None, ""),  # nobody knows before the backend runs
        ("classical", MANY, ("classical",), ""),
    ],
)
def test_what_speaks_against_an_engine_is_said(
    chosen: str, photos: tuple[str, ...], ready: tuple[str, ...] | None, said: str
) -> None:
    remark = part("engines").remark(chosen, photos, ready)
    assert (said in remark) if said else remark == ""
