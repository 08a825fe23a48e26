"""Failures provoked, policies of retries compared, and many calls, caching and cost measured."""
