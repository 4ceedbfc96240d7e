"""Model cards: small TOML files that say all that there is to know of an ONNX model to use it.

docs/models.md describes the fields. Those of well-known models come along, in `cards/`; a model of one's own has its
card beside it, as `card.toml`.
"""

import tomllib
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from maquette_protocol.errors import InputError, MaquetteError, ProtocolError
from maquette_protocol.fields import Pattern, Range, read_value
from maquette_protocol.paths import check_relative

CARD_FILE = "card.toml"
_CARDS = Path(__file__).parent / "cards"

_Name = Annotated[str, Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", "letters, digits, . _ and -")]
_Side = Annotated[int, Range(8, 8192)]
_Fraction = Annotated[float, Range(0.0, 1.0)]


@dataclass(frozen=True, kw_only=True)
class InputSpec:
    """How a photo becomes the model's input."""

    name: str
    # "stretch": exactly `size`; "cover": proportions kept, both sides reach `size`; "fit": both stay within it
    resize: Literal["stretch", "cover", "fit"]
    size: tuple[_Side, ...]  # height, width
    multiple: Annotated[int, Range(1, 256)] = 1  # both sides are rounded to one of it
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)  # of pixels in 0..1: (pixel - mean) / std
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    layout: Literal["NCHW", "NHWC", "CHW", "HWC"] = "NCHW"
    colors: Literal["RGB", "BGR"] = "RGB"
    numbers: dict[str, int] = field(default_factory=dict)  # further inputs of one number each


@dataclass(frozen=True, kw_only=True)
class OutputSpec:
    """What the model's outputs mean."""

    kind: Literal[
        "depth", "disparity", "points"
    ]  # along camera z; 1 / that; (x, y, z) in OpenCV axes
    name: str
    is_metric: bool = False  # metres, after `scale`
    is_affine: bool = False  # known but for scale and a shift (of z, or of 1 / z)
    far_over_near: Annotated[float, Range(1.5, 1000.0)] = 10.0  # at most so, where `is_affine`
    mask: str = ""  # output, 0..1: pixels below `mask_threshold` have no depth
    mask_threshold: _Fraction = 0.5
    scale: str = ""  # output of one number that lengths are multiplied with
    focal: str = ""  # output of the focal length, or of a 3x3 matrix of intrinsics
    focal_unit: Literal["pixels", "widths"] = "pixels"  # of the input
    depth_follows_focal: bool = False  # depth is in proportion to the focal length that was assumed


@dataclass(frozen=True, kw_only=True)
class OnnxCard:
    """A model: where from, under which licence, and how it is used."""

    name: _Name
    title: str
    purpose: str
    licence: str
    file: str  # the model, in the folder that it came in
    input: InputSpec
    output: OutputSpec
    other_files: tuple[str, ...] = ()  # that the model needs beside it
    licence_note: str = ""
    repository: str = ""  # owner/name on the hub
    size_bytes: Annotated[int, Range(0, 2**50)] = 0


def known_cards() -> dict[str, OnnxCard]:
    """The cards that come along, by name."""
    cards = [read_card(path) for path in sorted(_CARDS.glob("*.toml"))]
    return {card.name: card for card in cards}


def read_card(path: Path) -> OnnxCard:
    """The card in a file. Raises InputError that names the file, the field, and what is wrong with it."""
    try:
        with path.open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise InputError(f"The card {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The card {path} is no TOML: {error}.") from error
    try:
        card: OnnxCard = read_value(OnnxCard, _with_defaults(OnnxCard, table))
        _check(card)
    except MaquetteError as error:
        raise InputError(
            f"The card {path} is wrong: {error.message}", hint="docs/models.md has the fields."
        ) from error
    return card


def _with_defaults(kind: type, table: dict[str, Any]) -> dict[str, Any]:
    """The table with the defaults of the fields that it lacks; numbers that are floats made so."""
    hints = get_type_hints(kind)
    filled = dict(table)
    for one in fields(kind):
        if one.name not in filled:
            if one.default is not MISSING:
                filled[one.name] = (
                    list(one.default) if isinstance(one.default, tuple) else one.default
                )
            elif one.default_factory is not MISSING:
                filled[one.name] = one.default_factory()
        elif isinstance(hints[one.name], type) and is_dataclass(hints[one.name]):
            inner = filled[one.name]
            filled[one.name] = (
                _with_defaults(hints[one.name], inner) if isinstance(inner, dict) else inner
            )
    return filled


def _check(card: OnnxCard) -> None:
    """Raises MaquetteError where fields contradict one another."""
    for name, value, count in (
        ("size", card.input.size, 2),
        ("mean", card.input.mean, 3),
        ("std", card.input.std, 3),
    ):
        if len(value) != count:
            raise ProtocolError(f"$.input.{name}: {count} numbers expected, got {len(value)}")
    if min(card.input.std) <= 0:
        raise ProtocolError("$.input.std: above 0 expected")
    if card.output.is_affine and card.output.is_metric and card.output.kind != "points":
        raise ProtocolError("$.output.is_affine: what is known but for a shift is not metric")
    for name in (card.file, *card.other_files):
        check_relative(name)
