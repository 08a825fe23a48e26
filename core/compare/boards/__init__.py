"""Boards: variants as columns, cases as rows, and what every cell is checked for."""
