"""Reading and writing files that users exchange."""
