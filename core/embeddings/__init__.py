"""Embeddings: inputs, requests, vectors and their analysis."""
