"""Reply texts, computed from the request by rules and the same every time."""
