"""The best models within a time budget, and what they make together."""
