"""The uploaded files and the outputs of batches."""
