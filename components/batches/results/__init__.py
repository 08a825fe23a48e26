"""The results of a batch: their table, downloads, and the retry of failed lines."""
