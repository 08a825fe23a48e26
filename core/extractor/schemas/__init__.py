"""Schemas: examples, their fields as a table, and new ones from a sample or a description."""
