"""Answers about a text of the user, and work on it."""
