"""What the prompt cache takes of a long prompt, and what keeps it from doing so."""
