"""What the pages show as tables and in words."""
