"""Tool calls: which tools a request needs, their arguments, and the answer from their results."""
