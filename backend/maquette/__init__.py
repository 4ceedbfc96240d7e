"""Photos in, an editable Blender scene out; then say what to change."""

__version__ = "0.1.0"
