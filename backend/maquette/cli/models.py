"""`maquette models`: neural models, their licences and sizes, and whether a copy of one is what it should be."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maquette_protocol.errors import InputError

if TYPE_CHECKING:
    from maquette.models.catalog import ModelCard
    from maquette_protocol.messages import Check

_EXAMPLES = """\
examples:
  maquette models list                          what there is: licence, size, whether it is here
  maquette models pull g2vlm                    fetch it, after its licence and size were shown
  maquette models verify g2vlm                  every tensor and checksum of the copy that is here
  maquette models verify ~/models/g2vlm         the same of a folder
  maquette models pull moge-2-small             depth of one photo, for --engine onnx
  maquette models remove g2vlm                  take it off the disk
  maquette models check-parity golden/          every stage of the network against stored tensors
"""
_MARKS = {"ok": "✓", "note": "–", "missing": "✗"}


def add_parser(commands: Any) -> None:
    """Add this command, with its own sub-commands, to the parser's."""
    parser = commands.add_parser(
        "models",
        help="neural models: what there is, and whether it is sound",
        description="Neural models: what there is, and whether it is sound. Nothing is downloaded unasked.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_list(actions)
    _add_pull(actions)
    _add_verify(actions)
    _add_remove(actions)
    _add_check_parity(actions)


def _add_list(actions: Any) -> None:
    parser = actions.add_parser(
        "list",
        help="what there is: licence, size, whether it is here",
        description="The models that Maquette knows. Looks at the disk alone.",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run_list)


def _add_pull(actions: Any) -> None:
    parser = actions.add_parser(
        "pull",
        help="fetch a model, after its licence and size were shown",
        description=(
            "Fetch a model into the hub's shared cache (HF_HUB_CACHE names another folder) and verify it. "
            "Interrupted, it goes on where it stopped."
        ),
    )
    parser.add_argument("model", metavar="MODEL", help="a name from the list")
    parser.add_argument("--yes", action="store_true", help="the licence and the size are all right")
    parser.set_defaults(run=run_pull)


def _add_remove(actions: Any) -> None:
    parser = actions.add_parser(
        "remove",
        help="take a model off the disk",
        description="Take all revisions of a model out of the hub's cache. Folders of your own stay.",
    )
    parser.add_argument("model", metavar="MODEL", help="a name from the list")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run_remove)


def _add_verify(actions: Any) -> None:
    parser = actions.add_parser(
        "verify",
        help="whether a copy is whole: configuration, every tensor, checksums",
        description=(
            "Check a model's folder (or the copy in the hub's cache, by the model's name) without loading it. "
            "Exit status 0 where it would load and all checksums hold, 1 where not."
        ),
    )
    parser.add_argument("model", metavar="MODEL", help="a folder, a card, or a name from the list")
    parser.add_argument(
        "--no-checksums", action="store_true", help="leave out reading every byte of the weights"
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run_verify)


def _add_check_parity(actions: Any) -> None:
    parser = actions.add_parser(
        "check-parity",
        help="compare every stage of G²VLM with stored tensors",
        description=(
            "Run G²VLM in float32 on a folder of golden tensors (manifest.json, a configuration, weights, "
            "a tokenizer, images) and print each stage's root mean square error with its bound, ten times the "
            "noise that the manifest states. Exit status 0 where all stages pass, 1 where one does not."
        ),
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="where to run")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run_check_parity)


def run_list(arguments: argparse.Namespace) -> int:
    """A few lines per model."""
    from maquette.models.catalog import MODELS, find_model
    from maquette_protocol.fields import plain

    places = {name: find_model(card) for name, card in MODELS.items()}
    if arguments.json:
        cards = [
            {**plain(card), "folder": None if places[name] is None else str(places[name])}
            for name, card in MODELS.items()
        ]
        print(json.dumps({"models": cards}, ensure_ascii=False))
        return 0
    for name, card in MODELS.items():
        _print_card(card)
        print(f"  here     {places[name] or 'no'}")
    return 0


def _print_card(card: "ModelCard") -> None:
    from maquette.models.catalog import size_text

    print(f"{card.name}: {card.title}, {card.purpose}")
    print(f"  licence  {'; '.join(filter(None, (card.licence, card.licence_note)))}")
    print(f"  size     {size_text(card.size_bytes)}, from {card.repository}")


def run_pull(arguments: argparse.Namespace) -> int:
    """Show the card, ask, fetch, verify."""
    from maquette.models.catalog import card_of, hub_cache
    from maquette.models.extras import require_hub
    from maquette.models.fetch import check_room, fetch_model

    card = card_of(arguments.model)
    require_hub(card.engine)
    _print_card(card)
    print(f"  to       {hub_cache()}")
    check_room(card)
    if not arguments.yes and not _agreed("Fetch it?"):
        print("Nothing was fetched.")
        return 0
    fetch_model(card)
    return _print_checks(*_verify(arguments.model, with_checksums=True))


def run_remove(arguments: argparse.Namespace) -> int:
    """Say what goes, ask, remove."""
    from maquette.models.catalog import cached_folder, card_of, size_text
    from maquette.models.fetch import folder_size, remove_model

    card = card_of(arguments.model)
    folder = cached_folder(card)
    size_bytes = folder_size(folder)
    if folder.is_dir() and not arguments.yes:
        print(f"{card.title}: {size_text(size_bytes)} in {folder}")
        if not _agreed("Remove it?"):
            print("Nothing was removed.")
            return 0
    remove_model(card)
    print(f"Removed {card.title}: {size_text(size_bytes)} freed.")
    return 0


def _agreed(question: str) -> bool:
    """Whether a person at the terminal says yes. Raises InputError where there is none."""
    if not sys.stdin.isatty():
        raise InputError("Nobody is here to ask.", hint="Say --yes to go ahead.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def run_verify(arguments: argparse.Namespace) -> int:
    """One line per check."""
    from maquette_protocol.fields import plain

    folder, checks = _verify(arguments.model, with_checksums=not arguments.no_checksums)
    if arguments.json:
        answer = {"folder": str(folder), "checks": plain(checks)}
        print(json.dumps(answer, ensure_ascii=False))
        return _verdict(checks)
    return _print_checks(folder, checks)


def _verify(model: str, *, with_checksums: bool) -> "tuple[Path, list[Check]]":
    """The model's folder and one check after the other."""
    from maquette.models.catalog import card_of, model_folder
    from maquette.models.extras import require_g2vlm, require_vision
    from maquette.models.onnx.find import find_onnx, is_onnx

    if is_onnx(model):
        from maquette.models.onnx.verify import verify_onnx

        card, file = find_onnx(Path(model))
        return file.parent, list(verify_onnx(card, file, with_checksums=with_checksums))
    if not Path(model).expanduser().is_dir() and card_of(model).engine == "vision":
        require_vision()
        from maquette.models.vision import verify_vision

        folder = model_folder(model, "vision")
        return folder, list(verify_vision(card_of(model), folder, with_checksums=with_checksums))
    require_g2vlm()
    from maquette.models.g2vlm.verify import verify_folder

    folder = model_folder(model)
    return folder, list(verify_folder(folder, with_checksums=with_checksums))


def _print_checks(folder: Path, checks: "Sequence[Check]") -> int:
    """One line per check; the exit status."""
    print(folder)
    for check in checks:
        print(f"{_MARKS[check.state]} {check.name:24} {check.found}")
        if check.hint:
            print(f"  {'':24} → {check.hint}")
    return _verdict(checks)


def _verdict(checks: "Sequence[Check]") -> int:
    return int(any(check.state == "missing" for check in checks))


def run_check_parity(arguments: argparse.Namespace) -> int:
    """One line per stage as it is computed, then the verdict."""
    from maquette.models.extras import require_g2vlm

    require_g2vlm()
    import torch

    if arguments.device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "There is no CUDA device here.", hint="Leave --device out: the CPU does it."
        )
    from maquette.models.g2vlm.parity import check_parity, first_departure

    results = []
    if not arguments.json:
        print(f"{'case':16} {'variant':8} {'stage':40} {'error':>9} {'bound':>9}")
    for result in check_parity(arguments.folder, arguments.device):
        results.append(result)
        if not arguments.json:
            verdict = "pass" if result.passes else f"FAIL {result.note}".rstrip()
            print(
                f"{result.case:16} {result.variant:8} {result.stage:40} "
                f"{result.error:9.2e} {result.tolerance:9.2e} {verdict}"
            )
    departure = first_departure(results)
    failed = sum(not result.passes for result in results)
    if arguments.json:
        stages = [
            {
                "case": result.case,
                "variant": result.variant,
                "stage": result.stage,
                # JSON knows neither infinity (nothing to compare) nor not-a-number
                "error": result.error if math.isfinite(result.error) else None,
                "bound": result.tolerance,
                "passes": result.passes,
                "note": result.note,
            }
            for result in results
        ]
        print(json.dumps({"passes": departure is None, "stages": stages}, ensure_ascii=False))
    elif departure is None:
        print(f"All {len(results)} stages pass.")
    else:
        print(f"{failed} of {len(results)} stages fail; the first to depart is {departure}.")
    return int(departure is not None)
