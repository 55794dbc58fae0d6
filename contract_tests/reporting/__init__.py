"""Reports: the format of a run, what is made of it, and what is read back."""
