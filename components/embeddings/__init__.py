"""Panels of the Embeddings page."""
