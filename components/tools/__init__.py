"""Panels of the Tools page."""
