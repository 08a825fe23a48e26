"""Choose the server that requests go to."""

from components.page import heading

heading("settings.py")
