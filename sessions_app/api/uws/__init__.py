"""The sessions' states as jobs of the Universal Worker Service (IVOA UWS 1.1), and VOSI."""
