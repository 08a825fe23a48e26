"""What the runs of a board returned: the table, one row in detail, and the statistics of each variant."""
