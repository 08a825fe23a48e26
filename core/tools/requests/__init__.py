"""The requests of a loop of tools, and what the replies of each API contain."""
