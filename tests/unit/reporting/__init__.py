"""Tests of verdicts and reports: from what a test found to what a reader relies on."""
