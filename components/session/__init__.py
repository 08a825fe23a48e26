"""The state of a browser session."""
