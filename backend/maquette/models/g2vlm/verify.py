"""Whether a folder holds a G²VLM that would load: configuration, tokenizer, every tensor, checksums; none is loaded."""

import math
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError, safe_open

from maquette.models.catalog import MODELS, size_text
from maquette.models.checksums import failed, verify_checksums
from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.tokens import load_tokens
from maquette.models.g2vlm.weights import WEIGHTS, build_empty, check_file, released_shapes
from maquette_protocol.errors import InputError
from maquette_protocol.messages import Check

Shape = tuple[int, ...]


def verify_folder(folder: Path, *, with_checksums: bool = True) -> Iterator[Check]:
    """One check after the other; state "missing" where the model would not load. None raises."""
    try:
        config = Config.load(folder)
        text = config.text
        found = (
            f"{text.num_hidden_layers} layers of {text.hidden_size}, "
            f"{config.dino.num_hidden_layers} of DINOv2, {config.vit.depth} of the ViT, "
            f"{config.geometry.depth} per geometry decoder"
        )
        yield Check(name="configuration", state="ok", found=found)
    except InputError as error:
        yield failed("configuration", error)
        return
    try:
        count = load_tokens(folder).tokenizer.get_vocab_size()
        yield Check(name="tokenizer", state="ok", found=f"{count:,} tokens")
    except InputError as error:
        yield failed("tokenizer", error)
    yield from _weights(folder / WEIGHTS, released_shapes(build_empty(config)))
    if with_checksums:
        yield verify_checksums(folder, MODELS["g2vlm"].files)


def part_of(name: str) -> str:
    """The part of the network that a released tensor belongs to."""
    top, _, rest = name.partition(".")
    if top != "language_model":
        return top
    if rest.startswith("lm_head"):
        return "lm_head"
    if rest.startswith("model.embed_tokens"):
        return "embed_tokens"
    is_geometry = "_moe_geo" in rest or ".ls1." in rest or ".ls2." in rest
    return "geometry expert" if is_geometry else "understanding expert"


def parameters_by_part(shapes: dict[str, Shape]) -> dict[str, int]:
    """Numbers in each part, in the file's order."""
    sizes: dict[str, int] = {}
    for name, shape in shapes.items():
        part = part_of(name)
        sizes[part] = sizes.get(part, 0) + math.prod(shape)
    return sizes


def _weights(file: Path, shapes: dict[str, Shape]) -> Iterator[Check]:
    """The header of the file against what the configuration asks for; then what is in it."""
    try:
        with safe_open(file, framework="pt") as stored:
            slices = {name: stored.get_slice(name) for name in stored.keys()}  # noqa: SIM118
            found = {name: tuple(one.get_shape()) for name, one in slices.items()}
            dtypes = sorted({one.get_dtype() for one in slices.values()})
        check_file(shapes, found)
    except (OSError, SafetensorError) as error:
        yield failed("weights", InputError(f"{file.name} cannot be read: {error}."))
        return
    except InputError as error:
        yield failed("weights", error)
        return
    parts = parameters_by_part(found)
    total = (
        f"{len(found):,} tensors, {sum(parts.values()):,} numbers, {', '.join(dtypes)}, "
        f"{size_text(file.stat().st_size)}"
    )
    yield Check(name="weights", state="ok", found=total)
    for part, count in parts.items():
        yield Check(name=f"  {part}", state="ok", found=f"{count:,} numbers")
