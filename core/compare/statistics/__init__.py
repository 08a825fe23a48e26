"""The results of a comparison as figures and in words."""
