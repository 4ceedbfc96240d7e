"""Edits in plain words: a planner turns a prompt into typed operations; the rest of this folder carries them out."""
