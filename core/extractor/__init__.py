"""Extract structured data from documents by a schema."""
