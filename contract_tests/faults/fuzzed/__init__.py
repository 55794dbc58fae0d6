"""Faults that campaigns, histories, races or hostile input have to find."""
