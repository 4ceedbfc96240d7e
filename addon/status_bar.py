"""The import in the status bar, where it is seen with the sidebar closed."""

from typing import Any

import bpy

from . import runtime
from .panels import words_of


def _draw(self: Any, context: bpy.types.Context) -> None:
    session = runtime.session()
    jobs = [job for job in session.imports.jobs.values() if not job.is_over]
    if not jobs and session.work is None:
        return
    row = self.layout.row()
    row.ui_units_x = 16
    if jobs:
        job = jobs[0]
        left = f", {job.time_left}" if job.time_left else ""
        row.progress(factor=job.done, text=f"{words_of(job)[0]}{left}")
        row.operator("maquette.cancel_import", text="", icon="X", emboss=False).job = job.job
    elif session.work is not None:
        row.progress(factor=session.work.done, text=session.work.stage)


CLASSES = ()


def register() -> None:
    bpy.types.STATUSBAR_HT_header.append(_draw)


def unregister() -> None:
    bpy.types.STATUSBAR_HT_header.remove(_draw)
