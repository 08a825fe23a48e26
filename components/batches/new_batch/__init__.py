"""A new batch: its input, the check of every line, and its submission."""
