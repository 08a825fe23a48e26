"""A run is the record of one API call; jobs execute runs in the background."""
