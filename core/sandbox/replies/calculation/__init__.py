"""Arithmetic, dates, amounts and sums in words."""
