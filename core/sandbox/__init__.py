"""An OpenAI-compatible server that computes replies by rules, without a key or a network."""
