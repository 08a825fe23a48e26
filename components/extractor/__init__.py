"""Panels of the Extractor page."""
