"""Chat completions of the sandbox."""
