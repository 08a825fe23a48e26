"""What was extracted: its outcome, where it is in the text, how far it agrees, and its storage."""
