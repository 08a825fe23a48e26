"""Compare prompts and models: quickly, or on a board of variants and cases."""
