"""A board as one HTML file, for people without this app: no server, no network, no key."""
