"""The one door to a server, and what every request goes through behind it."""
