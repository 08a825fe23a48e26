"""The errors of this app and of the SDK, and their explanations."""
