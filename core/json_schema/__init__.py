"""JSON Schemas, and the subset of them that strict mode accepts."""
