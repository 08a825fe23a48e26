"""Runs of all pages: listed, searched, added up, annotated, exported and deleted."""
