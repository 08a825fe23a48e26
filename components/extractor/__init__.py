"""The panels of the Schema extractor page."""
