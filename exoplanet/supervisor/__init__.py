"""Everything that runs under one command, started, watched and stopped together."""
