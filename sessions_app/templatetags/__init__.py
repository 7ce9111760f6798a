"""Filters and tags of the templates; Django finds this package by its name."""
