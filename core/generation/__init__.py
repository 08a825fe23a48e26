"""What the APIs that generate a reply have in common: sending a request and reading its response."""
