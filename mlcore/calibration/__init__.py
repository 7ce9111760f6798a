"""Probabilities that mean what they say, and sets that hold the answer as often as promised."""
