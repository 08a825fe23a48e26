"""The check of tools: each question several times, and how often the model calls as expected."""
