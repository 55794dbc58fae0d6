"""The command lines, and the files that they are given."""
