"""Errors of ours and of the SDK, and their explanations."""
