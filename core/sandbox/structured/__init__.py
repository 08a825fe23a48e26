"""Structured outputs: values for a JSON Schema, from the text of a request."""
