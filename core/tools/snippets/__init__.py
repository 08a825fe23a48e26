"""A loop as a script that stands alone."""
