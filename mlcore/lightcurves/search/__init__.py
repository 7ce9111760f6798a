"""Finding transits in a light curve that has no trend any more."""
