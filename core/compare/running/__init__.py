"""Running the cells of a board: estimated, in the background, or as a batch."""
