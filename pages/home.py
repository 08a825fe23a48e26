"""What this is, and where to begin."""

from components.page import heading

heading("home.py")
