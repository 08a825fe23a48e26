"""A quick comparison: one prompt to a few variants at once."""
