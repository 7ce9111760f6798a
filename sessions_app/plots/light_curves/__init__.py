"""What is drawn of a light curve and of a transit signal in it, as vetters look at them."""
