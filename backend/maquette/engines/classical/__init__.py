"""Cameras by structure from motion with a trust gate; depth by multi-view stereo."""
