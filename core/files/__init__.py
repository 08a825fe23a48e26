"""Reading and writing files that people exchange."""
