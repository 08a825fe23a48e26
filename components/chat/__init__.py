"""Panels of the Chat page."""
