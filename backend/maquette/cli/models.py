"""`maquette models`: neural models, their licences and sizes, and whether a copy of one is what it should be."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

_EXAMPLES = """\
examples:
  maquette models check-parity golden/          every stage of the network against stored tensors
"""


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
    _add_check_parity(actions)


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
