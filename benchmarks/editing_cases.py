"""What share of our own editing cases is carried out rightly: per category, and the reason of every failure.

    python benchmarks/editing_cases.py [--judge ../shared/tools] [--turned 33] [--seed 1] [--only move-to]

The cases are said by `maquette edit --batch`; the outcome is judged by geometry, colour and status, by the outside
benchmark `edit_bench`, which `--judge` says where to find. `--turned`: the rooms lie turned in the world, as a
reconstruction finds them, which must make no difference; `--seed`: small things stand a little elsewhere.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_CASES = _ROOT / "tests" / "editing" / "cases"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--judge", type=Path, default=_ROOT.parent / "shared" / "tools")
    parser.add_argument("--turned", type=float, default=0.0, metavar="DEGREES")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", metavar="CATEGORY")
    chosen = parser.parse_args()
    if not (chosen.judge / "edit_bench").is_dir():
        print(f"No edit_bench in {chosen.judge}; say where it is with --judge.", file=sys.stderr)
        return 1
    sys.path.insert(0, str(_CASES))
    from rooms_of_cases import write_cases  # pyright: ignore[reportMissingImports]

    with tempfile.TemporaryDirectory() as folder:
        write_cases(Path(folder), seed=chosen.seed, turned_deg=chosen.turned)
        batch = f"{sys.executable} -m maquette.cli.main edit --batch {{cases}} -o {{results}}"
        only = ["--only", chosen.only] if chosen.only else []
        done = subprocess.run(
            [sys.executable, "-m", "edit_bench", "run", folder, "--command", batch, *only],
            cwd=chosen.judge,
            stdout=subprocess.DEVNULL,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
