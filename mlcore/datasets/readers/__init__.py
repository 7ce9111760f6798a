"""Reading files of any format, a file each, within limits that hostile ones cannot pass."""
