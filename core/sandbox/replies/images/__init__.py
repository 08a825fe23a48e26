"""Descriptions of the images of a message."""
