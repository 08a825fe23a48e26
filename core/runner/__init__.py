"""Many calls at once: bounded, adaptive, resumable."""
