"""Transit signals of light curves: what is measured of them, and what it says to a vetter."""
