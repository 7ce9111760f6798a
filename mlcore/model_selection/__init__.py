"""Which rows are learnt from and which are tested on."""
