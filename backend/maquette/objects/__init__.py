"""A scene made of things: structure, objects, supports and completed backgrounds, without any weights."""

from maquette.objects.segment import SegmentOptions, segment_scene, segment_to

__all__ = ["SegmentOptions", "segment_scene", "segment_to"]
