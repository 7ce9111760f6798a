"""Looking more closely at a model, or at what it says of one object, when somebody asks."""
