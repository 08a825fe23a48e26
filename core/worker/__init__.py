"""Processes beside the app that request the items of its jobs: `python -m core.worker`."""
