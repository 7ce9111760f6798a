"""What is kept as files, and what comes in as one."""
