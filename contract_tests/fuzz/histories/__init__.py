"""Histories: random sequences of calls against a reference model."""
