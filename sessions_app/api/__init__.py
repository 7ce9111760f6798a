"""The HTTP interfaces: the modern one, and the old contract in one file."""
