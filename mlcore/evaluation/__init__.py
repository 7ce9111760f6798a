"""What a trained model is worth, tested in every way that was asked for."""
