"""The HTTP client of every request, and how much of a response it reads."""
