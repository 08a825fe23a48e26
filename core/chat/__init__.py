"""Chat completions: requests, stream parsing, context fitting."""
