"""The loop of a question: calls, decisions and results, while it runs and as it was saved."""
