"""Tests of the pages in a real browser, which Debian has as a package."""
