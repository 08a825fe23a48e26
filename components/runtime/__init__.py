"""Process-wide resources and start-up."""
