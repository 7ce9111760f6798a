"""Jobs from files to files: what a process of its own runs for a session."""
