"""How the server is, for people and for machines."""
