"""One operator, or a few that are one thing to the user, per file; each file has `CLASSES`."""
