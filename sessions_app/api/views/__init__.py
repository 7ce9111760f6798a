"""The views of the modern API."""
