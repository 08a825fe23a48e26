"""Replies that need no text: greetings, explanations of the API, long texts, refusals."""
