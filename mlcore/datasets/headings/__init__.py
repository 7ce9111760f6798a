"""What a table's headings mean: which stands for which of a mission's columns, in which unit."""
