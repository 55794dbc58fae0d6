"""Tests of the door to a server, over a transport that answers what the test wants."""
