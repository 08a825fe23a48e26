"""Boards as files of other tools, and back."""
