"""Variants: the ways to ask that are compared, and their requests."""
