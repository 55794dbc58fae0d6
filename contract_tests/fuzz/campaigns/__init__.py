"""Campaigns: schemathesis' engine on sessions that are really there."""
