"""`maquette doctor`: what is installed, what is missing, what to do."""

import argparse
import json
from typing import Any


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "doctor",
        help="what is installed, what is missing, what to do",
        description="Check the installation. Exit status 0 where reconstructions work, 1 where not.",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per check."""
    from maquette.doctor import run_checks
    from maquette_protocol.fields import plain

    checks = run_checks()
    if arguments.json:
        print(json.dumps({"checks": plain(checks)}, ensure_ascii=False))
    else:
        for check in checks:
            mark = {"ok": "✓", "note": "–", "missing": "✗"}[check.state]
            print(f"{mark} {check.name:24} {check.found}")
            if check.hint:
                print(f"  {'':24} → {check.hint}")
    return int(any(check.state == "missing" for check in checks))
