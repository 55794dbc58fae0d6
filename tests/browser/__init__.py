"""Tests of conformance.html in a real browser: Debian's chromium, driven by Playwright."""
