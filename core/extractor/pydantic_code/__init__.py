"""The code of Pydantic models: written for a schema, and read without executing it."""
