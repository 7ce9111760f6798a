"""What every request passes before a view answers it."""
