"""Batches on a server: submitted once, followed, cancelled, submitted again."""
