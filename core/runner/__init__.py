"""Many calls at once: adaptive in number, saved as they end, resumable."""
