"""Authentication, faults, latency, rate limits and streaming of the sandbox."""
