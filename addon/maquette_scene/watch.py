"""Whether an undo, a redo or another file took away what was being built: Blender then frees all data."""

from typing import Any

import bpy
from bpy.app.handlers import persistent


class Watch:
    """While entered, `changed` turns true as soon as Blender's data was exchanged; `reset` sets it back."""

    def __init__(self) -> None:
        self.changed = False
        self.another_file = False

        @persistent
        def exchanged(*_: Any) -> None:
            self.changed = True

        @persistent
        def loaded(*_: Any) -> None:
            self.changed = self.another_file = True

        handlers = bpy.app.handlers
        self._handlers = (
            (handlers.undo_post, exchanged),
            (handlers.redo_post, exchanged),
            (handlers.load_post, loaded),
        )

    def __enter__(self) -> "Watch":
        for handlers, function in self._handlers:
            handlers.append(function)
        return self

    def __exit__(self, *_: object) -> None:
        for handlers, function in self._handlers:
            if function in handlers:
                handlers.remove(function)
