"""What a model says of each object, and what physics says of it."""
