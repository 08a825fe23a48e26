"""A run in detail: code, request, response and events."""
