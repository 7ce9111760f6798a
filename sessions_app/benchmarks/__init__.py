"""Measurements of the product against something else, as ratios within one run."""
