"""Small ONNX models with known output, and their cards: what several test modules need of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the extra dev is not installed")

WIDTH, HEIGHT, FOCAL_PX = 96, 72, 80.0  # of depth maps; photos are five times that
CARD = {
    "name": "made-here",
    "title": "Made Here",
    "purpose": "a test",
    "licence": "CC0-1.0",
    "file": "model.onnx",
    "input": {"name": "image", "resize": "stretch", "size": [HEIGHT, WIDTH]},
    "output": {"kind": "depth", "name": "depth"},
}


def room() -> np.ndarray:
    """(HEIGHT, WIDTH) depth: a wall at 4, a floor before it, and a box from 2 to 2.5 that stands on it."""
    row, _ = np.mgrid[0:HEIGHT, 0:WIDTH]
    below = (row + 0.5 - HEIGHT / 2) / FOCAL_PX
    depth = np.minimum(4.0, 1.2 / np.maximum(below, 1e-6))
    depth[20:60, 30:60] = 2.0 + (np.arange(30, 60) - 30) / 60
    return depth.astype(np.float32)


def points_of(depth: np.ndarray) -> np.ndarray:
    """(H, W, 3) points that a camera of FOCAL_PX sees at these depths."""
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    x, y = (column - WIDTH / 2) / FOCAL_PX, (row - HEIGHT / 2) / FOCAL_PX
    return np.stack([x * depth, y * depth, depth], axis=-1).astype(np.float32)


def write_model(
    folder: Path,
    outputs: dict[str, Any],
    size: tuple[Any, Any] = (HEIGHT, WIDTH),
    image: str = "image",
) -> Path:
    """A graph whose outputs are these whatever the photo; its input has the name `image`."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("ReduceMean", [image], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "nothing"], ["zero"]),
    ]
    constants = [onnx.numpy_helper.from_array(np.float32(0), "nothing")]
    told = []
    for name, value in outputs.items():
        array = np.asarray(value, np.float32)
        constants.append(onnx.numpy_helper.from_array(array, f"its {name}"))
        nodes.append(helper.make_node("Add", [f"its {name}", "zero"], [name]))
        told.append(helper.make_tensor_value_info(name, floats, array.shape))
    photo = helper.make_tensor_value_info(image, floats, [1, 3, *size])
    return save_model(folder, helper.make_graph(nodes, "graph", [photo], told, constants))


def save_model(folder: Path, graph: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    opset = onnx.helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    return folder


def write_card(folder: Path, **changes: Any) -> Path:
    """card.toml: CARD with these changes to itself, its input and its output."""
    card = {**CARD, **{k: v for k, v in changes.items() if k in CARD and not isinstance(v, dict)}}
    lines = [
        f"{key} = {json.dumps(value)}" for key, value in card.items() if not isinstance(value, dict)
    ]
    for part in ("input", "output"):
        lines.append(f"[{part}]")
        fields = {**CARD[part], **changes.get(part, {})}
        lines += [f"{key} = {toml(value)}" for key, value in fields.items()]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "card.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


def write_endless_model(folder: Path) -> Path:
    """A model that never ends by itself, and its card."""
    helper, types = onnx.helper, onnx.TensorProto
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go on"]),
            helper.make_node("Add", ["so far", "one"], ["further"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", types.INT64, []),
            helper.make_tensor_value_info("go", types.BOOL, []),
            helper.make_tensor_value_info("so far", types.FLOAT, [1, 3, HEIGHT, WIDTH]),
        ],
        [
            helper.make_tensor_value_info("go on", types.BOOL, []),
            helper.make_tensor_value_info("further", types.FLOAT, [1, 3, HEIGHT, WIDTH]),
        ],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["rounds", "yes", "image"], ["depth"], body=body)],
        "endless",
        [helper.make_tensor_value_info("image", types.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("depth", types.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [
            onnx.numpy_helper.from_array(np.int64(2**60), "rounds"),
            onnx.numpy_helper.from_array(np.bool_(True), "yes"),
            onnx.numpy_helper.from_array(np.float32(1), "one"),
        ],
    )
    write_card(folder, output={"kind": "points"})
    return save_model(folder, graph)
