"""From checked tables to a fitted, calibrated, tested and explained model."""
