"""Measurements, and the simulated blogosphere that they and the tests share."""
