"""The boards of the Compare page: variants as columns, cases as rows, and a run in each cell."""
