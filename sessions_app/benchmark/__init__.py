"""How fast the server is: a private one that is started, asked as by any script, and stopped."""
