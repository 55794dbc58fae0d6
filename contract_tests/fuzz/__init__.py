"""What hand-written scenarios do not think of: campaigns, the session model, races, hostile input."""
