"""Tests of the checks: each with an exchange that conforms and with one for every way to be wrong."""
