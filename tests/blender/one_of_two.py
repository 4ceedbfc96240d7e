"""One of two Blenders that share a backend: imports photos, tells what it sees, and what it has at the end.

Arguments: the extension's zip, a folder to speak through, the photos' folder, "finish" or "cancel". In the folder,
`begun` appears once the backend has the import; it goes on when `go` does; `end.json` holds what it ended with.
"""

import json
import os
import sys
import time
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.maquette"
PATIENCE_S = 300


def main(extension: str, exchange: Path, photos: Path, wanted: str) -> None:
    bpy.ops.extensions.package_install_files(
        filepath=extension, repo="user_default", enable_on_install=True
    )
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    runtime = sys.modules[f"{MODULE}.runtime"]
    imports = runtime.session().imports

    def tick_until(condition) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            runtime.tick()
            time.sleep(0.02)
            assert time.monotonic() < end, (runtime.session().status, imports.jobs)

    tick_until(lambda: runtime.session().status.state == "ready")
    bpy.context.scene.maquette.quality = "draft"
    bpy.ops.maquette.import_photos(
        directory=f"{photos}{os.sep}", files=[{"name": p.name} for p in sorted(photos.iterdir())]
    )
    (job,) = imports.jobs.values()
    tick_until(lambda: job.phase in ("queued", "running"))
    (exchange / "begun").touch()
    tick_until((exchange / "go").exists)
    if wanted == "cancel":
        bpy.ops.maquette.cancel_import()
    tick_until(lambda: job.is_over)
    for _ in range(50):  # what belongs to the other one would come now
        runtime.tick()
        time.sleep(0.02)
    end = {
        "process": os.getpid(),
        "job": job.job,
        "phase": job.phase,
        "message": job.message,
        "imports": list(imports.jobs),
        "collections": [c.name for c in bpy.context.scene.collection.children],
        "photos": sorted(o["maquette_photo"] for o in bpy.data.objects if o.type == "CAMERA"),
    }
    (exchange / "end.new").write_text(json.dumps(end), encoding="utf-8")
    (exchange / "end.new").replace(exchange / "end.json")


given = sys.argv[sys.argv.index("--") + 1 :]
status = 1
try:
    main(given[0], Path(given[1]), Path(given[2]), given[3])
    status = 0
except BaseException:
    import traceback

    traceback.print_exc()
finally:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # a Blender program would go on
