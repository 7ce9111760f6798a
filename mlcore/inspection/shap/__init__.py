"""Signed contributions of the columns to a score, a method for each kind of model."""
