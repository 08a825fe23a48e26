"""Jobs of many requests: their progress, unfinished ones, and those that wait for a batch."""
