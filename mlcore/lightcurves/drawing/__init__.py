"""What of a light curve and of its folds is kept to be drawn."""
