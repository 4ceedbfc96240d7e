"""Run a reconstruction in a process of its own: stopping it is ending it, and its crash is only an error.

The request goes in as one JSON line on stdin; events come back as JSON lines on stdout. The child ends itself when
stdin closes, so no orphan outlives its parent, however that one died.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from maquette_protocol import errors
from maquette_protocol.errors import Cancelled, CrashError, MaquetteError

Listener = Callable[[str, float, str], None]  # stage, share of the whole job, note


def run_job(request: dict[str, Any], listener: Listener) -> dict[str, Any]:
    """Run `request` ({"photos", "out", "options"}) and return its summary.

    Raises the job's own MaquetteError, CrashError where its process died, Cancelled on Ctrl-C or SIGTERM.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "maquette.jobs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C reaches us alone; we end the whole group
    )
    try:
        with _terminate_as_interrupt():
            return _converse(process, request, listener)
    except KeyboardInterrupt:
        raise Cancelled(
            "Stopped; nothing was written.", hint="The same command goes on where this one stopped."
        ) from None
    finally:
        _end(process)
        _remove_partial(Path(request["out"]))


@contextlib.contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C while a job runs; only the main thread may, others go without."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _converse(
    process: "subprocess.Popen[str]", request: dict[str, Any], listener: Listener
) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        event = json.loads(line)
        if "progress" in event:
            listener(*event["progress"])
        elif "error" in event:
            raise _error_from(event["error"])
        elif "answer" in event:
            answer: dict[str, Any] = event["answer"]
            return answer
    status = process.wait()
    raise CrashError(
        f"The job's process ended with status {status} and no answer.",
        hint="If memory ran out, try --quality draft or fewer photos; the same command goes on "
        "where this one stopped.",
    )


def _error_from(data: dict[str, str]) -> MaquetteError:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    for kind in kinds:
        if issubclass(kind, MaquetteError) and kind.code == data["code"]:
            return kind(data["message"], hint=data["hint"])
    return MaquetteError(data["message"], hint=data["hint"])


def _end(process: "subprocess.Popen[str]") -> None:
    """End the job's process and its children at once."""
    if process.poll() is None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _remove_partial(out: Path) -> None:
    """Remove what a killed job left beside its target; a scene that it had set aside goes back."""
    import glob
    import shutil

    out = out.absolute()
    for left in out.parent.glob(f".{glob.escape(out.name)}.*.partial*"):
        if left.name.endswith("-old") and not out.exists():
            left.rename(out)
        elif left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _child() -> None:
    """The job's process: read the request, work, answer."""
    # Libraries may print to stdout: keep the events' channel for ourselves, send the rest to stderr.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def send(event: dict[str, Any]) -> None:
        with lock:
            channel.write(json.dumps(event) + "\n")
            channel.flush()

    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    send(_work(request, send))


def _exit_with_parent() -> None:
    sys.stdin.read()
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _work(request: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    import traceback

    from maquette.api import reconstruct_to
    from maquette.options import ReconstructOptions
    from maquette.progress import ProgressEvent

    def report(event: ProgressEvent) -> None:
        send({"progress": [event.stage, event.done, event.note]})

    options = dict(request["options"])
    for key in ("masks", "cameras"):
        options[key] = Path(options[key]) if options.get(key) else None
    options["known"] = tuple(options.get("known", ()))
    try:
        answer = reconstruct_to(
            request["photos"], Path(request["out"]), ReconstructOptions(**options), report
        )
    except MaquetteError as error:
        return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    except MemoryError:
        return {
            "error": {
                "code": CrashError.code,
                "message": "Memory ran out.",
                "hint": "Try --quality draft, or fewer photos.",
            }
        }
    except Exception as error:  # the job's border: log it here, answer in words there
        traceback.print_exc()
        message = f"Internal error: {type(error).__name__}: {error}"
        hint = "This is a fault in Maquette; please report it with the lines above."
        return {"error": {"code": "error", "message": message, "hint": hint}}
    return {"answer": answer}


if __name__ == "__main__":
    _child()
