"""Failures, many calls, and caching: panels of the Resilience page."""
