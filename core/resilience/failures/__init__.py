"""A failure, met by several policies of retries: what the SDK raises, and how each policy behaves."""
