"""Conversations: messages, branches, storage, import and export."""
