"""How the cells of a board are run: now, or by batches."""
