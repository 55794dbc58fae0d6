"""Hostile input: requests that are malformed, huge or ambiguous."""
