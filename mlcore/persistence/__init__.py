"""Models as files: written at once, versioned, loaded by an allow-list."""
