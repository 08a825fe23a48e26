"""Panels of the Vision page."""
