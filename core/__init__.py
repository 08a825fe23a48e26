"""What the playground does, without a user interface: usable from a REPL."""
