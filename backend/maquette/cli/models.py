"""`maquette models`: neural models, their licences and sizes, and whether a copy of one is what it should be."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

_EXAMPLES = """\
examples:
  maquette models list                          what there is: licence, size, whether it is here
  maquette models verify g2vlm                  every tensor and checksum of the copy that is here
  maquette models verify ~/models/g2vlm         the same of a folder
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
    _add_verify(actions)
    _add_check_parity(actions)


def _add_list(actions: Any) -> None:
    parser = actions.add_parser(
        "list",
        help="what there is: licence, size, whether it is here",
        description="The models that Maquette knows. Looks at the disk alone.",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run_list)


def _add_verify(actions: Any) -> None:
    parser = actions.add_parser(
        "verify",
        help="whether a copy is whole: configuration, every tensor, checksums",
        description=(
            "Check a model's folder (or the copy in the hub's cache, by the model's name) without loading it. "
            "Exit status 0 where it would load and all checksums hold, 1 where not."
        ),
    )
    parser.add_argument("model", metavar="MODEL", help="a folder, or a name from the list")
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
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run_check_parity)


def run_list(arguments: argparse.Namespace) -> int:
    """A few lines per model."""
    from maquette.models.catalog import MODELS, find_model, size_text
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
        print(f"{name}: {card.title}, {card.purpose}")
        print(f"  licence  {card.licence}; {card.licence_note}")
        print(f"  size     {size_text(card.size_bytes)}, from {card.repository}")
        print(f"  here     {places[name] or 'no'}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """One line per check."""
    from maquette.models.catalog import model_folder
    from maquette.models.extras import require_g2vlm
    from maquette_protocol.fields import plain

    require_g2vlm()
    from maquette.models.g2vlm.verify import verify_folder

    folder = model_folder(arguments.model)
    checks = list(verify_folder(folder, with_checksums=not arguments.no_checksums))
    if arguments.json:
        answer = {"folder": str(folder), "checks": plain(checks)}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print(folder)
        for check in checks:
            print(f"{_MARKS[check.state]} {check.name:24} {check.found}")
            if check.hint:
                print(f"  {'':24} → {check.hint}")
    return int(any(check.state == "missing" for check in checks))


def run_check_parity(arguments: argparse.Namespace) -> int:
    """One line per stage as it is computed, then the verdict."""
    from maquette.models.extras import require_g2vlm

    require_g2vlm()
    from maquette.models.g2vlm.parity import check_parity, first_departure

    results = []
    if not arguments.json:
        print(f"{'case':16} {'variant':8} {'stage':40} {'error':>9} {'bound':>9}")
    for result in check_parity(arguments.folder):
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
