"""Panels of the Tokens page."""
