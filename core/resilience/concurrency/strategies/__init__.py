"""Ways to send many requests. Their code is shown as it is here, and it is what runs.

Each module has `ask_all`, and lists in `PARTS` what its script contains. Importing one loads the SDK: import
it where a strategy runs.
"""
