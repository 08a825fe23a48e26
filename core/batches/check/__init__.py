"""Check the input file of a batch before it is sent, correct it and split it."""
