"""What a worker does with a session."""
