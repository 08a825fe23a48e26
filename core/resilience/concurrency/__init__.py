"""Many requests, sent in several ways, and what each way takes."""
