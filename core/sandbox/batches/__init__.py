"""Batches: their validation, their execution and their results."""
