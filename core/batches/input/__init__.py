"""Make the lines of the input file of a batch."""
