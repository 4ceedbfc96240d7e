"""Where the ONNX model lies that was asked for: by name in the hub's cache, by its card, or by their folder."""

from pathlib import Path

from maquette.models.catalog import MODELS, ONNX_CARDS, find_model, model_folder
from maquette.models.onnx.card import CARD_FILE, OnnxCard, read_card
from maquette_protocol.errors import InputError, MissingPartError

DEFAULT_MODEL = "moge-2-small"  # the smallest that tells the lens and the scale


def find_onnx(asked: Path | None) -> tuple[OnnxCard, Path]:
    """The card and the model's file. Raises InputError, MissingPartError.

    asked: a name from the catalog, a card, or a folder with card.toml; None: the default model
    """
    text = str(asked or DEFAULT_MODEL)
    if text in ONNX_CARDS and not Path(text).exists():
        card, folder = ONNX_CARDS[text], _cached(text, is_default=asked is None)
    else:
        place = Path(text).expanduser()
        if place.suffix != ".toml":
            place = model_folder(text, "onnx") / CARD_FILE
            if not place.is_file():
                raise InputError(
                    f"{place.parent} has no {CARD_FILE}, which says how its model is used.",
                    hint="docs/models.md says how to write one, or name a model that maquette models list shows.",
                )
        card, folder = read_card(place), place.parent
    for name in (card.file, *card.other_files):
        if not (folder / name).is_file():
            raise MissingPartError(
                f"{folder / name} is not there, which the card of {card.title} names.",
                hint=f"Fetch it from {card.repository}." if card.repository else "",
            )
    return card, folder / card.file


def is_onnx(asked: str) -> bool:
    """Whether what was asked for is an ONNX model: one of the catalog, a card, or a folder with one."""
    place = Path(asked).expanduser()
    return place.suffix == ".toml" or (place / CARD_FILE).is_file() or asked in ONNX_CARDS


def _cached(name: str, *, is_default: bool) -> Path:
    try:
        return model_folder(name, "onnx")
    except MissingPartError as error:
        here = [one for one in ONNX_CARDS if find_model(MODELS[one])]
        if not is_default or not here:
            raise
        raise MissingPartError(
            error.message, hint=f"{error.hint} Here are: {', '.join(here)} (--model NAME)."
        ) from error
