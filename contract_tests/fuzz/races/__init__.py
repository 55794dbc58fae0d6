"""Races: calls at once, and whether some order explains them."""
