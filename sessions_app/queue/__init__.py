"""The queue's tasks, who takes them, and who is there to."""
