"""Conversations with replies: context fitting, replies as jobs, the transcript."""
