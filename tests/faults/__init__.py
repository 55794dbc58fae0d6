"""Miniatures: servers that are wrong, or merely different, in one decision; the suite has to tell them apart."""
