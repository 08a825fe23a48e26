"""Policies of retries. Their code is shown as it is here, and it is what runs.

Each module has `ask` and `ask_async`, and lists in `SYNC` and `ASYNC` what their scripts contain. Importing
one loads the SDK: import it where a policy runs.
"""
