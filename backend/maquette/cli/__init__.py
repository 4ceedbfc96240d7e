"""TODO owner: one line about this package."""
