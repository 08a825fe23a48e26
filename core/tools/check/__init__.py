"""A check of many questions: which calls are expected, and which the model requests."""
