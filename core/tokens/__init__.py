"""Tokenization, token estimates and counts, context windows, chunking."""
