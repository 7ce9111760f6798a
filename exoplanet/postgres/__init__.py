"""The project's own Postgres, for whoever names no other."""
