"""JSON Schemas of a request: whether the API accepts them, and the patterns in them."""
