"""The Responses API: its request, its events, and its state."""
