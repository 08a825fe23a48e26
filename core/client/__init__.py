"""The SDK client of a profile, retries, and bounded response bodies."""
