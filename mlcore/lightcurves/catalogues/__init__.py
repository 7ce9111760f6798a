"""What the catalogues of Kepler, K2 and TESS say of a light curve's star and of stars nearby."""
