"""Finding, testing and configuring API servers."""
