"""From the light curve of a star to what is known of each transit signal in it."""
