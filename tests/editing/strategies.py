"""Plans and scenes for laws: any operation on any expressions, in the room or in scenes that no artist would make."""

from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st
from rooms import COLORS, room, thing

from maquette.editing import plan as p
from maquette.editing.boxes import turn
from maquette.editing.scene_view import SceneView
from maquette_protocol.arrays import Arrays
from maquette_protocol.document import SceneDocument, document_from_json, document_to_json

_NOUNS = [
    "table",
    "mug",
    "book",
    "chair",
    "shelf",
    "vase",
    "crate",
    "ball",
    "safe",
    "floor",
    "wall",
    "thing",
    "piano",
    "",
]
_lengths = st.floats(0.01, 2.5, allow_nan=False)
_attributes = st.builds(
    p.Attribute,
    kind=st.just("color"),
    value=st.sampled_from(list(COLORS)),
    is_negated=st.booleans(),
)
_orders = st.builds(
    p.Order, measure=st.sampled_from(["size", "height", "left", "distance", "top"]), is_descending=st.booleans(),
    index=st.integers(-1, 2),
)  # fmt: skip
_described = st.builds(
    p.Ref, words=st.just("these"), noun=st.sampled_from(_NOUNS), number=st.sampled_from(["one", "many", "any"]),
    attributes=st.lists(_attributes, max_size=1).map(tuple), order=st.none() | _orders,
    pronoun=st.sampled_from(["", "", "", "", "it", "this", "other"]),
)  # fmt: skip
_KEYS = [
    "table",
    "mug",
    "book",
    "chair_1",
    "chair_2",
    "shelf",
    "vase",
    "crate",
    "ball",
    "safe",
    "bulb",
]
_known = st.builds(
    p.Ref,
    words=st.just("these"),
    number=st.just("many"),
    ids=st.lists(
        st.sampled_from([*_KEYS, *(f"odd_{n}" for n in range(5))]),
        min_size=1,
        max_size=3,
        unique=True,
    ).map(tuple),
)
_refs = st.one_of(_known, _known, _described)
_relations = st.builds(
    p.Relation,
    kind=st.sampled_from(get_args(p.RelationKind)),
    to=st.lists(_refs, min_size=0, max_size=2).map(tuple),
    frame=st.sampled_from(["viewer", "viewer", "object"]),
    side=st.sampled_from(["", "", "", "left", "top", "bottom", "front"]),
    distance=st.none() | _lengths,
    is_negated=st.sampled_from([False, False, False, True]),
)
_directions = st.sampled_from(
    ["left", "right", "up", "down", "away", "toward", "forward", "backward"]
)
_operations: st.SearchStrategy[Any] = st.one_of(
    st.builds(p.Move, targets=_refs, direction=_directions, distance=st.none() | _lengths),
    st.builds(
        p.Place, targets=_refs, relations=st.lists(_relations, min_size=1, max_size=2).map(tuple)
    ),
    st.builds(
        p.Rotate,
        targets=_refs,
        angle_deg=st.floats(-360, 360),
        pose=st.sampled_from(["", "", "lying", "upside_down"]),
    ),
    st.builds(p.Face, targets=_refs, to=_refs, is_away=st.booleans()),
    st.builds(
        p.Scale,
        targets=_refs,
        factor=st.floats(0.2, 3),
        axis=st.sampled_from(["", "height", "width", "depth"]),
    ),
    st.builds(
        p.Resize,
        targets=_refs,
        axis=st.sampled_from(["height", "width", "length", "size"]),
        length=_lengths,
    ),
    st.builds(
        p.Arrange,
        targets=_refs,
        pattern=st.sampled_from(["line", "row", "circle", "grid", "stack", "align", "distribute"]),
    ),
    st.builds(p.Swap, first=_refs, second=_refs),
    st.builds(
        p.Duplicate,
        targets=_refs,
        count=st.integers(1, 3),
        relations=st.lists(_relations, max_size=1).map(tuple),
    ),
    st.builds(p.Replace, targets=_refs, by=_refs),
    st.builds(
        p.Add,
        what=st.sampled_from(["box", "sphere", "light", "camera"]),
        relations=st.lists(_relations, max_size=1).map(tuple),
    ),
    st.builds(p.Delete, targets=_refs),
    st.builds(p.Group, targets=_refs, is_undo=st.booleans()),
    st.builds(
        p.Material,
        targets=_refs,
        lightness_change=st.floats(-0.5, 0.5),
        warmth_change=st.floats(-0.2, 0.2),
    ),
    st.builds(p.Visibility, targets=_refs, is_visible=st.booleans(), is_isolate=st.booleans()),
    st.builds(p.Lock, targets=_refs, is_locked=st.booleans()),
    st.builds(p.Select, targets=_refs),
    st.builds(p.Rename, targets=_refs, to=st.sampled_from(["Ficus", "ball", ""])),
    st.builds(p.Lamp, targets=_refs, factor=st.floats(0, 10), is_on=st.none() | st.booleans()),
    st.builds(
        p.Camera,
        action=st.sampled_from(["move", "pan", "tilt", "zoom", "aim", "frame", "orbit", "top"]),
        direction=st.none() | _directions,
        amount=st.none() | st.floats(-90, 90),
        to=st.none() | _refs,
    ),
    st.builds(p.Repeat, factor=st.sampled_from([1.0, 0.5, -1.0]), at_next_spot=st.booleans()),
    st.builds(
        p.Question,
        kind=st.sampled_from(["count", "where", "measure", "which", "exists", "color", "list"]),
        targets=_refs,
    ),
)
plans = st.lists(_operations, min_size=1, max_size=2).map(
    lambda found: p.EditPlan(operations=tuple(found))
)


_DOCUMENT, ARRAYS = room()
_DATA = document_to_json(_DOCUMENT)
_ROOM = SceneView(_DOCUMENT, ARRAYS)


@st.composite
def scenes(draw: st.DrawFn) -> SceneDocument:
    """The room with some boxes more, where they stand free."""
    view = _ROOM
    for number in range(draw(st.integers(0, 4))):
        x, y = draw(st.floats(-2.5, 2.5)), draw(st.floats(-2.0, 2.0))
        key, color = f"box_{number}", draw(st.sampled_from(list(COLORS)))
        box = thing(key, "box", (0.3, 0.3, 0.3), (x, y, 0), color)
        alone = document_from_json({**_DATA, "objects": [box]})
        trial = view.changed({key: alone.objects[0]})
        if not trial.collisions(trial.body(key).pieces, [key]):
            view = trial
    return view.document


def _matrix(draw: st.DrawFn) -> list[list[float]]:
    """Turned any way, scaled unevenly or mirrored, anywhere."""
    scales = st.sampled_from([1.0, 1.0, 0.001, 0.3, 3.0, 1000.0, -1.0])
    matrix = np.eye(4)
    matrix[:3, :3] = (
        turn(draw(st.floats(0, 360)))
        @ turn(draw(st.sampled_from([0.0, 0.0, 30.0, 90.0, 180.0])), (1, 0, 0))
        @ np.diag([draw(scales) for _ in range(3)])
    )
    matrix[:3, 3] = [draw(st.floats(-3, 3)), draw(st.floats(-3, 3)), draw(st.floats(-0.5, 2))]
    return matrix.tolist()


@st.composite
def strange_scenes(draw: st.DrawFn) -> tuple[SceneDocument, Arrays]:
    """Flat, empty, huge, tiny, tilted, mirrored, nested, hidden, locked, instanced things; perhaps no floor."""
    arrays = {**ARRAYS, "empty.vertices": np.zeros((0, 3), np.float32),
              "empty.triangles": np.zeros((0, 3), np.int32)}  # fmt: skip
    kept = draw(st.none() | st.integers(0, len(_DATA["objects"])))
    data = {**_DATA, "objects": _DATA["objects"][:kept]}
    geometries = [
        {"primitive": "box"},
        {"mesh": "table"},
        {"mesh": "empty"},
        {"mesh": "lost"},
        None,
    ]
    keys: list[str] = []
    for number in range(draw(st.integers(1, 5))):
        label = draw(st.sampled_from(["table", "mug", "chair", "lamp", None]))
        size = draw(
            st.sampled_from([(0.3, 0.3, 0.3), (0.0, 0.0, 0.0), (1.0, 0.0, 0.5), (2, 2, 0.1)])
        )
        item: dict[str, Any] = thing(
            f"odd_{number}", label, size, (0, 0, 0), draw(st.sampled_from(list(COLORS)))
        )
        item["world_from_object"] = _matrix(draw)
        item["geometry"] = draw(st.sampled_from(geometries))
        item["parent"] = draw(st.sampled_from([None, None, *keys]))
        item["visible"], item["locked"] = draw(st.booleans()), draw(st.booleans())
        item["front"] = draw(st.sampled_from([None, [0, -1, 0], [0, 0, 1]]))
        item["kind"] = draw(
            st.sampled_from(["object", "object", "object", "light", "floor", "wall", "surface"])
        )
        if item["kind"] == "light":
            item["light"] = {"type": "POINT", "power": 10.0, "color": [1, 1, 1]}
        keys.append(item["id"])
        data["objects"].append(item)
    data["selection"] = draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))
    return document_from_json(data), arrays
