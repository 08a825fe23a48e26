"""Embeddings of the sandbox."""
