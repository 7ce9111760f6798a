"""The missions, a file each: everything that is known of one stands there."""
