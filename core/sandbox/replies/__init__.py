"""The replies of the sandbox, computed from the request by rules; equal requests get equal replies."""
