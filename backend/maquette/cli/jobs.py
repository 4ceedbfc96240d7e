"""`maquette jobs`: what the backend has done, is doing and has to do."""

import argparse
import json
import time
from typing import Any

from maquette_protocol.errors import InputError

_EXAMPLES = """\
examples:
  maquette jobs                        all of them, newest first
  maquette jobs cancel 3fa9            the beginning of an id is enough
  maquette jobs log 3fa9               what a job printed, fit for a bug report
  maquette jobs log                    the same of the backend itself
  maquette jobs forget 3fa9            delete an ended job and its result
"""


def add_parser(commands: Any) -> None:
    """Add this command to the parser's sub-commands."""
    parser = commands.add_parser(
        "jobs",
        help="the backend's jobs: list, cancel, log, forget",
        description="Jobs of the backend that runs here.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "cancel", "log", "forget")
    )
    parser.add_argument("job", nargs="?", default="", metavar="ID", help="or its beginning")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the server, print its answer."""
    from maquette.cli.connect import connected
    from maquette_protocol.messages import CancelJob, ForgetJob, GetLog, Jobs, ListJobs, Log

    with connected() as client:
        listed = client.request(ListJobs())
        assert isinstance(listed, Jobs)
        if arguments.action == "list":
            _print_jobs(listed.jobs, as_json=arguments.json)
            return 0
        if arguments.action == "log":
            job = _find(listed.jobs, arguments.job).job if arguments.job else ""
            told = client.request(GetLog(job=job))
            assert isinstance(told, Log)
            print(told.text, end="")
            return 0
        job = _find(listed.jobs, arguments.job).job
        message = CancelJob(job=job) if arguments.action == "cancel" else ForgetJob(job=job)
        answer = client.request(message)
        assert isinstance(answer, Jobs)
        _print_jobs(answer.jobs, as_json=arguments.json)
    return 0


def _find(jobs: tuple[Any, ...], beginning: str) -> Any:
    if not beginning:
        raise InputError("Which job?", hint="Give its id, or the beginning of it.")
    found = [record for record in jobs if record.job.startswith(beginning)]
    if len(found) != 1:
        raise InputError(
            f"{len(found) or 'No'} jobs begin with {beginning!r}.", hint="See maquette jobs."
        )
    return found[0]


def _print_jobs(jobs: tuple[Any, ...], *, as_json: bool) -> None:
    from maquette_protocol.fields import plain

    if as_json:
        print(json.dumps({"jobs": plain(jobs)}, ensure_ascii=False))
        return
    for record in jobs:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created_s))
        share = f"{record.done:4.0%} {record.stage}" if record.state == "running" else ""
        words = record.message or record.folder or share
        print(f"{record.job[:8]}  {when}  {record.state:10}  {record.request.title}  {words}")
