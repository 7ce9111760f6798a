"""Clients that send or read slowly cost nobody else anything."""
