"""The Chat Completions API: build a request, send it, parse its stream."""
