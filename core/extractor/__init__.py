"""Structured extraction: one JSON Schema in three views, the request that uses it, and its results."""
