"""The demo: the example photos to scenes under out/demo/, as scene folders, .blend, .glb and reports."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parent / "out" / "demo"


def maquette(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "maquette.cli.main", *map(str, arguments)], check=True)


def main() -> None:
    made: list[Path] = []
    for name in ("office_desk", "skull"):
        began = time.perf_counter()
        folder = OUT / name
        print(f"\n— {name}: {len(list((HERE / name).iterdir()))} photos", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        maquette("reconstruct", HERE / name, "-o", folder, "--quality", "normal")
        for suffix in (".blend", ".glb"):
            maquette("export", folder, "-o", OUT / f"{name}{suffix}")
            made.append(OUT / f"{name}{suffix}")
        made += [folder / "scene.json", folder / "report.html"]
        print(f"{name}: {time.perf_counter() - began:.0f} s in all", flush=True)
    # the office is the demo's scene under the names that the README gives
    for source, target in (
        (OUT / "office_desk.blend", OUT / "demo.blend"),
        (OUT / "office_desk.glb", OUT / "demo.glb"),
        (OUT / "office_desk" / "report.html", OUT / "report.html"),
    ):
        shutil.copyfile(source, target)
        made.append(target)
    print("\nMade:")
    for path in made:
        print(f"  {path.relative_to(HERE.parent)}  {path.stat().st_size / 2**20:.1f} MB")
    print("\nLook at out/demo/report.html first.")


if __name__ == "__main__":
    main()
