"""Edits in plain words: a planner turns a prompt into typed operations; grounding, solving and verifying carry them out."""
