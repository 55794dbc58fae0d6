"""A recording in the place of a server."""
